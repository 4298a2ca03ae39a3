/* The metatable of a view holds the real table twice: as __index, where Lua finds it fast, and under a key that no rule can name. */
#include "lua/view.h"

#include <lauxlib.h>
#include <string.h>

#include "base/alloc.h"

typedef int nresults;

static const char TARGET_KEY; /* in a view's metatable: the table behind it */
static const char VIEWS_KEY;  /* in the registry: table -> its view */

RAISES void lua_view_setup(lua_State *L)
{
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &VIEWS_KEY);
}

/* Pushes the table behind the view at `index`; false, and nothing, when it is none. */
static bool push_target(lua_State *L, int index)
{
    if (lua_type(L, index) != LUA_TTABLE || !lua_getmetatable(L, index))
        return false;
    if (lua_rawgetp(L, -1, &TARGET_KEY) == LUA_TTABLE) {
        lua_remove(L, -2);
        return true;
    }
    lua_pop(L, 2);
    return false;
}

bool lua_view_is(lua_State *L, int index)
{
    bool is = push_target(L, index);
    lua_pop(L, is);
    return is;
}

void lua_view_open(lua_State *L, int index)
{
    index = lua_absindex(L, index);
    if (push_target(L, index))
        lua_replace(L, index);
}

bool lua_view_find(lua_State *L, int index)
{
    index = lua_absindex(L, index);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &VIEWS_KEY);
    lua_pushvalue(L, index);
    bool found = lua_rawget(L, -2) == LUA_TTABLE;
    lua_remove(L, -2);
    if (!found)
        lua_pop(L, 1);
    return found;
}

static RAISES nresults refuse_write(lua_State *L)
{
    const char *name = lua_isstring(L, 2) ? lua_tostring(L, 2) : luaL_typename(L, 2);
    return luaL_error(L, "'%s' cannot be set: %s", name, lua_tostring(L, lua_upvalueindex(1)));
}

/* Where the real table has a function for members that it lacks: that is given the view. */
static RAISES nresults view_index(lua_State *L)
{
    lua_settop(L, 2);
    lua_view_open(L, 1);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, 1) != LUA_TNIL)
        return 1;
    if (luaL_getmetafield(L, 1, "__index") != LUA_TFUNCTION)
        return 1;
    lua_view_find(L, 1);
    lua_pushvalue(L, 2);
    lua_call(L, 2, 1);
    return 1;
}

static RAISES nresults view_length(lua_State *L)
{
    lua_view_open(L, 1);
    if (luaL_getmetafield(L, 1, "__len") == LUA_TNIL) {
        lua_pushinteger(L, (lua_Integer)lua_rawlen(L, 1));
        return 1;
    }
    lua_view_find(L, 1);
    lua_call(L, 1, 1);
    return 1;
}

static RAISES nresults view_pairs(lua_State *L)
{
    lua_settop(L, 1);
    lua_pushvalue(L, 1);
    lua_view_open(L, 1);
    if (luaL_getmetafield(L, 1, "__pairs") != LUA_TNIL) {
        lua_pushvalue(L, 2);
        lua_call(L, 1, 3);
        return 3;
    }
    lua_pushcfunction(L, lua_view_next);
    lua_pushvalue(L, 2);
    lua_pushnil(L);
    return 3;
}

/* What the real table's metatable says of operators holds for its view; it is given the view. */
static RAISES void copy_operators(lua_State *L, int metatable, int original)
{
    static const char *const names[] = {"__add",    "__sub",  "__mul", "__div",  "__mod",  "__pow",      "__unm",
                                        "__idiv",   "__band", "__bor", "__bxor", "__shl",  "__shr",      "__bnot",
                                        "__concat", "__eq",   "__lt",  "__le",   "__call", "__tostring", "__name"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        lua_pushstring(L, names[i]);
        if (lua_rawget(L, original) == LUA_TNIL) {
            lua_pop(L, 1);
            continue;
        }
        lua_pushstring(L, names[i]);
        lua_insert(L, -2);
        lua_rawset(L, metatable);
    }
}

static RAISES void set_index(lua_State *L, int table, int metatable)
{
    int type = luaL_getmetafield(L, table, "__index");
    lua_pop(L, type != LUA_TNIL);
    if (type == LUA_TFUNCTION)
        lua_pushcfunction(L, view_index);
    else
        lua_pushvalue(L, table);
    lua_setfield(L, metatable, "__index");
}

/* Pushes the metatable of a view of the table at `table`. */
static RAISES void push_metatable(lua_State *L, int table, const char *why)
{
    lua_createtable(L, 0, 6);
    int metatable = lua_gettop(L);
    lua_pushvalue(L, table);
    lua_rawsetp(L, metatable, &TARGET_KEY);
    set_index(L, table, metatable);
    lua_pushstring(L, why);
    lua_pushcclosure(L, refuse_write, 1);
    lua_setfield(L, metatable, "__newindex");
    lua_pushcfunction(L, view_length);
    lua_setfield(L, metatable, "__len");
    lua_pushcfunction(L, view_pairs);
    lua_setfield(L, metatable, "__pairs");
    lua_pushliteral(L, "read-only");
    lua_setfield(L, metatable, "__metatable");
    if (lua_getmetatable(L, table)) {
        copy_operators(L, metatable, lua_gettop(L));
        lua_pop(L, 1);
    }
}

RAISES void lua_view_push(lua_State *L, int index, const char *why)
{
    index = lua_absindex(L, index);
    luaL_checkstack(L, 10, "a view");
    if (lua_view_is(L, index)) {
        lua_pushvalue(L, index);
        return;
    }
    if (lua_view_find(L, index))
        return;
    lua_newtable(L);
    push_metatable(L, index, why);
    lua_setmetatable(L, -2);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &VIEWS_KEY);
    lua_pushvalue(L, index);
    lua_pushvalue(L, -3);
    lua_rawset(L, -3);
    lua_pop(L, 1);
}

RAISES void lua_view_close(lua_State *L, const char *why)
{
    lua_view_push(L, -1, why);
    lua_remove(L, -2);
}

RAISES nresults lua_view_getmetatable(lua_State *L)
{
    luaL_checkany(L, 1);
    if (!lua_getmetatable(L, 1)) {
        lua_pushnil(L);
        return 1;
    }
    lua_pushliteral(L, "__metatable");
    if (lua_rawget(L, -2) != LUA_TNIL)
        return 1;
    lua_pop(L, 1);
    lua_view_find(L, -1); /* one that several runs share is shown as it may be seen */
    return 1;
}

/* Finalizers would run outside of any budget.  A view stands for its table: Lua looks up metamethods raw. */
RAISES nresults lua_view_setmetatable(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_argexpected(L, lua_isnil(L, 2) || lua_istable(L, 2), 2, "nil or table");
    lua_settop(L, 2);
    if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
        return luaL_error(L, "cannot change a protected metatable");
    lua_view_open(L, 2);
    if (lua_istable(L, 2)) {
        lua_pushliteral(L, "__gc");
        if (lua_rawget(L, 2) != LUA_TNIL)
            return luaL_error(L, "a metatable with __gc is not allowed");
        lua_pop(L, 1);
    }
    lua_setmetatable(L, 1);
    return 1;
}

RAISES nresults lua_view_next(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    lua_view_open(L, 1);
    if (lua_next(L, 1) != 0)
        return 2;
    lua_pushnil(L);
    return 1;
}
