/* Thawing walks a value once, however often it holds a table; copies are made of views only. */
#include "lua/thaw.h"

#include <lauxlib.h>

#include "lua/budget.h"
#include "lua/view.h"

#define DEPTH_MAX 200

struct thawing {
    lua_State *L;
    struct lua_budget *budget;
    int seen; /* on the stack: table or view -> what stands for it */
};

static RAISES void thaw(struct thawing *thawing, int depth);

/* Notes that the table on top stands for the value at `index`. */
static RAISES void note(struct thawing *thawing, int index)
{
    lua_pushvalue(thawing->L, index);
    lua_pushvalue(thawing->L, -2);
    lua_rawset(thawing->L, thawing->seen);
}

/* The view on top becomes a new table with the same members and metatable. */
static RAISES void copy_view(struct thawing *thawing)
{
    lua_State *L = thawing->L;
    int view = lua_gettop(L);
    lua_pushvalue(L, view);
    lua_view_open(L, view + 1);
    lua_newtable(L);
    note(thawing, view);
    for (lua_pushnil(L); lua_next(L, view + 1) != 0;) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, view + 2);
    }
    if (lua_getmetatable(L, view + 1))
        lua_setmetatable(L, view + 2);
    lua_replace(L, view);
    lua_settop(L, view);
}

static RAISES void thaw_members(struct thawing *thawing, int depth)
{
    lua_State *L = thawing->L;
    int table = lua_gettop(L);
    for (lua_pushnil(L); lua_next(L, table) != 0;) {
        lua_budget_charge(thawing->budget, L, 1);
        if (!lua_istable(L, -1)) {
            lua_pop(L, 1);
            continue;
        }
        thaw(thawing, depth + 1);
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, table);
    }
}

/* The table on top. */
static RAISES void thaw(struct thawing *thawing, int depth)
{
    lua_State *L = thawing->L;
    if (depth > DEPTH_MAX)
        luaL_error(L, "a table is nested too deep");
    luaL_checkstack(L, 10, "thawing");
    lua_pushvalue(L, -1);
    if (lua_rawget(L, thawing->seen) == LUA_TTABLE) {
        lua_replace(L, -2);
        return;
    }
    lua_pop(L, 1);
    if (lua_view_is(L, -1))
        copy_view(thawing);
    else
        note(thawing, -1);
    thaw_members(thawing, depth);
}

RAISES void lua_thaw(lua_State *L, int index)
{
    index = lua_absindex(L, index);
    if (!lua_istable(L, index))
        return;
    luaL_checkstack(L, 10, "thawing");
    lua_newtable(L);
    struct thawing thawing = {L, lua_budget_of(L), lua_gettop(L)};
    lua_pushvalue(L, index);
    thaw(&thawing, 0);
    lua_replace(L, index);
    lua_pop(L, 1);
}
