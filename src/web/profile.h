/* profile.h - where time and memory go, as JSON, for /debug/profile.   Owns: nothing.   Thread: loop thread.   Errors: none. */
#pragma once

#include "sync/overview.h"

void profile_print(struct sync_controller *controller, struct buf *out);
