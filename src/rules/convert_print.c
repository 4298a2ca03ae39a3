/* Lua values as canonical JSON text: members sorted by name, so that equal values give equal bytes. */
#include <lauxlib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "convert.h"

#define NAMES_FEW 24 /* members sorted without other memory */

struct name {
    const char *text;
    size_t length;
};

static int by_name(const void *left, const void *right)
{
    const struct name *a = left;
    const struct name *b = right;
    size_t shared = a->length < b->length ? a->length : b->length;
    int order = memcmp(a->text, b->text, shared);
    return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

static void print_value(lua_State *L, int index, const char *skip, struct buf *out, int depth);

static void print_array(lua_State *L, int index, struct buf *out, int depth)
{
    lua_Integer count = (lua_Integer)lua_rawlen(L, index);
    buf_append_char(out, '[');
    for (lua_Integer i = 1; i <= count; i++) {
        if (i > 1)
            buf_append_char(out, ',');
        lua_rawgeti(L, index, i);
        print_value(L, lua_gettop(L), NULL, out, depth);
        lua_pop(L, 1);
    }
    buf_append_char(out, ']');
}

static void add_name(struct name *names, size_t count, const char *text, size_t length)
{
    struct name name = {text, length};
    size_t at = count;
    for (; at > 0 && by_name(&names[at - 1], &name) > 0; at--)
        names[at] = names[at - 1];
    names[at] = name;
}

/* Moves the names from `few` to a userdata in place of the nil at `holder`, so that an error loses nothing. */
static struct name *more_room(lua_State *L, int holder, const struct name *names, size_t count)
{
    struct name *larger = lua_newuserdatauv(L, count * 2 * sizeof(*names), 0);
    memcpy(larger, names, count * sizeof(*names));
    lua_replace(L, holder);
    return larger;
}

/* The names of a table's members, sorted: in `few` as long as they fit.  Pushes one value that keeps their memory. */
static struct name *sorted_names(lua_State *L, int index, const char *skip, struct name *few, size_t *ret_count)
{
    size_t count = 0, room = NAMES_FEW;
    struct name *names = few;
    lua_pushnil(L);
    int holder = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, index) != 0) {
        lua_pop(L, 1);
        if (lua_type(L, -1) != LUA_TSTRING)
            luaL_error(L, "a JSON object's names must be strings, not %s", luaL_typename(L, -1));
        size_t length;
        const char *text = lua_tolstring(L, -1, &length);
        if (skip != NULL && strcmp(text, skip) == 0)
            continue;
        if (count == room) {
            names = more_room(L, holder, names, count);
            room *= 2;
        }
        if (room == NAMES_FEW)
            add_name(names, count, text, length);
        else
            names[count] = (struct name){text, length};
        count++;
    }
    if (room != NAMES_FEW)
        qsort(names, count, sizeof(*names), by_name);
    *ret_count = count;
    return names;
}

static void print_object(lua_State *L, int index, const char *skip, struct buf *out, int depth)
{
    size_t count;
    struct name few[NAMES_FEW];
    struct name *names = sorted_names(L, index, skip, few, &count);
    buf_append_char(out, '{');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_append_char(out, ',');
        json_print_string(names[i].text, names[i].length, out);
        buf_append_char(out, ':');
        lua_pushlstring(L, names[i].text, names[i].length);
        lua_rawget(L, index);
        print_value(L, lua_gettop(L), NULL, out, depth);
        lua_pop(L, 1);
    }
    buf_append_char(out, '}');
    lua_pop(L, 1);
}

static void print_number(lua_State *L, int index, struct buf *out)
{
    if (lua_isinteger(L, index)) {
        json_print_integer(lua_tointeger(L, index), out);
        return;
    }
    double number = lua_tonumber(L, index);
    if (!isfinite(number))
        luaL_error(L, "a number that JSON cannot hold");
    json_print_number(number, out);
}

static void print_value(lua_State *L, int index, const char *skip, struct buf *out, int depth)
{
    if (depth >= CONVERT_DEPTH_MAX)
        luaL_error(L, "a table is nested too deep, or contains itself");
    luaL_checkstack(L, 8, "JSON text");
    switch (lua_type(L, index)) {
    case LUA_TNIL:
        buf_append(out, "null", 4);
        break;
    case LUA_TBOOLEAN:
        buf_append_text(out, lua_toboolean(L, index) ? "true" : "false");
        break;
    case LUA_TNUMBER:
        print_number(L, index, out);
        break;
    case LUA_TSTRING: {
        size_t length;
        const char *text = lua_tolstring(L, index, &length);
        json_print_string(text, length, out);
        break;
    }
    case LUA_TTABLE:
        if (lua_rawlen(L, index) > 0 || convert_is_array(L, index))
            print_array(L, index, out, depth + 1);
        else
            print_object(L, index, skip, out, depth + 1);
        break;
    case LUA_TLIGHTUSERDATA:
        if (convert_is_null(L, index)) {
            buf_append(out, "null", 4);
            break;
        }
        __attribute__((fallthrough));
    default:
        luaL_error(L, "a %s cannot be part of an entity or a contribution", luaL_typename(L, index));
    }
}

void convert_print(lua_State *L, int index, const char *skip, struct buf *out)
{
    print_value(L, lua_absindex(L, index), skip, out, 0);
}
