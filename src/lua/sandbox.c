/* The sandbox: allow-listed globals that nobody can change, and a pcall that swallows no budget. */
#include "lua/sandbox.h"

#include <lauxlib.h>
#include <lualib.h>

#include "bytecode.h"
#include "host_lib.h"
#include "lua/convert.h"
#include "lua/freeze.h"
#include "lua/require.h"
#include "lua/view.h"
#include "table.h"
#include "text.h"

#define SHARED "libraries are shared by all rules"

typedef int nresults;

/* pcall for rules: the end of a budget is nothing that a rule may survive. */
static RAISES nresults guarded_pcall(lua_State *L)
{
    luaL_checkany(L, 1);
    int status = lua_pcall(L, lua_gettop(L) - 1, LUA_MULTRET, 0);
    struct lua_budget *budget = lua_budget_of(L);
    if (status == LUA_ERRMEM)
        budget->out_of_memory = true;
    if (status != LUA_OK && (budget->spent || budget->out_of_memory))
        return lua_error(L);
    lua_pushboolean(L, status == LUA_OK);
    lua_insert(L, 1);
    return lua_gettop(L);
}

static nresults quiet_print(lua_State *L)
{
    return 0;
}

static RAISES void set_library(lua_State *L, const char *name)
{
    lua_freeze_trust(L);
    lua_view_close(L, SHARED);
    lua_setfield(L, -2, name);
}

/* Methods of texts, ("x"):rep(…), come from the table on top, too, and their metatable stays hidden. */
static RAISES void set_methods(lua_State *L)
{
    lua_pushliteral(L, "");
    lua_createtable(L, 0, 2);
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, "__index");
    lua_pushliteral(L, "string");
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
}

static RAISES void set_libraries(lua_State *L, size_t subject_max)
{
    lua_newtable(L);
    lua_getglobal(L, LUA_MATHLIBNAME);
    lua_pushnil(L);
    while (lua_next(L, -2) != 0) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, -5);
    }
    lua_pop(L, 1);
    static const char *const unpredictable[] = {"random", "randomseed"};
    for (size_t i = 0; i < COUNT_OF(unpredictable); i++) {
        lua_pushnil(L);
        lua_setfield(L, -2, unpredictable[i]);
    }
    set_library(L, LUA_MATHLIBNAME);
    lua_table_push(L);
    set_library(L, LUA_TABLIBNAME);
    lua_text_push_utf8(L);
    set_library(L, LUA_UTF8LIBNAME);
    lua_text_push_string(L, subject_max);
    set_methods(L);
    set_library(L, LUA_STRLIBNAME);
}

static RAISES void set_globals(lua_State *L)
{
    static const char *const own[] = {"assert", "error", "ipairs", "pairs", "select", "type"};
    static const luaL_Reg ours[] = {{"getmetatable", lua_view_getmetatable},
                                    {"setmetatable", lua_view_setmetatable},
                                    {"next", lua_view_next},
                                    {"pcall", guarded_pcall},
                                    {"print", quiet_print},
                                    {"require", lua_require},
                                    {"tostring", lua_text_tostring},
                                    {NULL, NULL}};
    for (size_t i = 0; i < COUNT_OF(own); i++) {
        lua_getglobal(L, own[i]);
        lua_setfield(L, -2, own[i]);
    }
    luaL_setfuncs(L, ours, 0);
    lua_getglobal(L, "tonumber");
    lua_text_charge_argument(L);
    lua_setfield(L, -2, "tonumber");
    lua_freeze_trust(L);
}

/* Functions of which it is known whether they assign to variables outside of them: we can read this Lua's bytecode, or we cannot. */
static RAISES void check_bytecode(lua_State *L)
{
    static const char text[] = "local a, b = 0, 1\n"
                               "return function() return a, function() b = a end end, function() return a, b end";
    if (luaL_loadbufferx(L, text, sizeof(text) - 1, "=check", "t") != LUA_OK)
        lua_error(L);
    lua_call(L, 0, 2);
    int upvalue = 0, line = 0;
    bool good = lua_bytecode_find_assignment(L, &upvalue, &line) == LUA_BYTECODE_CONSTANT;
    lua_pop(L, 1);
    good = good && lua_bytecode_find_assignment(L, &upvalue, &line) == LUA_BYTECODE_ASSIGNS;
    if (!good || upvalue != 2 || line != 2)
        luaL_error(L, "the bytecode of this version of Lua is unknown");
    lua_pop(L, 1);
}

static RAISES void open_libraries(lua_State *L)
{
    static const luaL_Reg libraries[] = {
        {LUA_GNAME, luaopen_base},       {LUA_TABLIBNAME, luaopen_table}, {LUA_STRLIBNAME, luaopen_string},
        {LUA_MATHLIBNAME, luaopen_math}, {LUA_UTF8LIBNAME, luaopen_utf8},
    };
    for (size_t i = 0; i < COUNT_OF(libraries); i++) {
        luaL_requiref(L, libraries[i].name, libraries[i].func, 1);
        lua_pop(L, 1);
    }
}

static RAISES nresults open_state(lua_State *L)
{
    struct lua_host *host = lua_touserdata(L, 1);
    open_libraries(L);
    check_bytecode(L);
    lua_view_setup(L);
    lua_freeze_setup(L);
    host_lib_open(L);
    lua_freeze_trust(L);
    lua_view_close(L, SHARED);
    lua_require_setup(L, host);
    lua_newtable(L);
    convert_mark_array(L); /* all lists share their metatable, so nobody may change it */
    lua_getmetatable(L, -1);
    lua_view_close(L, SHARED);
    lua_pop(L, 2);
    lua_newtable(L);
    set_globals(L);
    set_libraries(L, host->budget.limits.string);
    lua_view_close(L, "rules keep nothing between runs: use a local");
    host->environment_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

int lua_sandbox_open(struct lua_host *host, const struct lua_limits *limits, struct err *err)
{
    int rc = lua_host_open(host, limits, err);
    if (rc == 0)
        rc = lua_host_enter(host, open_state, host, err);
    return rc == 0 ? 0 : err_wrap(err, "Lua cannot start");
}
