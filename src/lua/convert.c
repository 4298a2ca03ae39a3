/* JSON text to Lua tables in one pass.  The engine decodes every object that a node reads, each time it runs, so this is where translation
 * spends most of its time. */
#include "lua/convert.h"

#include <lauxlib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "lua/budget.h"

#define BYTES_PER_INSTRUCTION 64 /* decoding is fast */

struct decoder {
    lua_State *L;
    const char *at;
    const char *end;
    const char *problem;
    int depth;
};

static const char ARRAY_MARK; /* its address is the registry key */

RAISES void convert_open(lua_State *L)
{
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "array");
    lua_setfield(L, -2, "__name");
    lua_rawsetp(L, LUA_REGISTRYINDEX, &ARRAY_MARK);
}

void convert_push_null(lua_State *L)
{
    lua_pushlightuserdata(L, NULL);
}

bool convert_is_null(lua_State *L, int index)
{
    return lua_islightuserdata(L, index) && lua_touserdata(L, index) == NULL;
}

void convert_mark_array(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &ARRAY_MARK);
    lua_setmetatable(L, -2);
}

bool convert_is_array(lua_State *L, int index)
{
    if (!lua_getmetatable(L, index))
        return false;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &ARRAY_MARK);
    bool same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return same;
}

static bool wrong(struct decoder *decoder, const char *problem)
{
    decoder->problem = problem;
    return false;
}

static void skip_space(struct decoder *decoder)
{
    while (decoder->at < decoder->end &&
           (*decoder->at == ' ' || *decoder->at == '\n' || *decoder->at == '\t' || *decoder->at == '\r'))
        decoder->at++;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* The four digits after \u; -1 when they are not there. */
static int unit(const char *text, const char *end)
{
    int value = 0;
    if (end - text < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(text[i]);
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

static RAISES void add_utf8(luaL_Buffer *out, unsigned int code)
{
    if (code < 0x80) {
        luaL_addchar(out, (char)code);
    } else if (code < 0x800) {
        luaL_addchar(out, (char)(0xc0 | code >> 6));
        luaL_addchar(out, (char)(0x80 | (code & 0x3f)));
    } else if (code < 0x10000) {
        luaL_addchar(out, (char)(0xe0 | code >> 12));
        luaL_addchar(out, (char)(0x80 | (code >> 6 & 0x3f)));
        luaL_addchar(out, (char)(0x80 | (code & 0x3f)));
    } else {
        luaL_addchar(out, (char)(0xf0 | code >> 18));
        luaL_addchar(out, (char)(0x80 | (code >> 12 & 0x3f)));
        luaL_addchar(out, (char)(0x80 | (code >> 6 & 0x3f)));
        luaL_addchar(out, (char)(0x80 | (code & 0x3f)));
    }
}

/* decoder->at is behind "\u". */
static RAISES bool add_unicode(struct decoder *decoder, luaL_Buffer *out)
{
    int high = unit(decoder->at, decoder->end);
    if (high < 0)
        return wrong(decoder, "bad \\u escape");
    decoder->at += 4;
    unsigned int code = (unsigned int)high;
    if (high >= 0xd800 && high < 0xdc00) {
        int low = decoder->end - decoder->at >= 6 && decoder->at[0] == '\\' && decoder->at[1] == 'u'
                      ? unit(decoder->at + 2, decoder->end)
                      : -1;
        if (low < 0xdc00 || low > 0xdfff)
            return wrong(decoder, "half a surrogate pair");
        decoder->at += 6;
        code = 0x10000 + (((unsigned int)high - 0xd800) << 10) + ((unsigned int)low - 0xdc00);
    } else if (high >= 0xdc00 && high <= 0xdfff) {
        return wrong(decoder, "half a surrogate pair");
    }
    add_utf8(out, code);
    return true;
}

/* A string with escapes; decoder->at is at its first character, `plain` where the first escape stands. */
static RAISES bool push_escaped(struct decoder *decoder, const char *plain)
{
    static const char names[] = "\"\\/bfnrt";
    static const char values[] = "\"\\/\b\f\n\r\t";
    luaL_Buffer out;
    luaL_buffinit(decoder->L, &out);
    luaL_addlstring(&out, decoder->at, (size_t)(plain - decoder->at));
    decoder->at = plain;
    while (decoder->at < decoder->end && *decoder->at != '"') {
        if (*decoder->at != '\\') {
            const char *from = decoder->at;
            while (decoder->at < decoder->end && *decoder->at != '"' && *decoder->at != '\\')
                decoder->at++;
            luaL_addlstring(&out, from, (size_t)(decoder->at - from));
            continue;
        }
        if (decoder->end - decoder->at < 2)
            return wrong(decoder, "unfinished escape");
        char name = decoder->at[1];
        decoder->at += 2;
        const char *known = name != '\0' ? strchr(names, name) : NULL;
        if (known != NULL)
            luaL_addchar(&out, values[known - names]);
        else if (name != 'u')
            return wrong(decoder, "unknown escape");
        else if (!add_unicode(decoder, &out))
            return false;
    }
    if (decoder->at >= decoder->end)
        return wrong(decoder, "unfinished string");
    decoder->at++;
    luaL_pushresult(&out);
    return true;
}

/* decoder->at is behind the opening quote. */
static RAISES bool push_string(struct decoder *decoder)
{
    const char *c = decoder->at;
    while (c < decoder->end && *c != '"' && *c != '\\')
        c++;
    if (c >= decoder->end)
        return wrong(decoder, "unfinished string");
    if (*c == '\\')
        return push_escaped(decoder, c);
    lua_pushlstring(decoder->L, decoder->at, (size_t)(c - decoder->at));
    decoder->at = c + 1;
    return true;
}

static RAISES bool push_number(struct decoder *decoder)
{
    const char *from = decoder->at;
    const char *c = from + (*from == '-');
    long long whole = 0;
    const char *digits = c;
    while (c < decoder->end && *c >= '0' && *c <= '9' && c - digits < 16)
        whole = whole * 10 + (*c++ - '0');
    bool integer = c > digits && (c >= decoder->end || (strchr(".eE", *c) == NULL && !(*c >= '0' && *c <= '9')));
    if (integer && whole <= 9007199254740992LL) {
        lua_pushinteger(decoder->L, *from == '-' ? -whole : whole);
        decoder->at = c;
        return true;
    }
    char text[64];
    size_t length = 0;
    while (from + length < decoder->end && length < sizeof(text) - 1 &&
           memchr("+-.eE0123456789", from[length], 15) != NULL)
        length++;
    memcpy(text, from, length);
    text[length] = '\0';
    char *stop = NULL;
    double number = strtod(text, &stop);
    if (length == 0 || *stop != '\0')
        return wrong(decoder, "broken number");
    if (number == floor(number) && fabs(number) <= 9007199254740992.0)
        lua_pushinteger(decoder->L, (lua_Integer)number);
    else
        lua_pushnumber(decoder->L, number);
    decoder->at = from + length;
    return true;
}

static RAISES bool push_word(struct decoder *decoder)
{
    size_t left = (size_t)(decoder->end - decoder->at);
    if (left >= 4 && memcmp(decoder->at, "true", 4) == 0) {
        lua_pushboolean(decoder->L, 1);
        decoder->at += 4;
    } else if (left >= 5 && memcmp(decoder->at, "false", 5) == 0) {
        lua_pushboolean(decoder->L, 0);
        decoder->at += 5;
    } else if (left >= 4 && memcmp(decoder->at, "null", 4) == 0) {
        convert_push_null(decoder->L);
        decoder->at += 4;
    } else {
        return wrong(decoder, "unexpected character");
    }
    return true;
}

static RAISES bool push_value(struct decoder *decoder, bool keep_nulls);

static RAISES bool push_array(struct decoder *decoder, bool keep_nulls)
{
    lua_State *L = decoder->L;
    lua_createtable(L, 4, 0);
    lua_Integer count = 0;
    skip_space(decoder);
    if (decoder->at < decoder->end && *decoder->at == ']') {
        decoder->at++;
        convert_mark_array(L);
        return true;
    }
    for (;;) {
        if (!push_value(decoder, keep_nulls))
            return false;
        lua_rawseti(L, -2, ++count);
        skip_space(decoder);
        if (decoder->at >= decoder->end)
            return wrong(decoder, "unfinished array");
        char c = *decoder->at++;
        if (c == ']')
            break;
        if (c != ',')
            return wrong(decoder, "expected ',' or ']'");
    }
    convert_mark_array(L);
    return true;
}

static bool is_free_form(const char *name, size_t length)
{
    return (length == 6 && memcmp(name, "config", 6) == 0) || (length == 6 && memcmp(name, "fields", 6) == 0);
}

static RAISES bool push_member(struct decoder *decoder, bool keep_nulls)
{
    lua_State *L = decoder->L;
    skip_space(decoder);
    if (decoder->at >= decoder->end || *decoder->at++ != '"')
        return wrong(decoder, "expected a member name");
    const char *name = decoder->at;
    if (!push_string(decoder))
        return false;
    bool keep = keep_nulls || is_free_form(name, (size_t)(decoder->at - name - 1));
    skip_space(decoder);
    if (decoder->at >= decoder->end || *decoder->at++ != ':')
        return wrong(decoder, "expected ':'");
    if (!push_value(decoder, keep))
        return false;
    if (!keep_nulls && convert_is_null(L, -1))
        lua_pop(L, 2);
    else
        lua_rawset(L, -3);
    return true;
}

static RAISES bool push_object(struct decoder *decoder, bool keep_nulls)
{
    lua_createtable(decoder->L, 0, 4);
    skip_space(decoder);
    if (decoder->at < decoder->end && *decoder->at == '}') {
        decoder->at++;
        return true;
    }
    for (;;) {
        if (!push_member(decoder, keep_nulls))
            return false;
        skip_space(decoder);
        if (decoder->at >= decoder->end)
            return wrong(decoder, "unfinished object");
        char c = *decoder->at++;
        if (c == '}')
            return true;
        if (c != ',')
            return wrong(decoder, "expected ',' or '}'");
    }
}

static RAISES bool push_value(struct decoder *decoder, bool keep_nulls)
{
    skip_space(decoder);
    if (decoder->at >= decoder->end)
        return wrong(decoder, "unexpected end");
    if (decoder->depth >= CONVERT_DEPTH_MAX)
        return wrong(decoder, "nested too deep");
    luaL_checkstack(decoder->L, 6, "JSON value");
    char c = *decoder->at;
    bool good;
    decoder->depth++;
    if (c == '"') {
        decoder->at++;
        good = push_string(decoder);
    } else if (c == '{') {
        decoder->at++;
        good = push_object(decoder, keep_nulls);
    } else if (c == '[') {
        decoder->at++;
        good = push_array(decoder, keep_nulls);
    } else if (c == '-' || (c >= '0' && c <= '9')) {
        good = push_number(decoder);
    } else {
        good = push_word(decoder);
    }
    decoder->depth--;
    return good;
}

RAISES bool convert_push(lua_State *L, const char *text, size_t length, bool keep_nulls, const char **ret_problem)
{
    struct decoder decoder = {L, text, text + length, NULL, 0};
    int top = lua_gettop(L);
    lua_budget_charge(lua_budget_of(L), L, length / BYTES_PER_INSTRUCTION);
    bool good = push_value(&decoder, keep_nulls);
    if (good) {
        skip_space(&decoder);
        good = decoder.at == decoder.end || wrong(&decoder, "goes on after its end");
    }
    if (!good) {
        lua_settop(L, top);
        *ret_problem = decoder.problem;
    }
    return good;
}
