/* Loops in C fire no hook, so each of them charges what it does. */
#include "table.h"

#include "base/alloc.h"

#include <lauxlib.h>

#include "lua/budget.h"
#include "lua/view.h"
#include "sort.h"
#include "stack.h"

typedef int nresults;

/* Of a table that is changed: its own length. */
static RAISES lua_Integer plain_length(lua_State *L, const char *name)
{
    static const char *const foreign[] = {"__len", "__newindex"};
    luaL_checktype(L, 1, LUA_TTABLE);
    if (lua_view_is(L, 1))
        luaL_error(L, "table.%s: the table is read-only", name);
    for (size_t i = 0; i < COUNT_OF(foreign); i++) {
        if (luaL_getmetafield(L, 1, foreign[i]) != LUA_TNIL)
            luaL_error(L, "table.%s: a table with %s cannot be used", name, foreign[i]);
    }
    return (lua_Integer)lua_rawlen(L, 1);
}

/* How many elements from `first` to `last`, at most LUA_RANGE_MAX; 0 for none. */
static RAISES lua_Integer range(lua_State *L, const char *name, lua_Integer first, lua_Integer last)
{
    if (first > last)
        return 0;
    lua_Unsigned count = (lua_Unsigned)last - (lua_Unsigned)first;
    if (count >= LUA_RANGE_MAX)
        luaL_error(L, "table.%s: the range is over the limit of %d elements", name, LUA_RANGE_MAX);
    return (lua_Integer)count + 1;
}

static RAISES nresults table_insert(lua_State *L)
{
    lua_Integer position, end = plain_length(L, "insert") + 1;
    if (lua_gettop(L) == 2) {
        position = end;
    } else if (lua_gettop(L) == 3) {
        position = luaL_checkinteger(L, 2);
        luaL_argcheck(L, (lua_Unsigned)position - 1u < (lua_Unsigned)end, 2, "position out of bounds");
        lua_budget_charge(lua_budget_of(L), L, (uint64_t)(end - position));
        for (lua_Integer i = end; i > position; i--) {
            lua_rawgeti(L, 1, i - 1);
            lua_rawseti(L, 1, i);
        }
    } else {
        return luaL_error(L, "wrong number of arguments to 'insert'");
    }
    lua_rawseti(L, 1, position);
    return 0;
}

static RAISES nresults table_remove(lua_State *L)
{
    lua_Integer size = plain_length(L, "remove");
    lua_Integer position = luaL_optinteger(L, 2, size);
    if (lua_gettop(L) > 1)
        luaL_argcheck(L, (lua_Unsigned)position - 1u <= (lua_Unsigned)size, 2, "position out of bounds");
    lua_rawgeti(L, 1, position);
    if (position < size)
        lua_budget_charge(lua_budget_of(L), L, (uint64_t)(size - position));
    for (; position < size; position++) {
        lua_rawgeti(L, 1, position + 1);
        lua_rawseti(L, 1, position);
    }
    lua_pushnil(L);
    lua_rawseti(L, 1, position);
    return 1;
}

/* The argument at 5, or the first table, receives the elements. */
static RAISES nresults table_move(lua_State *L)
{
    lua_Integer first = luaL_checkinteger(L, 2), last = luaL_checkinteger(L, 3), to = luaL_checkinteger(L, 4);
    int target = !lua_isnoneornil(L, 5) ? 5 : 1;
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checktype(L, target, LUA_TTABLE);
    if (last >= first) {
        luaL_argcheck(L, first > 0 || last < LUA_MAXINTEGER + first, 3, "too many elements to move");
        lua_Integer count = range(L, "move", first, last);
        luaL_argcheck(L, to <= LUA_MAXINTEGER - count + 1, 4, "destination wrap around");
        bool forwards = to > last || to <= first || (target != 1 && !lua_compare(L, 1, target, LUA_OPEQ));
        struct lua_budget *budget = lua_budget_of(L);
        for (lua_Integer i = 0; i < count; i++) {
            lua_Integer step = forwards ? i : count - 1 - i;
            lua_budget_charge(budget, L, 1);
            lua_geti(L, 1, first + step);
            lua_seti(L, target, to + step);
        }
    }
    lua_pushvalue(L, target);
    return 1;
}

static RAISES void add_element(lua_State *L, struct lua_budget *budget, luaL_Buffer *out, lua_Integer index)
{
    size_t length;
    lua_geti(L, 1, index);
    if (!lua_isstring(L, -1))
        luaL_error(L, "invalid value (at index %I) in table for 'concat'", (LUAI_UACINT)index);
    lua_tolstring(L, -1, &length);
    lua_budget_charge(budget, L, 1 + length / LUA_BYTES_PER_INSTRUCTION);
    luaL_addvalue(out);
}

static RAISES nresults table_concat(lua_State *L)
{
    size_t length;
    luaL_checktype(L, 1, LUA_TTABLE);
    const char *separator = luaL_optlstring(L, 2, "", &length);
    lua_Integer first = luaL_optinteger(L, 3, 1);
    lua_Integer last = lua_isnoneornil(L, 4) ? luaL_len(L, 1) : luaL_checkinteger(L, 4);
    lua_Integer count = range(L, "concat", first, last);
    struct lua_budget *budget = lua_budget_of(L);
    luaL_Buffer out;
    luaL_buffinit(L, &out);
    for (lua_Integer i = 0; i < count; i++) {
        if (i > 0) {
            lua_budget_charge_bytes(budget, L, length);
            luaL_addlstring(&out, separator, length);
        }
        add_element(L, budget, &out, first + i);
    }
    luaL_pushresult(&out);
    return 1;
}

static RAISES nresults table_unpack(lua_State *L)
{
    lua_Integer first = luaL_optinteger(L, 2, 1);
    lua_Integer last = luaL_opt(L, luaL_checkinteger, 3, luaL_len(L, 1));
    if (first > last)
        return 0;
    lua_Unsigned count = (lua_Unsigned)last - (lua_Unsigned)first;
    if (count >= LUA_RESULTS_MAX || !lua_checkstack(L, (int)++count))
        return luaL_error(L, "too many results to unpack");
    lua_budget_charge(lua_budget_of(L), L, count);
    for (lua_Unsigned i = 0; i < count; i++)
        lua_geti(L, 1, first + (lua_Integer)i);
    return (nresults)count;
}

static RAISES nresults table_pack(lua_State *L)
{
    int count = lua_gettop(L);
    lua_budget_charge(lua_budget_of(L), L, (uint64_t)count);
    lua_createtable(L, count, 1);
    lua_insert(L, 1);
    for (int i = count; i >= 1; i--)
        lua_rawseti(L, 1, i);
    lua_pushinteger(L, count);
    lua_setfield(L, 1, "n");
    return 1;
}

/* The order that the rule gave, at index 2. */
static RAISES bool order_of_rule(lua_State *L, struct lua_budget *budget, int left, int right)
{
    lua_pushvalue(L, 2);
    lua_pushvalue(L, left);
    lua_pushvalue(L, right);
    lua_call(L, 2, 1);
    return lua_toboolean(L, -1) != 0;
}

static RAISES nresults table_sort(lua_State *L)
{
    lua_Integer count = plain_length(L, "sort");
    range(L, "sort", 1, count);
    bool ordered = !lua_isnoneornil(L, 2);
    if (ordered)
        luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 2);
    lua_sort(L, 1, count, ordered ? order_of_rule : lua_sort_less);
    return 0;
}

RAISES void lua_table_push(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"insert", table_insert}, {"remove", table_remove}, {"move", table_move}, {"concat", table_concat},
        {"unpack", table_unpack}, {"pack", table_pack},     {"sort", table_sort}, {NULL, NULL}};
    luaL_newlib(L, functions);
}
