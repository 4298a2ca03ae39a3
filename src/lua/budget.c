/* Counting instructions, time and bytes; what is over the limit ends the run. */
#include "lua/budget.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "stack.h"

#define HOOK_INSTRUCTIONS    10000
#define WATCH_BUDGET_MIN     10000000ull /* smaller ones are counted from the beginning: a tick takes longer */
#define INSTRUCTIONS_DEFAULT 50000000ull
#define MEMORY_DEFAULT       (1024u << 20)
#define SUBJECT_DEFAULT      (64u << 10)
#define TIME_DEFAULT_MS      10000u
#define RESULT_DEFAULT       (64u << 20)

static const char BUDGET_KEY; /* its address is the registry key */

void lua_budget_init(struct lua_budget *budget, const struct lua_limits *limits)
{
    budget->limits = *limits;
    if (budget->limits.instructions == 0)
        budget->limits.instructions = INSTRUCTIONS_DEFAULT;
    if (budget->limits.memory == 0)
        budget->limits.memory = MEMORY_DEFAULT;
    if (budget->limits.string == 0)
        budget->limits.string = SUBJECT_DEFAULT;
    if (budget->limits.time_ms == 0)
        budget->limits.time_ms = TIME_DEFAULT_MS;
    if (budget->limits.result == 0)
        budget->limits.result = RESULT_DEFAULT;
}

void lua_budget_done(struct lua_budget *budget)
{
    lua_heap_done(&budget->memory);
}

static void *refuse(struct lua_budget *budget, enum lua_shortage shortage)
{
    char place[LUA_PLACE_MAX] = "";
    if (budget->L != NULL)
        lua_place_find(budget->L, place);
    if (place[0] != '\0' ||
        budget->shortage == LUA_SHORTAGE_NONE) { /* what Lua asks for while it unwinds has no place */
        budget->shortage = shortage;
        memcpy(budget->place, place, sizeof(place));
    }
    return NULL;
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
    if (new_size > old_size && new_size > LUA_BLOCK_MAX)
        return refuse(budget, LUA_SHORTAGE_BLOCK);
    if (pointer == NULL && new_size > LUA_STACK_MAX && budget->L != NULL && lua_stack_is_growing(budget->L, new_size))
        return refuse(budget, LUA_SHORTAGE_STACK);
    if (new_size > old_size && budget->heap + (new_size - old_size) > budget->limits.memory)
        return refuse(budget, LUA_SHORTAGE_HEAP);
    void *moved = lua_heap_move(&budget->memory, pointer, old_size, new_size);
    if (moved == NULL)
        return refuse(budget, LUA_SHORTAGE_HEAP);
    budget->heap += new_size - old_size;
    return moved;
}

RAISES void lua_budget_bind(struct lua_budget *budget, lua_State *L)
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

static bool is_late(const struct lua_budget *budget)
{
    if (budget->watch.running)
        return budget->watch.late != 0;
    return clock_monotonic_ms() - budget->start_ms > budget->limits.time_ms;
}

static RAISES void count_instructions(lua_State *L, lua_Debug *activation)
{
    lua_budget_charge(lua_budget_of(L), L, HOOK_INSTRUCTIONS);
}

void lua_budget_watch(struct lua_budget *budget, lua_State *L)
{
    lua_watch_start(&budget->watch, L, count_instructions, HOOK_INSTRUCTIONS, budget->limits.time_ms);
}

void lua_budget_unwatch(struct lua_budget *budget)
{
    lua_watch_stop(&budget->watch);
}

void lua_budget_begin(struct lua_budget *budget, lua_State *L)
{
    budget->instructions = 0;
    budget->spent = budget->out_of_memory = false;
    budget->shortage = LUA_SHORTAGE_NONE;
    budget->L = L;
    if (!budget->watch.running)
        budget->start_ms = clock_monotonic_ms();
    if (!budget->watch.running || budget->limits.instructions < WATCH_BUDGET_MIN)
        lua_sethook(L, count_instructions, LUA_MASKCOUNT, HOOK_INSTRUCTIONS);
    if (budget->watch.running)
        lua_watch_call_begins(&budget->watch);
}

void lua_budget_end(struct lua_budget *budget, lua_State *L)
{
    lua_watch_call_ends(&budget->watch);
    lua_sethook(L, NULL, 0, 0);
    budget->L = NULL;
}

uint64_t lua_budget_allowance(const struct lua_budget *budget)
{
    return budget->instructions < budget->limits.instructions ? budget->limits.instructions - budget->instructions : 0;
}

/* Once it is spent, the hook fires at every instruction. */
static RAISES void end_run(struct lua_budget *budget, lua_State *L)
{
    char place[LUA_PLACE_MAX];
    if (!budget->spent) {
        budget->spent = true;
        lua_sethook(L, count_instructions, LUA_MASKCOUNT, 1);
    }
    lua_place_find(L, place);
    if (budget->instructions > budget->limits.instructions)
        lua_pushfstring(L, "%s: the rule used up its budget of %d million instructions (--rule-instruction-limit)",
                        place, (int)(budget->limits.instructions / 1000000));
    else
        lua_pushfstring(L, "%s: the rule took longer than its limit of %d ms (--rule-time-limit)", place,
                        (int)budget->limits.time_ms);
    lua_error(L);
}

RAISES void lua_budget_charge(struct lua_budget *budget, lua_State *L, uint64_t instructions)
{
    if (budget == NULL)
        return;
    budget->instructions += instructions;
    if (budget->instructions > budget->limits.instructions || is_late(budget))
        end_run(budget, L);
}

RAISES void lua_budget_charge_bytes(struct lua_budget *budget, lua_State *L, size_t bytes)
{
    lua_budget_charge(budget, L, bytes / LUA_BYTES_PER_INSTRUCTION);
}

void lua_budget_tell_shortage(const struct lua_budget *budget, char *ret_text, size_t size)
{
    if (budget->shortage == LUA_SHORTAGE_STACK)
        snprintf(ret_text, size, "%s: stack overflow", budget->place);
    else if (budget->shortage == LUA_SHORTAGE_BLOCK)
        snprintf(ret_text, size, "%s: a text or a table over the limit of %u MiB", budget->place, LUA_BLOCK_MAX >> 20);
    else
        snprintf(ret_text, size, "%s: the rules used up their heap of %zu MiB (--rule-memory-limit)", budget->place,
                 budget->limits.memory >> 20);
}
