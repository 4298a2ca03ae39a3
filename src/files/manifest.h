/* manifest.h - which files hold manifests.   Owns: nothing.   Thread: any.   Errors: none. */
#pragma once

#include <stdbool.h>

bool manifest_has_ending(const char *path); /* .yaml, .yml, .json */
