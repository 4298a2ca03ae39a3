/* Merge sort between two scratch tables; only what is sorted goes back into the list. */
#include "sort.h"

#include <lauxlib.h>

#include "lua/budget.h"

struct sorting {
    lua_State *L;
    struct lua_budget *budget;
    lua_order_fn *before;
    lua_Integer count;
};

RAISES bool lua_sort_less(lua_State *L, struct lua_budget *budget, int left, int right)
{
    if (lua_type(L, left) == LUA_TSTRING && lua_type(L, right) == LUA_TSTRING)
        lua_budget_charge_bytes(budget, L, lua_rawlen(L, left));
    return lua_compare(L, left, right, LUA_OPLT) != 0;
}

static RAISES void copy(const struct sorting *sorting, int from, int to)
{
    for (lua_Integer i = 1; i <= sorting->count; i++) {
        lua_rawgeti(sorting->L, from, i);
        lua_rawseti(sorting->L, to, i);
    }
}

/* Puts the two neighbours [start, middle) and [middle, end) of `from` together in `to`. */
static RAISES void merge(const struct sorting *sorting, int from, int to, lua_Integer start, lua_Integer middle,
                         lua_Integer end)
{
    lua_State *L = sorting->L;
    lua_Integer left = start, right = middle;
    int top = lua_gettop(L);
    for (lua_Integer at = start; at < end; at++) {
        bool take_left = right >= end;
        if (left < middle && right < end) {
            lua_rawgeti(L, from, left);
            lua_rawgeti(L, from, right);
            lua_budget_charge(sorting->budget, L, 1);
            take_left = !sorting->before(L, sorting->budget, top + 2, top + 1);
            lua_settop(L, top);
        }
        lua_rawgeti(L, from, take_left ? left++ : right++);
        lua_rawseti(L, to, at);
    }
}

RAISES void lua_sort(lua_State *L, int index, lua_Integer count, lua_order_fn *before)
{
    if (count < 2)
        return;
    struct sorting sorting = {L, lua_budget_of(L), before, count};
    index = lua_absindex(L, index);
    luaL_checkstack(L, 10, "sorting");
    lua_createtable(L, (int)count, 0);
    lua_createtable(L, (int)count, 0);
    int from = lua_gettop(L) - 1, to = from + 1;
    copy(&sorting, index, from);
    for (lua_Integer width = 1; width < count; width *= 2) {
        for (lua_Integer start = 1; start <= count; start += 2 * width) {
            lua_Integer middle = start + width <= count ? start + width : count + 1;
            lua_Integer end = middle + width <= count ? middle + width : count + 1;
            merge(&sorting, from, to, start, middle, end);
        }
        int swap = from;
        from = to;
        to = swap;
    }
    copy(&sorting, from, index);
    lua_pop(L, 2);
}
