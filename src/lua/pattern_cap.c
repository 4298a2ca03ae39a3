/* The string library's functions that search, over our own matcher; all else about them is as in Lua. */
#include "pattern_cap.h"

#include <lauxlib.h>
#include <string.h>

#include "pattern.h"

typedef int nresults;

struct text {
    const char *bytes;
    size_t length;
};

/* upvalue 1: the longest subject */
static RAISES void check_sizes(lua_State *L, const struct text *subject, const struct text *pattern)
{
    lua_Integer subject_max = lua_tointeger(L, lua_upvalueindex(1));
    if (pattern->length > PATTERN_BYTES_MAX)
        luaL_error(L, "a pattern of %d bytes is over the limit of %d", (int)pattern->length, PATTERN_BYTES_MAX);
    if (subject->length > (size_t)subject_max)
        luaL_error(L, "searching %d bytes is over the limit of %d", (int)subject->length, (int)subject_max);
}

static RAISES struct text check_text(lua_State *L, int index)
{
    struct text text;
    text.bytes = luaL_checklstring(L, index, &text.length);
    return text;
}

/* Where a search begins, from 0: negative positions count from the end. */
static RAISES size_t start_of(lua_State *L, int index, size_t length)
{
    lua_Integer position = luaL_optinteger(L, index, 1);
    if (position > 0)
        return (size_t)position - 1;
    if (position == 0 || position < -(lua_Integer)length)
        return 0;
    return length - (size_t)-position;
}

static bool is_plain(const struct text *pattern)
{
    for (size_t i = 0; i < pattern->length; i++) {
        if (pattern->bytes[i] != '\0' && strchr("^$*+?.([%-", pattern->bytes[i]) != NULL)
            return false;
    }
    return true;
}

static RAISES nresults find_plain(lua_State *L, const struct text *subject, const struct text *pattern, size_t start)
{
    lua_budget_charge_bytes(lua_budget_of(L), L, subject->length - start);
    const char *found = memmem(subject->bytes + start, subject->length - start, pattern->bytes, pattern->length);
    if (found == NULL) {
        luaL_pushfail(L);
        return 1;
    }
    lua_pushinteger(L, found - subject->bytes + 1);
    lua_pushinteger(L, found - subject->bytes + (lua_Integer)pattern->length);
    return 2;
}

static RAISES nresults search(lua_State *L, bool positions)
{
    struct text subject = check_text(L, 1);
    struct text pattern = check_text(L, 2);
    size_t start = start_of(L, 3, subject.length);
    if (start > subject.length) {
        luaL_pushfail(L);
        return 1;
    }
    if (positions && (lua_toboolean(L, 4) || is_plain(&pattern)))
        return find_plain(L, &subject, &pattern, start);
    check_sizes(L, &subject, &pattern);
    const char *items = pattern.bytes;
    bool anchored = *items == '^';
    items += anchored;
    struct pattern_search found;
    pattern_begin(&found, L, subject.bytes, subject.length, pattern.bytes + pattern.length);
    const char *at = subject.bytes + start;
    const char *end;
    while ((end = pattern_match(&found, at, items)) == NULL && !anchored && at < found.subject_end)
        at++;
    pattern_settle(&found);
    if (end == NULL) {
        luaL_pushfail(L);
        return 1;
    }
    if (!positions)
        return pattern_push_captures(&found, at, end);
    lua_pushinteger(L, at - subject.bytes + 1);
    lua_pushinteger(L, end - subject.bytes);
    return 2 + pattern_push_captures(&found, NULL, NULL);
}

static RAISES nresults capped_find(lua_State *L)
{
    return search(L, true);
}

static RAISES nresults capped_match(lua_State *L)
{
    return search(L, false);
}

/* upvalues: subject, pattern, where to go on, where the last match ended (-1: none yet) */
static RAISES nresults next_match(lua_State *L)
{
    size_t length, pattern_length;
    const char *subject = lua_tolstring(L, lua_upvalueindex(1), &length);
    const char *pattern = lua_tolstring(L, lua_upvalueindex(2), &pattern_length);
    lua_Integer last = lua_tointeger(L, lua_upvalueindex(4));
    struct pattern_search found;
    pattern_begin(&found, L, subject, length, pattern + pattern_length);
    for (const char *at = subject + lua_tointeger(L, lua_upvalueindex(3)); at <= found.subject_end; at++) {
        const char *end = pattern_match(&found, at, pattern);
        if (end == NULL || end - subject == last)
            continue;
        pattern_settle(&found);
        lua_pushinteger(L, end - subject);
        lua_pushvalue(L, -1);
        lua_replace(L, lua_upvalueindex(3));
        lua_replace(L, lua_upvalueindex(4));
        return pattern_push_captures(&found, at, end);
    }
    pattern_settle(&found);
    lua_pushinteger(L, (lua_Integer)length + 1);
    lua_replace(L, lua_upvalueindex(3));
    return 0;
}

static RAISES nresults capped_gmatch(lua_State *L)
{
    struct text subject = check_text(L, 1);
    struct text pattern = check_text(L, 2);
    size_t start = start_of(L, 3, subject.length);
    check_sizes(L, &subject, &pattern);
    if (start > subject.length)
        start = subject.length + 1;
    lua_settop(L, 2);
    lua_pushinteger(L, (lua_Integer)start);
    lua_pushinteger(L, -1);
    lua_pushcclosure(L, next_match, 4);
    return 1;
}

/* A replacement's text with %0 to %9 filled in. */
static RAISES void add_template(struct pattern_search *found, luaL_Buffer *out, const char *at, const char *end)
{
    lua_State *L = found->L;
    size_t length;
    const char *text = lua_tolstring(L, 3, &length);
    lua_budget_charge(found->budget, L, 1 + length / LUA_BYTES_PER_INSTRUCTION);
    for (const char *last = text + length; text < last; text++) {
        if (*text != '%') {
            luaL_addchar(out, *text);
            continue;
        }
        text++;
        if (*text == '%') {
            luaL_addchar(out, *text);
        } else if (*text == '0') {
            luaL_addlstring(out, at, (size_t)(end - at));
        } else if (*text >= '1' && *text <= '9') {
            pattern_push_capture(found, *text - '1', at, end);
            luaL_addvalue(out);
        } else {
            luaL_error(L, "invalid use of '%c' in replacement string", '%');
        }
    }
}

/* Adds what replaces a match; false when the match stays. */
static RAISES bool add_replacement(struct pattern_search *found, luaL_Buffer *out, const char *at, const char *end)
{
    lua_State *L = found->L;
    int type = lua_type(L, 3);
    if (type == LUA_TFUNCTION) {
        pattern_settle(found);
        lua_pushvalue(L, 3);
        lua_call(L, pattern_push_captures(found, at, end), 1);
        pattern_settle(found); /* the function spent some of the budget, too */
    } else if (type == LUA_TTABLE) {
        pattern_settle(found);
        pattern_push_capture(found, 0, at, end);
        lua_gettable(L, 3);
        pattern_settle(found);
    } else {
        add_template(found, out, at, end);
        return true;
    }
    if (!lua_toboolean(L, -1)) {
        lua_pop(L, 1);
        luaL_addlstring(out, at, (size_t)(end - at));
        return false;
    }
    if (!lua_isstring(L, -1))
        luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
    luaL_addvalue(out);
    return true;
}

static RAISES nresults capped_gsub(lua_State *L)
{
    struct text subject = check_text(L, 1);
    struct text pattern = check_text(L, 2);
    int type = lua_type(L, 3);
    bool usable = type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TTABLE || type == LUA_TFUNCTION;
    lua_Integer most = luaL_optinteger(L, 4, (lua_Integer)subject.length + 1);
    luaL_argexpected(L, usable, 3, "string/function/table");
    check_sizes(L, &subject, &pattern);
    const char *items = pattern.bytes;
    bool anchored = *items == '^';
    items += anchored;

    struct pattern_search found;
    pattern_begin(&found, L, subject.bytes, subject.length, pattern.bytes + pattern.length);
    luaL_Buffer out;
    luaL_buffinit(L, &out);
    const char *at = subject.bytes;
    const char *last = NULL;
    bool changed = false;
    lua_Integer count = 0;
    while (count < most) {
        const char *end = pattern_match(&found, at, items);
        if (end != NULL && end != last) {
            count++;
            changed |= add_replacement(&found, &out, at, end);
            at = last = end;
        } else if (at < found.subject_end) {
            luaL_addchar(&out, *at++);
        } else {
            break;
        }
        if (anchored)
            break;
    }
    pattern_settle(&found);
    if (changed) {
        luaL_addlstring(&out, at, (size_t)(found.subject_end - at));
        luaL_pushresult(&out);
    } else {
        lua_pushvalue(L, 1);
    }
    lua_pushinteger(L, count);
    return 2;
}

RAISES void pattern_cap_install(lua_State *L, size_t subject_max)
{
    static const luaL_Reg functions[] = {
        {"find", capped_find}, {"match", capped_match}, {"gmatch", capped_gmatch}, {"gsub", capped_gsub}, {NULL, NULL}};
    lua_pushinteger(L, (lua_Integer)subject_max);
    luaL_setfuncs(L, functions, 1);
}
