/* lua/match.h - one search by a pattern of Lua, outside of any script.
 * Owns:    nothing.
 * Thread:  any.
 * Errors:  none; what is no pattern, or would take more than PATTERN_FITS_STEPS_MAX steps, does not match. */
#pragma once

#include <stdbool.h>

#define PATTERN_FITS_STEPS_MAX 200000

bool pattern_fits(const char *pattern, const char *subject);
