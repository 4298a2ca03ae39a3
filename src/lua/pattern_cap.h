/* pattern_cap.h - string.find, match, gmatch and gsub whose work counts against the budget of the run.
 * Owns: nothing.   Thread: the owner of the state.   Errors: raises, naming the limit. */
#pragma once

#include <lua.h>
#include <stddef.h>

#include "lua/raise.h"

#define PATTERN_BYTES_MAX 256

/* Replaces the four functions in the string library's table, which is on top of the stack; `subject_max` in bytes. */
RAISES void pattern_cap_install(lua_State *L, size_t subject_max);
