/* Texts are copied by whoever keeps them, while they are on the stack. */
#include "lua/read.h"

#include <lauxlib.h>
#include <string.h>

#include "base/text.h"
#include "lua/view.h"

#define REPLACEMENT "\xef\xbf\xbd"

/* Without a branch per byte, so that many are looked at in one step. */
static bool is_ascii(const char *text, size_t length)
{
    unsigned int high = 0;
    for (size_t i = 0; i < length; i++)
        high |= (unsigned char)text[i] & 0x80u;
    return high == 0;
}

static bool is_utf8(const char *text, size_t length)
{
    for (size_t at = 0, size; at < length; at += size) {
        size = text_utf8_length(text + at, length - at);
        if (size == 0)
            return false;
    }
    return true;
}

const char *lua_read_fault(const char *text, size_t length, bool may_hold_nul)
{
    if (!may_hold_nul && memchr(text, '\0', length) != NULL)
        return "a text with a NUL";
    return is_ascii(text, length) || is_utf8(text, length) ? NULL : "a text that is no UTF-8";
}

RAISES int lua_read_member(lua_State *L, int index, const char *name)
{
    index = lua_absindex(L, index);
    lua_pushstring(L, name);
    return lua_rawget(L, index);
}

RAISES const char *lua_read_check(lua_State *L, int index, const char *what, const char *member)
{
    size_t length;
    const char *text = NULL, *fault = "a text is expected";
    if (lua_type(L, index) == LUA_TSTRING) {
        text = lua_tolstring(L, index, &length);
        fault = length == 0 ? "an empty text" : lua_read_fault(text, length, false);
    }
    if (fault != NULL)
        luaL_error(L, "%s%s%s: %s", what, member != NULL ? "." : "", member != NULL ? member : "", fault);
    return text;
}

RAISES const char *lua_read_argument(lua_State *L, int index, const char *what)
{
    size_t length;
    luaL_checktype(L, index, LUA_TSTRING);
    const char *text = lua_tolstring(L, index, &length);
    const char *fault = lua_read_fault(text, length, false);
    if (fault != NULL)
        luaL_error(L, "%s: %s", what, fault);
    return text;
}

RAISES const char *lua_read_optional_argument(lua_State *L, int index, const char *what)
{
    return lua_isnoneornil(L, index) ? NULL : lua_read_argument(L, index, what);
}

RAISES const char *lua_read_text(lua_State *L, int index, const char *name, const char *what, bool needed)
{
    if (lua_read_member(L, index, name) == LUA_TNIL && !needed)
        return NULL;
    if (lua_type(L, -1) != LUA_TSTRING)
        luaL_error(L, "%s.%s: a text is expected, not %s", what, name, luaL_typename(L, -1));
    size_t length;
    const char *text = lua_tolstring(L, -1, &length);
    const char *fault = lua_read_fault(text, length, false);
    if (fault != NULL)
        luaL_error(L, "%s.%s: %s", what, name, fault);
    return text;
}

/* How many bytes stand at `text` for one character; 0: none that is sound. */
static size_t sound_length(const char *text, size_t left)
{
    return text[0] != '\0' ? text_utf8_length(text, left) : 0;
}

void lua_read_append_clean(struct buf *out, const char *text, size_t length)
{
    for (size_t at = 0, size; at < length; at += size != 0 ? size : 1) {
        size = sound_length(text + at, length - at);
        if (size != 0)
            buf_append(out, text + at, size);
        else
            buf_append_text(out, REPLACEMENT);
    }
}

RAISES const char *lua_read_clean(lua_State *L, int index)
{
    size_t length;
    index = lua_absindex(L, index);
    const char *text = luaL_checklstring(L, index, &length);
    if (lua_read_fault(text, length, false) == NULL)
        return text;
    luaL_Buffer out;
    luaL_buffinit(L, &out);
    for (size_t at = 0; at < length;) {
        size_t size = sound_length(text + at, length - at);
        if (size != 0)
            luaL_addlstring(&out, text + at, size);
        else
            luaL_addstring(&out, REPLACEMENT);
        at += size != 0 ? size : 1;
    }
    luaL_pushresult(&out);
    lua_replace(L, index);
    return lua_tostring(L, index);
}
