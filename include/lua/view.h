/* lua/view.h - read-only views of tables, so that files share what nobody may change.
 * Owns:    nothing; a view and its table live as long as the state.
 * Thread:  the owner of the state.
 * Errors:  setting a member raises, with the reason that the view was made with.
 *
 * A view is an empty table whose metatable leads to the real one; `pairs`, `next`, `#`, `ipairs` and the libraries see through it.  C code that
 * reads tables raw opens it first. */
#pragma once

#include <lua.h>
#include <stdbool.h>

#include "lua/raise.h"

/* Makes what views need in a new state. */
RAISES void lua_view_setup(lua_State *L);

/* Pushes the view of the table at `index`, always the same one; of a view, itself.  `why` is said to who sets a member; a literal. */
RAISES void lua_view_push(lua_State *L, int index, const char *why);
/* Replaces the table on top by its view. */
RAISES void lua_view_close(lua_State *L, const char *why);
/* Pushes the view of the table at `index`, if it has one; else nothing. */
bool lua_view_find(lua_State *L, int index);

/* Replaces a view at `index` by the table behind it; anything else stays. */
void lua_view_open(lua_State *L, int index);
bool lua_view_is(lua_State *L, int index);

/* For the environment: getmetatable, setmetatable and next that know views and forbid finalizers. */
RAISES int lua_view_getmetatable(lua_State *L);
RAISES int lua_view_setmetatable(lua_State *L);
RAISES int lua_view_next(lua_State *L);
