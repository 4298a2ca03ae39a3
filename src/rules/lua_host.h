/* lua_host.h - the Lua state: what rule files may see, and how much time and memory a run may take.
 * Owns:    the lua_State and its heap.
 * Thread:  one owner.
 * Errors:  lua_host_call returns a negative ERR_* with "file:line: text"; nothing that Lua raises goes past it.
 *
 * The instruction budget is a count hook; between lua_host_watch and lua_host_unwatch only calls that take long have one.  Once it is spent the hook fires at every instruction, so a pcall around an endless loop does not
 * survive; the pcall that rules see passes such errors on as well. */
#pragma once

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#include "lua_heap.h"
#include "lua_watch.h"
#include "rules/rules.h"

struct lua_host {
    lua_State *L;
    struct rules_limits limits;
    size_t heap; /* bytes that Lua holds */
    struct lua_heap memory;
    int depth;             /* calls within calls: a module that a running rule requires counts against that rule */
    uint64_t instructions; /* of the outermost call */
    struct lua_watch watch;
    bool spent; /* the budget of the present call is used up */
    bool out_of_memory;
    const char *library;   /* folder that `require 'lib.x'` looks in first; borrowed */
    const char *overrides; /* and then; NULL */
};

int lua_host_open(struct lua_host *host, const struct rules_limits *limits, struct err *err) MUST_USE;
void lua_host_close(struct lua_host *host);
struct lua_host *lua_host_of(lua_State *L);

/* Work that no count hook sees: how many instructions the run has left, and counting some.  Over the budget it raises. */
uint64_t lua_host_allowance(const struct lua_host *host);
void lua_host_charge(struct lua_host *host, lua_State *L, uint64_t instructions);

/* Around many calls on one thread: most of them are too short to be counted. */
void lua_host_watch(struct lua_host *host);
void lua_host_unwatch(struct lua_host *host);

/* lua_pcall with traceback-free message, budget and heap accounting; the stack holds the function and its arguments. */
int lua_host_call(struct lua_host *host, int arguments, int results, struct err *err);

/* Loads a text chunk with the rules' environment and runs it; leaves its one result on the stack. `shown` is its name in messages. */
int lua_host_run_file(struct lua_host *host, const char *path, const char *shown, struct err *err);
