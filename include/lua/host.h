/* lua/host.h - the Lua state: how rule files are run, and within which limits.
 * Owns:    the lua_State and its budget.
 * Thread:  one owner.
 * Errors:  lua_host_call returns a negative ERR_* with "file:line: text"; nothing that Lua raises goes past it. Where Lua raises outside of a
 *          call (it has no memory left for a few bytes), the program says so and ends. */
#pragma once

#include <lua.h>

#include "base/buf.h"
#include "lua/budget.h"
#include "lua/raise.h"

struct lua_host {
    lua_State *L;
    struct lua_budget budget;
    int depth;             /* calls within calls: a module that a running rule requires counts against that rule */
    int environment_ref;   /* the globals of files, in the registry */
    bool loaded;           /* all files have been read: what was not required until now is not there */
    const char *library;   /* folder that `require 'lib.x'` looks in first; borrowed */
    const char *overrides; /* and then; NULL */
};

int lua_host_open(struct lua_host *host, const struct lua_limits *limits, struct err *err) MUST_USE;
void lua_host_close(struct lua_host *host);

/* Around the loading of files, and around a wave: the limit of time holds for each call in between. */
void lua_host_watch(struct lua_host *host);
void lua_host_unwatch(struct lua_host *host);

/* lua_pcall with budget and heap accounting; the stack holds the function and its arguments. */
int lua_host_call(struct lua_host *host, int arguments, int results, struct err *err) MUST_USE;

/* Calls a C function with one pointer as its argument. */
int lua_host_enter(struct lua_host *host, lua_CFunction function, void *user, struct err *err) MUST_USE;

/* Loads a text chunk with the rules' environment and runs it; leaves its one result on the stack, frozen. `shown` is its name in messages. */
int lua_host_run(struct lua_host *host, const struct buf *text, const char *shown, struct err *err) MUST_USE;

#define LUA_HOST_FILE_MAX (1u << 20) /* bytes of a file */
int lua_host_read_file(const char *path, struct buf *ret_text, struct err *err) MUST_USE;
