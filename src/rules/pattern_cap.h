/* pattern_cap.h - string.find, match, gmatch and gsub with a bound on their work.
 * Owns: nothing.   Thread: the owner of the state.   Errors: raises, naming the limit.
 * Count hooks do not fire inside the pattern matcher, and a short pattern with many repetitions can run for ages. */
#pragma once

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

#define PATTERN_BYTES_MAX 256
#define PATTERN_WORK_MAX  1e8 /* estimated steps of one search */

/* Replaces the four functions in the string library's table, which is on top of the stack; `subject_max` in bytes. */
void pattern_cap_install(lua_State *L, size_t subject_max);
