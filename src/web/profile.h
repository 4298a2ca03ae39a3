/* profile.h - where time and memory go, as JSON, for /debug/profile.   Owns: nothing.   Thread: loop thread.   Errors: none. */
#pragma once

#include "sync/overview.h"
#include "timing.h"

/* How long the page has kept the loop. */
struct profile_page {
    const struct timing *texts, *slices, *events;
};

void profile_print(struct sync_controller *controller, const struct profile_page *page, struct buf *out);
