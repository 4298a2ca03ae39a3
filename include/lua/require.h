/* lua/require.h - modules: files below `lib/` of the library or of the operators' folder, each run once.
 * Owns:    nothing; modules live in the state.
 * Thread:  the owner of the state.
 * Errors:  `require` raises for what is not there, what is broken, and what requires itself. */
#pragma once

#include "lua/host.h"

/* Makes the table of modules of a new state; the module 'host' is the table on top of the stack, which is popped. */
RAISES void lua_require_setup(lua_State *L, struct lua_host *host);
/* The function `require` of rules. */
RAISES int lua_require(lua_State *L);

/* Runs the modules that nobody has required yet, so that all that is broken is found, and nothing is read later. */
int lua_require_all(struct lua_host *host, struct err *err) MUST_USE;
