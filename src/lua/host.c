/* The Lua state from its opening to its end, and the one gate through which everything in it is called. */
#include "lua/host.h"

#include <ctype.h>
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "lua/freeze.h"
#include "lua/read.h"

#define SHOWN_MAX 300 /* bytes of a file's name in messages */

typedef int nresults;

static RAISES nresults bind_budget(lua_State *L)
{
    struct lua_host *host = lua_touserdata(L, 1);
    lua_budget_bind(&host->budget, L);
    return 0;
}

/* Lua has raised an error where nothing catches it: that can only be want of memory.  Going on is impossible, a core dump no help. */
static int end_program(lua_State *L)
{
    const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "an error";
    fprintf(stderr, "kongruent: Lua stopped outside of a rule: %s\n", text);
    _exit(EXIT_FAILURE);
}

void lua_host_close(struct lua_host *host)
{
    if (host->L != NULL)
        lua_close(host->L);
    host->L = NULL;
    lua_budget_done(&host->budget);
}

void lua_host_watch(struct lua_host *host)
{
    lua_budget_watch(&host->budget, host->L);
}

void lua_host_unwatch(struct lua_host *host)
{
    lua_budget_unwatch(&host->budget);
}

/* What was raised is shown to people, whatever it holds; more than the beginning would not fit. */
static void tell(struct err *err, const char *text, size_t length)
{
    AUTO(buf) struct buf clean = BUF_OWN;
    lua_read_append_clean(&clean, text, length < ERR_TEXT_MAX ? length : ERR_TEXT_MAX);
    err_set(err, ERR_RULE, "%s", buf_text(&clean));
}

/* What was raised is on top of the stack; popped. */
static int fail(struct lua_host *host, int status, struct err *err)
{
    lua_State *L = host->L;
    host->budget.out_of_memory = host->budget.out_of_memory || status == LUA_ERRMEM;
    err->code = -ERR_RULE;
    if (host->budget.out_of_memory)
        lua_budget_tell_shortage(&host->budget, err->text, sizeof(err->text));
    else if (lua_type(L, -1) == LUA_TSTRING)
        tell(err, lua_tostring(L, -1), lua_rawlen(L, -1));
    else
        err_set(err, ERR_RULE, "an error without a text");
    lua_pop(L, 1);
    if (host->budget.out_of_memory && host->depth == 0)
        lua_gc(L, LUA_GCCOLLECT);
    return err->code;
}

int lua_host_call(struct lua_host *host, int arguments, int results, struct err *err)
{
    lua_State *L = host->L;
    int handler = lua_gettop(L) - arguments;
    lua_pushcfunction(L, lua_place_message);
    lua_insert(L, handler);
    if (host->depth++ == 0)
        lua_budget_begin(&host->budget, L);
    int status = lua_pcall(L, arguments, results, handler);
    if (--host->depth == 0)
        lua_budget_end(&host->budget, L);
    lua_remove(L, handler);
    return status == LUA_OK ? 0 : fail(host, status, err);
}

int lua_host_enter(struct lua_host *host, lua_CFunction function, void *user, struct err *err)
{
    lua_pushcfunction(host->L, function);
    lua_pushlightuserdata(host->L, user);
    return lua_host_call(host, 1, 0, err);
}

int lua_host_open(struct lua_host *host, const struct lua_limits *limits, struct err *err)
{
    lua_budget_init(&host->budget, limits);
    host->L = lua_newstate(lua_budget_allocate, &host->budget);
    if (host->L == NULL)
        return err_set(err, ERR_TOO_BIG, "no memory within %zu bytes", host->budget.limits.memory);
    lua_atpanic(host->L, end_program);
    return lua_host_enter(host, bind_budget, host, err);
}

struct chunk {
    struct lua_host *host;
    const struct buf *text;
    const char *shown;
};

/* "file:line: " begins what Lua's parser says, but for a few things that it says without a place. */
static bool has_place(const char *text)
{
    const char *colon = strchr(text, ':');
    return colon != NULL && isdigit((unsigned char)colon[1]) && colon[1 + strspn(colon + 1, "0123456789")] == ':';
}

/* Runs within the gate: compiles the chunk, runs it, and freezes its result. */
static RAISES nresults run_chunk(lua_State *L)
{
    const struct chunk *chunk = lua_touserdata(L, 1);
    char name[SHOWN_MAX], place[LUA_PLACE_MAX];
    snprintf(name, sizeof(name), "@%s", chunk->shown);
    int status = luaL_loadbufferx(L, buf_text(chunk->text), chunk->text->length, name, "t");
    if (status == LUA_ERRMEM)
        chunk->host->budget.out_of_memory = true;
    if (status != LUA_OK && !has_place(lua_tostring(L, -1)))
        lua_pushfstring(L, "%s:1: %s", chunk->shown, lua_tostring(L, -1));
    if (status != LUA_OK)
        return lua_error(L);
    lua_rawgeti(L, LUA_REGISTRYINDEX, chunk->host->environment_ref);
    lua_setupvalue(L, -2, 1);
    lua_Debug facts;
    lua_pushvalue(L, -1);
    lua_getinfo(L, ">S", &facts);
    snprintf(place, sizeof(place), "%s:1", facts.short_src);
    lua_call(L, 0, 1);
    lua_freeze(L, place);
    return 1;
}

int lua_host_run(struct lua_host *host, const struct buf *text, const char *shown, struct err *err)
{
    struct chunk chunk = {host, text, shown};
    lua_pushcfunction(host->L, run_chunk);
    lua_pushlightuserdata(host->L, &chunk);
    return lua_host_call(host, 1, 1, err);
}

int lua_host_read_file(const char *path, struct buf *ret_text, struct err *err)
{
    ret_text->limit = LUA_HOST_FILE_MAX;
    return file_read(path, ret_text, err);
}
