/* lua/sandbox.h - a Lua state in which rule files run: allow-listed globals that nobody can change.
 * Owns:    nothing; see lua_host.h.
 * Thread:  one owner.
 * Errors:  no memory, or a Lua whose bytecode we cannot read. */
#pragma once

#include "lua/host.h"

/* Opens the host and fills its state; lua_host_close ends it. */
int lua_sandbox_open(struct lua_host *host, const struct lua_limits *limits, struct err *err) MUST_USE;
