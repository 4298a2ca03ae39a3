/* lua/freeze.h - what a file leaves behind when it has been loaded can be read by every run, and changed by none.
 * Owns:    nothing.
 * Thread:  the owner of the state.
 * Errors:  raises, with the file and line that is to blame, when a function could keep something between runs: it assigns to a variable outside
 *          of it, or an iterator was made. The work is charged.
 *
 * Everything that can be reached from a value is walked: members, metatables, and the variables of functions.  Wherever a table stands, its
 * view (lua_view.h) takes its place. */
#pragma once

#include <lua.h>

#include "lua/raise.h"

RAISES void lua_freeze_setup(lua_State *L);
/* The C functions with upvalues that the value on top of the stack (a library) holds keep nothing. */
RAISES void lua_freeze_trust(lua_State *L);
/* Replaces the value on top of the stack by what others may see of it.  `place` is blamed where no function is to blame. */
RAISES void lua_freeze(lua_State *L, const char *place);
