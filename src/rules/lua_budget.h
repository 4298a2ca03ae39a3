/* lua_budget.h - how much time and memory a run in the Lua state may take.
 * Owns:    the state's heap, until lua_budget_done.
 * Thread:  the owner of the state.
 * Errors:  over the budget it raises; memory over the limit is NULL, as Lua wants it.
 *
 * Instructions are counted by a hook; between lua_budget_watch and lua_budget_unwatch only calls that take long have one.  Once they
 * are spent the hook fires at every instruction, so a pcall around an endless loop does not survive; the pcall that
 * rules see passes such errors on as well. */
#pragma once

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#include "lua_heap.h"
#include "lua_watch.h"
#include "rules/rules.h"

struct lua_budget {
    struct rules_limits limits;
    size_t heap; /* bytes that Lua holds */
    struct lua_heap memory;
    uint64_t instructions; /* of the present, outermost call */
    struct lua_watch watch;
    bool spent; /* the instructions of the present call are used up */
    bool out_of_memory;
};

/* Limits of 0 become the usual ones. */
void lua_budget_init(struct lua_budget *budget, const struct rules_limits *limits);
void lua_budget_done(struct lua_budget *budget); /* once the state is closed */

/* A lua_Alloc; `user` is the budget. */
void *lua_budget_allocate(void *user, void *pointer, size_t old_size, size_t new_size);

/* Ties the budget to the state, and finds it again.  Tying may raise. */
void lua_budget_bind(struct lua_budget *budget, lua_State *L);
struct lua_budget *lua_budget_of(lua_State *L);

/* Around many calls on one thread: most of them are too short to be counted. */
void lua_budget_watch(struct lua_budget *budget, lua_State *L);
void lua_budget_unwatch(struct lua_budget *budget);

/* Around one call; calls within it count against it. */
void lua_budget_begin(struct lua_budget *budget, lua_State *L);
void lua_budget_end(struct lua_budget *budget, lua_State *L);

/* Work that no count hook sees: how many instructions the run has left, and counting some. */
uint64_t lua_budget_allowance(const struct lua_budget *budget);
void lua_budget_charge(struct lua_budget *budget, lua_State *L, uint64_t instructions);
