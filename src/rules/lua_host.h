/* lua_host.h - the Lua state: what rule files may see.
 * Owns:    the lua_State and its budget.
 * Thread:  one owner.
 * Errors:  lua_host_call returns a negative ERR_* with "file:line: text"; nothing that Lua raises goes past it. */
#pragma once

#include <lua.h>

#include "lua_budget.h"

struct lua_host {
    lua_State *L;
    struct lua_budget budget;
    int depth;             /* calls within calls: a module that a running rule requires counts against that rule */
    const char *library;   /* folder that `require 'lib.x'` looks in first; borrowed */
    const char *overrides; /* and then; NULL */
};

int lua_host_open(struct lua_host *host, const struct rules_limits *limits, struct err *err) MUST_USE;
void lua_host_close(struct lua_host *host);

/* lua_pcall with traceback-free message, budget and heap accounting; the stack holds the function and its arguments. */
int lua_host_call(struct lua_host *host, int arguments, int results, struct err *err);

/* Loads a text chunk with the rules' environment and runs it; leaves its one result on the stack. `shown` is its name in messages. */
int lua_host_run_file(struct lua_host *host, const char *path, const char *shown, struct err *err);
