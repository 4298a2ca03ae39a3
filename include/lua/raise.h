/* lua/raise.h - the mark of functions that may raise a Lua error.
 * Owns:    nothing.   Thread: any.   Errors: that is what it is about.
 *
 * A function that is marked may be left by a longjmp wherever it calls Lua or another marked function, so it holds nothing then that
 * needs freeing, and keeps no pointer into a Lua value that is no longer on the stack.  What it collects belongs to something that
 * outlives the call: a value on the Lua stack, or a structure that the caller of lua_host_call owns.  A function without the mark calls
 * neither marked functions nor parts of Lua that may raise, but through lua_pcall; spec/lint/raises.lua checks both. */
#pragma once

#define RAISES
