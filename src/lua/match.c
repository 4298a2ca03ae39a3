/* A state that holds nothing but the search, because the matcher raises. */
#include "lua/match.h"

#include <lauxlib.h>
#include <string.h>

#include "base/alloc.h"
#include "lua/budget.h"
#include "pattern.h"

typedef int nresults;

struct match {
    struct lua_budget budget;
    const char *pattern, *subject;
    bool found;
};

static RAISES nresults search(lua_State *L)
{
    struct match *match = lua_touserdata(L, 1);
    lua_budget_bind(&match->budget, L);
    const char *pattern = match->pattern, *at = match->subject, *end = at + strlen(at);
    struct pattern_search search;
    pattern_begin(&search, L, at, strlen(at), pattern + strlen(pattern));
    bool anchored = *pattern == '^';
    do
        match->found = pattern_match(&search, at, pattern + anchored) != NULL;
    while (!match->found && !anchored && at++ < end);
    if (match->found)
        pattern_push_captures(&search, NULL, NULL); /* raises for one that is not closed */
    return 0;
}

bool pattern_fits(const char *pattern, const char *subject)
{
    struct match match = {.pattern = pattern, .subject = subject};
    struct lua_limits limits = {.instructions = PATTERN_FITS_STEPS_MAX};
    lua_budget_init(&match.budget, &limits);
    lua_State *L = lua_newstate(lua_budget_allocate, &match.budget);
    if (L == NULL)
        return false; /* as what takes too long */
    lua_budget_begin(&match.budget, L);
    lua_pushcfunction(L, search);
    lua_pushlightuserdata(L, &match);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK)
        match.found = false;
    lua_budget_end(&match.budget, L);
    lua_close(L);
    lua_budget_done(&match.budget);
    return match.found;
}
