/* stack.h - how much of Lua's stack is in use.
 * Owns:    nothing.
 * Thread:  the owner of the state.
 * Errors:  none; neither raises nor takes memory.
 *
 * Lua's own limit, a million values, is too high for us: there are instructions (a call of a table whose __call is a table) that move all that a
 * function has on the stack up by one, again and again, until the stack is full; nothing can stop them meanwhile. */
#pragma once

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

#define LUA_STACK_MAX   (1u << 20) /* bytes: 65,536 values */
#define LUA_RESULTS_MAX 32768      /* values that a C function returns at once */

/* True when Lua can only want a block of this size for a bigger stack. */
bool lua_stack_is_growing(lua_State *L, size_t block_size);
