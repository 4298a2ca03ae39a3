/* lua/budget.h - how much time and memory a run in the Lua state may take.
 * Owns:    the state's heap, until lua_budget_done.
 * Thread:  the owner of the state.
 * Errors:  over the budget it raises, with file and line; memory over the limit is NULL, as Lua wants it.
 *
 * Three things end a run, and no pcall that rules see survives any of them: its instructions are spent, its time is over, memory has run out.
 * Instructions are counted by a hook; between lua_budget_watch and lua_budget_unwatch only calls that take long have one.  Work that C does at
 * a rule's request is charged as instructions by whoever does it.  A single block is limited, too: one instruction, or one call of a C function
 * that is not charged, never handles more than LUA_BLOCK_MAX bytes, so that the limit of time holds within the time that takes. */
#pragma once

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#include "lua/heap.h"
#include "lua/limits.h"
#include "lua/place.h"
#include "lua/raise.h"
#include "lua/watch.h"

#define LUA_BLOCK_MAX             (64u << 20) /* bytes of one text, or of the array or hash part of a table */
#define LUA_BYTES_PER_INSTRUCTION 16          /* that C copies, prints or searches */

enum lua_shortage { LUA_SHORTAGE_NONE, LUA_SHORTAGE_HEAP, LUA_SHORTAGE_BLOCK, LUA_SHORTAGE_STACK };

struct lua_budget {
    struct lua_limits limits;
    size_t heap; /* bytes that Lua holds */
    struct lua_heap memory;
    lua_State *L;          /* whose place is noted when memory runs out */
    uint64_t instructions; /* of the present, outermost call */
    uint64_t start_ms;     /* of it, where there is no timer */
    struct lua_watch watch;
    bool spent;                 /* the instructions or the time of the present call are used up */
    bool out_of_memory;         /* an error for want of memory was raised in it */
    enum lua_shortage shortage; /* of the last allocation that was refused */
    char place[LUA_PLACE_MAX];  /* and where that was */
};

/* Limits of 0 become the usual ones. */
void lua_budget_init(struct lua_budget *budget, const struct lua_limits *limits);
void lua_budget_done(struct lua_budget *budget); /* once the state is closed */

/* A lua_Alloc; `user` is the budget. */
void *lua_budget_allocate(void *user, void *pointer, size_t old_size, size_t new_size);

/* Ties the budget to the state, and finds it again (NULL: the state has none). */
RAISES void lua_budget_bind(struct lua_budget *budget, lua_State *L);
struct lua_budget *lua_budget_of(lua_State *L);

/* Around many calls on one thread: most of them are too short to be counted. */
void lua_budget_watch(struct lua_budget *budget, lua_State *L);
void lua_budget_unwatch(struct lua_budget *budget);

/* Around one call; calls within it count against it. */
void lua_budget_begin(struct lua_budget *budget, lua_State *L);
void lua_budget_end(struct lua_budget *budget, lua_State *L);

/* Work that no count hook sees: how many instructions the run has left, and counting some.  A budget of NULL has no end. */
uint64_t lua_budget_allowance(const struct lua_budget *budget);
RAISES void lua_budget_charge(struct lua_budget *budget, lua_State *L, uint64_t instructions);
RAISES void lua_budget_charge_bytes(struct lua_budget *budget, lua_State *L, size_t bytes);

/* Why memory ran out, as a sentence that begins with the place; cut to `size`. */
void lua_budget_tell_shortage(const struct lua_budget *budget, char *ret_text, size_t size);
