/* table.h - the functions of the library `table` for rules: as Lua's own, with work that is bounded.
 * Owns:    nothing.
 * Thread:  the owner of the state.
 * Errors:  raises as Lua's own; ranges over LUA_RANGE_MAX elements are refused. `insert`, `remove` and `sort` work on the table itself: one with
 *          __len or __newindex is refused. */
#pragma once

#include <lua.h>

#include "lua/raise.h"

#define LUA_RANGE_MAX (1 << 22) /* elements that one call goes through: as many as fit into one block */

/* Pushes the library's table. */
RAISES void lua_table_push(lua_State *L);
