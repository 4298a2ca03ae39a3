/* The sandboxed Lua state: allow-listed globals, text chunks only, an own require, a pcall that swallows no budget. */
#include "lua_host.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "host_lib.h"
#include "pattern_cap.h"

#define RULE_FILE_MAX    (1u << 20)
#define REPEAT_BYTES_MAX (16u << 20)

typedef int nresults;

static const char HOST_KEY, ENV_KEY, LOADED_KEY; /* their addresses are registry keys */

static struct lua_host *host_of(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &HOST_KEY);
    struct lua_host *host = lua_touserdata(L, -1);
    lua_pop(L, 1);
    return host;
}

/* pcall for rules: the end of a budget is nothing that a rule may survive. */
static nresults guarded_pcall(lua_State *L)
{
    luaL_checkany(L, 1);
    int status = lua_pcall(L, lua_gettop(L) - 1, LUA_MULTRET, 0);
    const struct lua_budget *budget = lua_budget_of(L);
    if (status != LUA_OK && (budget->spent || budget->out_of_memory))
        return lua_error(L);
    lua_pushboolean(L, status == LUA_OK);
    lua_insert(L, 1);
    return lua_gettop(L);
}

/* string.rep makes any amount of memory in one instruction. */
static nresults capped_rep(lua_State *L)
{
    size_t length, separator = 0;
    luaL_checklstring(L, 1, &length);
    lua_Integer times = luaL_checkinteger(L, 2);
    luaL_optlstring(L, 3, "", &separator);
    if (times > 0 && (double)(length + separator) * (double)times > REPEAT_BYTES_MAX)
        return luaL_error(L, "a repeated string over the limit of %d bytes", REPEAT_BYTES_MAX);
    int arguments = lua_gettop(L);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, arguments, 1);
    return 1;
}

static nresults quiet_print(lua_State *L)
{
    return 0;
}

/* setmetatable without finalizers: they would run outside of any budget. */
static nresults plain_setmetatable(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    if (lua_istable(L, 2)) {
        lua_pushliteral(L, "__gc");
        if (lua_rawget(L, 2) != LUA_TNIL)
            return luaL_error(L, "a metatable with __gc is not allowed");
        lua_pop(L, 1);
    }
    lua_settop(L, 2);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, 2, 1);
    return 1;
}

static bool is_module_name(const char *name)
{
    return name[0] != '\0' &&
           name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.")] == '\0' &&
           strstr(name, "..") == NULL && name[0] != '.';
}

static nresults refuse_write(lua_State *L)
{
    return luaL_error(L, "'%s' cannot be set: %s", lua_tostring(L, 2), lua_tostring(L, lua_upvalueindex(1)));
}

/* Replaces the table on top by a view of it that cannot be written to, so that no file can change what others call. */
static void freeze(lua_State *L, const char *why)
{
    lua_newtable(L);
    lua_createtable(L, 0, 3);
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, "__index");
    lua_pushstring(L, why);
    lua_pushcclosure(L, refuse_write, 1);
    lua_setfield(L, -2, "__newindex");
    lua_pushliteral(L, "read-only");
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_remove(L, -2);
}

/* "lib.naming" in the folder -> "folder/lib/naming.lua"; pushed as a Lua string. */
static const char *module_path(lua_State *L, const char *folder, const char *name)
{
    luaL_gsub(L, name, ".", "/");
    return lua_pushfstring(L, "%s/%s.lua", folder, lua_tostring(L, -1));
}

static nresults sandbox_require(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &LOADED_KEY);
    if (lua_getfield(L, -1, name) != LUA_TNIL)
        return 1;
    lua_pop(L, 1);
    struct lua_host *host = host_of(L);
    luaL_argcheck(L, is_module_name(name), 1, "a module name like 'lib.naming' is expected");
    const char *path = module_path(L, host->library, name);
    if (!file_exists(path) && host->overrides != NULL)
        path = module_path(L, host->overrides, name);
    if (!file_exists(path))
        return luaL_error(L, "there is no module '%s'", name);
    struct err *err = lua_newuserdatauv(L, sizeof(*err), 0);
    *err = (struct err)ERR_INIT;
    int rc = lua_host_run_file(host, path, name, err);
    if (rc != 0)
        return luaL_error(L, "%s", err->text);
    if (lua_istable(L, -1))
        freeze(L, "modules are shared by all rules");
    lua_rawgetp(L, LUA_REGISTRYINDEX, &LOADED_KEY);
    lua_pushvalue(L, -2);
    lua_setfield(L, -2, name);
    lua_pop(L, 1);
    return 1;
}

static void copy_global(lua_State *L, const char *name)
{
    lua_getglobal(L, name);
    lua_setfield(L, -2, name);
}

/* A library's table as a fresh copy without the named functions. */
static void copy_library(lua_State *L, const char *name, const char *const *without)
{
    lua_newtable(L);
    lua_getglobal(L, name);
    lua_pushnil(L);
    while (lua_next(L, -2) != 0) {
        bool keep = true;
        for (const char *const *word = without; *word != NULL; word++)
            keep = keep && strcmp(lua_tostring(L, -2), *word) != 0;
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        if (keep)
            lua_rawset(L, -5);
        else
            lua_pop(L, 2);
    }
    lua_pop(L, 1);
}

static void make_string_library(lua_State *L, const struct lua_host *host)
{
    static const char *const without[] = {"dump", NULL};
    copy_library(L, "string", without);
    pattern_cap_install(L, host->budget.limits.string);
    lua_getfield(L, -1, "rep");
    lua_pushcclosure(L, capped_rep, 1);
    lua_setfield(L, -2, "rep");
    /* methods of strings ("x"):rep(…) come from the same table, and its metatable stays hidden */
    lua_pushliteral(L, "");
    lua_createtable(L, 0, 2);
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, "__index");
    lua_pushliteral(L, "string");
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
}

static void make_environment(lua_State *L, const struct lua_host *host)
{
    static const char *const globals[] = {"assert", "error",  "getmetatable", "ipairs",   "next",
                                          "pairs",  "select", "tonumber",     "tostring", "type"};
    static const char *const no_random[] = {"random", "randomseed", NULL};
    static const char *const nothing[] = {NULL};
    lua_newtable(L);
    for (size_t i = 0; i < COUNT_OF(globals); i++)
        copy_global(L, globals[i]);
    lua_pushcfunction(L, guarded_pcall);
    lua_setfield(L, -2, "pcall");
    lua_pushcfunction(L, quiet_print);
    lua_setfield(L, -2, "print");
    lua_getglobal(L, "setmetatable");
    lua_pushcclosure(L, plain_setmetatable, 1);
    lua_setfield(L, -2, "setmetatable");
    lua_pushcfunction(L, sandbox_require);
    lua_setfield(L, -2, "require");
    copy_library(L, "math", no_random);
    freeze(L, "libraries are shared by all rules");
    lua_setfield(L, -2, "math");
    copy_library(L, "table", nothing);
    freeze(L, "libraries are shared by all rules");
    lua_setfield(L, -2, "table");
    copy_library(L, "utf8", nothing);
    freeze(L, "libraries are shared by all rules");
    lua_setfield(L, -2, "utf8");
    make_string_library(L, host);
    freeze(L, "libraries are shared by all rules");
    lua_setfield(L, -2, "string");
    lua_rawsetp(L, LUA_REGISTRYINDEX, &ENV_KEY);
}

static nresults open_state(lua_State *L)
{
    struct lua_host *host = lua_touserdata(L, 1);
    lua_pushlightuserdata(L, host);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &HOST_KEY);
    lua_budget_bind(&host->budget, L);
    static const luaL_Reg libraries[] = {
        {LUA_GNAME, luaopen_base},       {LUA_TABLIBNAME, luaopen_table}, {LUA_STRLIBNAME, luaopen_string},
        {LUA_MATHLIBNAME, luaopen_math}, {LUA_UTF8LIBNAME, luaopen_utf8},
    };
    for (size_t i = 0; i < COUNT_OF(libraries); i++) {
        luaL_requiref(L, libraries[i].name, libraries[i].func, 1);
        lua_pop(L, 1);
    }
    lua_newtable(L);
    host_lib_open(L);
    freeze(L, "libraries are shared by all rules");
    lua_setfield(L, -2, "host");
    lua_rawsetp(L, LUA_REGISTRYINDEX, &LOADED_KEY);
    make_environment(L, host);
    return 0;
}

int lua_host_open(struct lua_host *host, const struct rules_limits *limits, struct err *err)
{
    lua_budget_init(&host->budget, limits);
    host->L = lua_newstate(lua_budget_allocate, &host->budget);
    if (host->L == NULL)
        return err_set(err, ERR_TOO_BIG, "no memory for Lua within %zu bytes", host->budget.limits.memory);
    lua_pushcfunction(host->L, open_state);
    lua_pushlightuserdata(host->L, host);
    if (lua_pcall(host->L, 1, 0, 0) != LUA_OK)
        return err_set(err, ERR_RULE, "Lua cannot start: %s", lua_tostring(host->L, -1));
    return 0;
}

void lua_host_close(struct lua_host *host)
{
    if (host->L != NULL)
        lua_close(host->L);
    host->L = NULL;
    lua_budget_done(&host->budget);
}

static nresults message_of(lua_State *L)
{
    if (lua_type(L, 1) == LUA_TSTRING || lua_isnumber(L, 1))
        return 1;
    luaL_where(L, 1);
    lua_pushfstring(L, "a %s was raised", luaL_typename(L, 1));
    lua_concat(L, 2);
    return 1;
}

int lua_host_call(struct lua_host *host, int arguments, int results, struct err *err)
{
    lua_State *L = host->L;
    int handler = lua_gettop(L) - arguments;
    lua_pushcfunction(L, message_of);
    lua_insert(L, handler);
    if (host->depth++ == 0)
        lua_budget_begin(&host->budget, L);
    int status = lua_pcall(L, arguments, results, handler);
    if (--host->depth == 0)
        lua_budget_end(&host->budget, L);
    lua_remove(L, handler);
    if (status == LUA_OK)
        return 0;
    const char *text = lua_tostring(L, -1);
    if (status == LUA_ERRMEM)
        err_set(err, ERR_RULE, "the rules used up their heap of %zu MiB", host->budget.limits.memory >> 20);
    else
        err_set(err, ERR_RULE, "%s", text != NULL ? text : "a rule failed without a message");
    lua_pop(L, 1);
    if (status == LUA_ERRMEM)
        lua_gc(L, LUA_GCCOLLECT);
    return err->code;
}

int lua_host_run_file(struct lua_host *host, const char *path, const char *shown, struct err *err)
{
    struct buf text = BUF_INIT(RULE_FILE_MAX);
    int rc = file_read(path, &text, err);
    if (rc != 0) {
        buf_done(&text);
        return rc;
    }
    char name[300];
    snprintf(name, sizeof(name), "@%s", shown);
    int status = luaL_loadbufferx(host->L, buf_text(&text), text.length, name, "t");
    buf_done(&text);
    if (status != LUA_OK) {
        err_set(err, ERR_RULE, "%s", lua_tostring(host->L, -1));
        lua_pop(host->L, 1);
        return err->code;
    }
    lua_rawgetp(host->L, LUA_REGISTRYINDEX, &ENV_KEY);
    freeze(host->L, "rules keep nothing between runs: use a local");
    lua_setupvalue(host->L, -2, 1);
    return lua_host_call(host, 0, 1, err);
}
