/* lua/place.h - where in which file something happened, and messages that say it.
 * Owns:    nothing.
 * Thread:  the owner of the state.
 * Errors:  none; finding a place neither raises nor takes memory, so that it is safe where memory has run out. */
#pragma once

#include <lua.h>

#include "lua/raise.h"

#define LUA_PLACE_MAX 100

/* "file:line" of the innermost function in Lua that is running; "" when there is none. */
void lua_place_find(lua_State *L, char ret_place[LUA_PLACE_MAX]);

/* A message handler for lua_pcall: whatever was raised becomes a text that begins with a place. */
RAISES int lua_place_message(lua_State *L);
