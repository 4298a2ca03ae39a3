/* Counting instructions and bytes; what is over the limit ends the run. */
#include "lua_budget.h"

#include <lauxlib.h>

#define HOOK_INSTRUCTIONS    10000
#define WATCH_BUDGET_MIN     10000000ull /* smaller ones are counted from the beginning: a tick takes longer */
#define INSTRUCTIONS_DEFAULT 50000000ull
#define MEMORY_DEFAULT       (1024u << 20)
#define SUBJECT_DEFAULT      (64u << 10)

static const char BUDGET_KEY; /* its address is the registry key */

void lua_budget_init(struct lua_budget *budget, const struct rules_limits *limits)
{
    budget->limits = *limits;
    if (budget->limits.instructions == 0)
        budget->limits.instructions = INSTRUCTIONS_DEFAULT;
    if (budget->limits.memory == 0)
        budget->limits.memory = MEMORY_DEFAULT;
    if (budget->limits.string == 0)
        budget->limits.string = SUBJECT_DEFAULT;
}

void lua_budget_done(struct lua_budget *budget)
{
    lua_heap_done(&budget->memory);
}

/* old_size is a type tag when pointer is NULL. */
void *lua_budget_allocate(void *user, void *pointer, size_t old_size, size_t new_size)
{
    struct lua_budget *budget = user;
    if (pointer == NULL)
        old_size = 0;
    if (new_size == 0) {
        budget->heap -= old_size;
        return lua_heap_move(&budget->memory, pointer, old_size, 0);
    }
    if (new_size > old_size && budget->heap + (new_size - old_size) > budget->limits.memory) {
        budget->out_of_memory = true;
        return NULL;
    }
    void *moved = lua_heap_move(&budget->memory, pointer, old_size, new_size);
    if (moved != NULL)
        budget->heap += new_size - old_size;
    return moved;
}

void lua_budget_bind(struct lua_budget *budget, lua_State *L)
{
    lua_pushlightuserdata(L, budget);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &BUDGET_KEY);
}

struct lua_budget *lua_budget_of(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &BUDGET_KEY);
    struct lua_budget *budget = lua_touserdata(L, -1);
    lua_pop(L, 1);
    return budget;
}

static void count_instructions(lua_State *L, lua_Debug *activation)
{
    lua_budget_charge(lua_budget_of(L), L, HOOK_INSTRUCTIONS);
}

void lua_budget_watch(struct lua_budget *budget, lua_State *L)
{
    if (budget->limits.instructions >= WATCH_BUDGET_MIN)
        lua_watch_start(&budget->watch, L, count_instructions, HOOK_INSTRUCTIONS);
}

void lua_budget_unwatch(struct lua_budget *budget)
{
    lua_watch_stop(&budget->watch);
}

void lua_budget_begin(struct lua_budget *budget, lua_State *L)
{
    budget->instructions = 0;
    budget->spent = budget->out_of_memory = false;
    if (budget->watch.running)
        lua_watch_call_begins(&budget->watch);
    else
        lua_sethook(L, count_instructions, LUA_MASKCOUNT, HOOK_INSTRUCTIONS);
}

void lua_budget_end(struct lua_budget *budget, lua_State *L)
{
    lua_watch_call_ends(&budget->watch);
    lua_sethook(L, NULL, 0, 0);
}

uint64_t lua_budget_allowance(const struct lua_budget *budget)
{
    return budget->instructions < budget->limits.instructions ? budget->limits.instructions - budget->instructions : 0;
}

void lua_budget_charge(struct lua_budget *budget, lua_State *L, uint64_t instructions)
{
    budget->instructions += instructions;
    if (budget->instructions <= budget->limits.instructions)
        return;
    if (!budget->spent) {
        budget->spent = true;
        lua_sethook(L, count_instructions, LUA_MASKCOUNT, 1);
    }
    luaL_error(L, "the rule used up its budget of %d million instructions",
               (int)(budget->limits.instructions / 1000000));
}
