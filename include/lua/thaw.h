/* lua/thaw.h - a value that its receiver may change: what it shares with others is copied.
 * Owns:    nothing.
 * Thread:  the owner of the state.
 * Errors:  raises for what is nested too deep. The work is charged.
 *
 * Overrides are promised that they may change what a step returned, and the fields of an entity; rules put lists of their files and modules
 * into these, which are read-only views (lua_view.h). */
#pragma once

#include <lua.h>

#include "lua/raise.h"

/* Replaces views within the table at `index`, or the table itself, by copies of what is behind them. Anything else stays. */
RAISES void lua_thaw(lua_State *L, int index);
