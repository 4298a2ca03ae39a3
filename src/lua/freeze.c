/* Freezing: a queue of tables and functions that were found, each walked once. */
#include "lua/freeze.h"

#include <lauxlib.h>
#include <stdio.h>

#include "bytecode.h"
#include "lua/budget.h"
#include "lua/view.h"

#define WHY "rules keep nothing between runs, and what a file has made belongs to all: use a local"

static const char SEEN_KEY; /* registry: functions that were walked, or are trusted */

struct freezer {
    lua_State *L;
    struct lua_budget *budget;
    int queue, seen;   /* tables on the stack */
    lua_Integer count; /* of the queue */
    char place[LUA_PLACE_MAX];
};

static RAISES void refuse(const struct freezer *freezer, const char *what)
{
    lua_pushfstring(freezer->L, "%s: %s: " WHY, freezer->place, what);
    lua_error(freezer->L);
}

RAISES void lua_freeze_setup(lua_State *L)
{
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &SEEN_KEY);
}

RAISES void lua_freeze_trust(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &SEEN_KEY);
    lua_pushnil(L);
    while (lua_next(L, -3) != 0) {
        if (lua_iscfunction(L, -1)) {
            lua_pushboolean(L, 1);
            lua_rawset(L, -4);
        } else {
            lua_pop(L, 1);
        }
    }
    lua_pop(L, 1);
}

static RAISES void enqueue(struct freezer *freezer, int index)
{
    lua_pushvalue(freezer->L, index);
    lua_rawseti(freezer->L, freezer->queue, ++freezer->count);
}

/* True when the function on top was not seen before. */
static RAISES bool is_new(const struct freezer *freezer)
{
    lua_State *L = freezer->L;
    lua_pushvalue(L, -1);
    bool is_new = lua_rawget(L, freezer->seen) == LUA_TNIL;
    lua_pop(L, 1);
    if (is_new) {
        lua_pushvalue(L, -1);
        lua_pushboolean(L, 1);
        lua_rawset(L, freezer->seen);
    }
    return is_new;
}

static RAISES void take_function(struct freezer *freezer)
{
    lua_State *L = freezer->L;
    if (!lua_iscfunction(L, -1)) {
        if (is_new(freezer))
            enqueue(freezer, -1);
        return;
    }
    bool has_upvalues = lua_getupvalue(L, -1, 1) != NULL;
    lua_pop(L, has_upvalues);
    if (has_upvalues && is_new(freezer))
        refuse(freezer, "an iterator is kept");
}

/* The value on top may be seen by many runs from now on; replaced where that needs another. */
static RAISES void take_value(struct freezer *freezer)
{
    lua_State *L = freezer->L;
    switch (lua_type(L, -1)) {
    case LUA_TTABLE:
        if (lua_view_is(L, -1))
            break;
        if (lua_view_find(L, -1)) {
            lua_remove(L, -2);
            break;
        }
        enqueue(freezer, -1);
        lua_view_close(L, WHY);
        break;
    case LUA_TFUNCTION:
        take_function(freezer);
        break;
    case LUA_TUSERDATA:
    case LUA_TTHREAD:
        refuse(freezer, "something is kept that is neither plain data nor a function");
    }
}

/* Members are exchanged in place; those whose names are tables are put under the names' views afterwards. */
static RAISES void freeze_members(struct freezer *freezer, int table)
{
    lua_State *L = freezer->L;
    int names = 0, named = lua_gettop(L) + 1;
    lua_newtable(L);
    lua_pushnil(L);
    while (lua_next(L, table) != 0) {
        lua_budget_charge(freezer->budget, L, 1);
        take_value(freezer);
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, table);
        if (lua_istable(L, -1) || lua_isfunction(L, -1)) {
            lua_pushvalue(L, -1);
            lua_rawseti(L, named, ++names);
        }
    }
    for (int i = 1; i <= names; i++) {
        lua_rawgeti(L, named, i);
        lua_pushvalue(L, -1);
        lua_rawget(L, table); /* name, value */
        lua_pushvalue(L, -2);
        lua_pushnil(L);
        lua_rawset(L, table);
        lua_insert(L, -2);
        take_value(freezer);
        lua_insert(L, -2);
        lua_rawset(L, table);
    }
    lua_pop(L, 1);
}

static RAISES void freeze_table(struct freezer *freezer)
{
    lua_State *L = freezer->L;
    int table = lua_gettop(L);
    if (lua_getmetatable(L, table)) {
        take_value(freezer); /* Lua goes on using the metatable itself, with frozen members */
        lua_pop(L, 1);
    }
    freeze_members(freezer, table);
}

/* From now on it is this function that is to blame. */
static void note_place(struct freezer *freezer, int line)
{
    lua_Debug facts;
    lua_pushvalue(freezer->L, -1);
    lua_getinfo(freezer->L, ">S", &facts);
    snprintf(freezer->place, sizeof(freezer->place), "%s:%d", facts.short_src, line > 0 ? line : facts.linedefined);
}

static RAISES void refuse_assignment(struct freezer *freezer, int upvalue, int line)
{
    lua_State *L = freezer->L;
    note_place(freezer, line);
    const char *name = lua_getupvalue(L, -1, upvalue);
    refuse(freezer, lua_pushfstring(L, "'%s' is assigned in a function and lives outside of it", name));
}

static RAISES void freeze_function(struct freezer *freezer)
{
    lua_State *L = freezer->L;
    int upvalue = 0, line = 0;
    if (lua_getupvalue(L, -1, 1) == NULL)
        return;
    lua_pop(L, 1);
    switch (lua_bytecode_find_assignment(L, &upvalue, &line)) {
    case LUA_BYTECODE_ASSIGNS:
        refuse_assignment(freezer, upvalue, line);
        break;
    case LUA_BYTECODE_UNKNOWN:
        luaL_error(L, "the bytecode of this version of Lua is unknown");
        break;
    case LUA_BYTECODE_CONSTANT:
        break;
    }
    note_place(freezer, 0);
    for (int i = 1; lua_getupvalue(L, -1, i) != NULL; i++) {
        lua_budget_charge(freezer->budget, L, 1);
        take_value(freezer);
        lua_setupvalue(L, -2, i);
    }
}

RAISES void lua_freeze(lua_State *L, const char *place)
{
    luaL_checkstack(L, 30, "freezing");
    struct freezer freezer = {.L = L, .budget = lua_budget_of(L)};
    int value = lua_gettop(L);
    lua_newtable(L);
    freezer.queue = value + 1;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &SEEN_KEY);
    freezer.seen = value + 2;
    lua_pushvalue(L, value);
    snprintf(freezer.place, sizeof(freezer.place), "%s", place);
    take_value(&freezer);
    lua_replace(L, value);
    for (lua_Integer at = 1; at <= freezer.count; at++) {
        snprintf(freezer.place, sizeof(freezer.place), "%s", place);
        if (lua_rawgeti(L, freezer.queue, at) == LUA_TTABLE)
            freeze_table(&freezer);
        else
            freeze_function(&freezer);
        lua_settop(L, freezer.seen);
    }
    lua_settop(L, value);
}
