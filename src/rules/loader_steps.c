/* Steps, within the gate: rules' tables are opened here, and nowhere else once they are frozen. */
#include "loader_steps.h"

#include <lauxlib.h>

#include "lua/read.h"
#include "lua/thaw.h"
#include "lua/view.h"

typedef int nresults;

static const char STEPS_KEY; /* registry: function -> step name */

struct work {
    const struct declaration *declaration;
    int rule_ref;
    const char *name;
    int *ret_ref;
};

static RAISES nresults make_table(lua_State *L)
{
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &STEPS_KEY);
    return 0;
}

int loader_steps_open(struct lua_host *host, struct err *err)
{
    return lua_host_enter(host, make_table, NULL, err);
}

void loader_steps_push_name(lua_State *L, int index)
{
    index = lua_absindex(L, index);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &STEPS_KEY);
    lua_pushvalue(L, index);
    lua_rawget(L, -2);
    lua_remove(L, -2);
}

/* Pushes the table behind the reference's view. */
static RAISES void push_table(lua_State *L, int ref)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, ref);
    lua_view_open(L, -1);
}

/* The function on top, which stays. */
static RAISES void note_step(lua_State *L, const char *name)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &STEPS_KEY);
    lua_pushvalue(L, -2);
    lua_pushstring(L, name);
    lua_rawset(L, -3);
    lua_pop(L, 1);
}

static RAISES nresults note_steps(lua_State *L)
{
    const struct work *work = lua_touserdata(L, 1);
    push_table(L, work->declaration->table_ref);
    for (size_t i = 0; i < work->declaration->steps.count; i++) {
        const char *name = work->declaration->steps.items[i].text;
        lua_read_member(L, 2, name);
        note_step(L, name);
        lua_pop(L, 1);
    }
    return 0;
}

int loader_steps_note(struct lua_host *host, const struct declaration *declaration, struct err *err)
{
    struct work work = {.declaration = declaration};
    return lua_host_enter(host, note_steps, &work, err);
}

/* super(ctx, …) for an override, which may change what it returns: upvalues are the step before it and the rule. */
static RAISES nresults call_super(lua_State *L)
{
    int arguments = lua_gettop(L);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushvalue(L, lua_upvalueindex(2));
    lua_rotate(L, 1, 2);
    lua_call(L, arguments + 1, LUA_MULTRET);
    for (int i = 1, count = lua_gettop(L); i <= count; i++)
        lua_thaw(L, i);
    return lua_gettop(L);
}

/* A wrapped step, called as self:step(…): upvalues are the override and its super. */
static RAISES nresults call_override(lua_State *L)
{
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushvalue(L, lua_upvalueindex(2));
    lua_rotate(L, 1, 2);
    lua_remove(L, 3); /* self: overrides are given what the step is given, with super in its place */
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    return lua_gettop(L);
}

/* The override is on top, and popped; the rule's view is at 2, its table at 3. */
static RAISES void wrap_step(lua_State *L, const char *name)
{
    lua_read_member(L, 3, name);
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, call_super, 2);
    lua_pushcclosure(L, call_override, 2);
    note_step(L, name);
    lua_pushstring(L, name);
    lua_insert(L, -2);
    lua_rawset(L, 3);
}

static RAISES nresults wrap_steps(lua_State *L)
{
    const struct work *work = lua_touserdata(L, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, work->rule_ref);
    push_table(L, work->rule_ref);
    push_table(L, work->declaration->table_ref);
    for (size_t i = 0; i < work->declaration->steps.count; i++) {
        lua_read_member(L, 4, work->declaration->steps.items[i].text);
        wrap_step(L, work->declaration->steps.items[i].text);
    }
    return 0;
}

int loader_steps_wrap(struct lua_host *host, const struct declaration *declaration, int rule_ref, struct err *err)
{
    struct work work = {.declaration = declaration, .rule_ref = rule_ref};
    return lua_host_enter(host, wrap_steps, &work, err);
}

static RAISES nresults take_step(lua_State *L)
{
    const struct work *work = lua_touserdata(L, 1);
    push_table(L, work->declaration->table_ref);
    lua_read_member(L, 2, work->name);
    *work->ret_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

int loader_steps_take(struct lua_host *host, const struct declaration *declaration, const char *name, int *ret_ref,
                      struct err *err)
{
    struct work work = {.declaration = declaration, .name = name, .ret_ref = ret_ref};
    return lua_host_enter(host, take_step, &work, err);
}
