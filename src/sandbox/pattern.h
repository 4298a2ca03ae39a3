/* pattern.h - the part of Lua's patterns that Kong's schemas use: classes, sets, * + - ? and the two anchors.
 * Owns:    nothing.
 * Thread:  any.
 * Errors:  none; a subject that would take too many steps does not match. */
#pragma once

#include <stdbool.h>

bool pattern_matches(const char *pattern, const char *subject);
