/* Lua's own functions, called in the frame of ours, whose results are charged: what they do is bounded by the longest text. */
#include "text.h"

#include <lauxlib.h>
#include <lualib.h>
#include <string.h>

#include "lua/budget.h"
#include "pattern_cap.h"
#include "stack.h"

typedef int nresults;

/* Calls the function that is upvalue 1; what it returns is charged. */
static RAISES nresults call_charged(lua_State *L)
{
    lua_CFunction own = lua_tocfunction(L, lua_upvalueindex(1));
    nresults count = own(L);
    uint64_t cost = (uint64_t)count;
    for (int i = 1; i <= count; i++) {
        if (lua_type(L, -i) == LUA_TSTRING)
            cost += lua_rawlen(L, -i) / LUA_BYTES_PER_INSTRUCTION;
    }
    lua_budget_charge(lua_budget_of(L), L, cost);
    return count;
}

/* The same for functions that return little and read all of their first argument. */
static RAISES nresults call_charged_by_argument(lua_State *L)
{
    lua_CFunction own = lua_tocfunction(L, lua_upvalueindex(1));
    if (lua_type(L, 1) == LUA_TSTRING)
        lua_budget_charge_bytes(lua_budget_of(L), L, lua_rawlen(L, 1));
    return own(L);
}

/* A position in a text of `length` bytes, from 0 to that: negative ones count from its end. */
static lua_Integer position(lua_Integer position, size_t length)
{
    if (position < 0)
        position =
            -position > (lua_Integer)length || position == LUA_MININTEGER ? 0 : (lua_Integer)length + position + 1;
    return position > (lua_Integer)length ? (lua_Integer)length : position;
}

/* byte and codepoint give a value for each place between two positions. */
static RAISES nresults call_capped(lua_State *L)
{
    size_t length;
    luaL_checklstring(L, 1, &length);
    lua_Integer first = position(luaL_optinteger(L, 2, 1), length);
    lua_Integer last = position(luaL_optinteger(L, 3, first), length);
    if (length > LUA_RESULTS_MAX && last - first >= LUA_RESULTS_MAX)
        return luaL_error(L, "string slice too long");
    return call_charged(L);
}

/* Makes any amount of memory in one instruction. */
static RAISES nresults capped_rep(lua_State *L)
{
    size_t length, separator = 0;
    luaL_checklstring(L, 1, &length);
    lua_Integer times = luaL_checkinteger(L, 2);
    luaL_optlstring(L, 3, "", &separator);
    if (times > 0 && (double)(length + separator) * (double)times > LUA_REPEAT_MAX)
        return luaL_error(L, "a repeated text over the limit of %d bytes", LUA_REPEAT_MAX);
    if (length + separator == 0) { /* Lua would go round for each of them */
        lua_pushliteral(L, "");
        return 1;
    }
    return call_charged(L);
}

static RAISES bool has_own_text(lua_State *L, int index)
{
    bool has = luaL_getmetafield(L, index, "__tostring") != LUA_TNIL;
    lua_pop(L, has);
    return has;
}

/* What Lua would show as an address; pushes what is shown instead. */
static RAISES bool push_without_address(lua_State *L, int index)
{
    switch (lua_type(L, index)) {
    case LUA_TTABLE:
    case LUA_TUSERDATA:
        if (has_own_text(L, index))
            return false;
        if (luaL_getmetafield(L, index, "__name") == LUA_TSTRING)
            return true;
        lua_pushstring(L, luaL_typename(L, index));
        return true;
    case LUA_TFUNCTION:
    case LUA_TLIGHTUSERDATA:
        lua_pushstring(L, luaL_typename(L, index));
        return true;
    default:
        return false;
    }
}

static RAISES void refuse_addresses(lua_State *L)
{
    size_t length;
    const char *at = luaL_checklstring(L, 1, &length);
    for (const char *end = at + length; at < end && (at = memchr(at, '%', (size_t)(end - at))) != NULL; at++) {
        at++;
        at += strspn(at, "-+ #0123456789.");
        luaL_argcheck(L, *at != 'p', 1, "'%p' would show an address");
    }
}

static RAISES nresults format(lua_State *L)
{
    refuse_addresses(L);
    for (int i = 2, top = lua_gettop(L); i <= top; i++) {
        if (push_without_address(L, i))
            lua_replace(L, i);
    }
    return call_charged(L);
}

RAISES void lua_text_charge_argument(lua_State *L)
{
    lua_pushcclosure(L, call_charged_by_argument, 1);
}

RAISES nresults lua_text_tostring(lua_State *L)
{
    luaL_checkany(L, 1);
    if (!push_without_address(L, 1))
        luaL_tolstring(L, 1, NULL);
    return 1;
}

/* Replaces members of the table on top, which are functions of Lua's own, by closures that have them as upvalue. */
static RAISES void wrap(lua_State *L, const luaL_Reg *functions)
{
    for (; functions->name != NULL; functions++) {
        lua_getfield(L, -1, functions->name);
        lua_pushcclosure(L, functions->func, 1);
        lua_setfield(L, -2, functions->name);
    }
}

static RAISES void copy_members(lua_State *L, const char *library, const char *const *names)
{
    lua_newtable(L);
    lua_getglobal(L, library);
    for (; *names != NULL; names++) {
        lua_getfield(L, -1, *names);
        lua_setfield(L, -3, *names);
    }
    lua_pop(L, 1);
}

RAISES void lua_text_push_string(lua_State *L, size_t subject_max)
{
    static const char *const names[] = {"byte", "char",  "format", "len",      "lower",  "rep", "reverse",
                                        "sub",  "upper", "pack",   "packsize", "unpack", NULL};
    static const luaL_Reg wrapped[] = {
        {"byte", call_capped},    {"char", call_charged},    {"format", format},  {"lower", call_charged},
        {"upper", call_charged},  {"reverse", call_charged}, {"rep", capped_rep}, {"pack", call_charged},
        {"unpack", call_charged}, {"sub", call_charged},     {NULL, NULL}};
    copy_members(L, LUA_STRLIBNAME, names);
    wrap(L, wrapped);
    pattern_cap_install(L, subject_max);
}

RAISES void lua_text_push_utf8(lua_State *L)
{
    static const char *const names[] = {"char", "charpattern", "codepoint", "codes", "len", "offset", NULL};
    static const luaL_Reg wrapped[] = {
        {"char", call_charged}, {"codepoint", call_capped}, {"len", call_charged_by_argument}, {NULL, NULL}};
    copy_members(L, LUA_UTF8LIBNAME, names);
    wrap(L, wrapped);
}
