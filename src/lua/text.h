/* text.h - the libraries `string` and `utf8` for rules: as Lua's own, with work that is bounded and no addresses shown.
 * Owns:    nothing.
 * Thread:  the owner of the state.
 * Errors:  raises as Lua's own; repeated texts over LUA_REPEAT_MAX bytes are refused. */
#pragma once

#include <lua.h>
#include <stddef.h>

#include "lua/raise.h"

#define LUA_REPEAT_MAX (16u << 20)

/* Push the libraries' tables, made from Lua's own, which are globals; `subject_max` is the longest text that is searched. */
RAISES void lua_text_push_string(lua_State *L, size_t subject_max);
RAISES void lua_text_push_utf8(lua_State *L);

/* tostring that shows no addresses: they would differ from run to run. */
RAISES int lua_text_tostring(lua_State *L);

/* Replaces the function of Lua's own on top of the stack by one that is charged by the length of its first argument. */
RAISES void lua_text_charge_argument(lua_State *L);
