/* Lua values as canonical JSON text: members sorted by name, so that equal values give equal bytes.  Every value is charged, so that a
 * table that holds another many times costs the run what it costs the printer. */
#include <lauxlib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "lua/budget.h"
#include "lua/convert.h"
#include "lua/read.h"
#include "lua/view.h"

#define NAMES_FEW      24  /* members sorted without other memory */
#define PATH_MAX_SHOWN 300 /* bytes of a path in a message */
#define INTEGER_EXACT  (INT64_C(1) << 53)

struct name {
    const char *text;
    size_t length;
};

/* A way into the value that is printed. */
struct step {
    const struct step *up;
    const char *name; /* NULL: an element */
    lua_Integer index;
};

struct printer {
    lua_State *L;
    struct lua_budget *budget;
    struct buf *out;
    const struct convert_print_options *options;
};

static void append_path(const struct step *step, const char *what, struct buf *path)
{
    if (step == NULL)
        buf_append_text(path, what);
    else
        append_path(step->up, what, path);
    if (step == NULL || path->length > PATH_MAX_SHOWN)
        return;
    if (step->name != NULL)
        buf_printf(path, ".%.60s", step->name);
    else
        buf_printf(path, "[%lld]", (long long)step->index);
    if (path->length > PATH_MAX_SHOWN)
        buf_append_text(path, "…");
}

/* Raises with the path of what is wrong. */
static RAISES void refuse(struct printer *printer, const struct step *step, const char *text)
{
    buf_clear(printer->out); /* what stands in it is of no use any more: room for the path */
    append_path(step, printer->options->what, printer->out);
    luaL_error(printer->L, "%s: %s", buf_text(printer->out), text);
}

static RAISES void refuse_size(struct printer *printer, const struct step *step)
{
    refuse(printer, step, lua_pushfstring(printer->L, "its text is over the limit of %d bytes", CONVERT_BYTES_MAX));
}

static RAISES void put(struct printer *printer, const struct step *step, const char *text, size_t length)
{
    if (buf_append(printer->out, text, length) != 0)
        refuse_size(printer, step);
}

static RAISES void put_text(struct printer *printer, const struct step *step, const char *text, size_t length)
{
    const char *fault = lua_read_fault(text, length, !printer->options->storable);
    if (fault != NULL)
        refuse(printer, step, fault);
    lua_budget_charge_bytes(printer->budget, printer->L, length);
    size_t before = printer->out->length;
    json_print_string(text, length, printer->out);
    if (printer->out->length == before)
        refuse_size(printer, step);
}

static int by_name(const void *left, const void *right)
{
    const struct name *a = left;
    const struct name *b = right;
    size_t shared = a->length < b->length ? a->length : b->length;
    int order = memcmp(a->text, b->text, shared);
    return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
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
static RAISES struct name *more_room(lua_State *L, int holder, const struct name *names, size_t count)
{
    struct name *larger = lua_newuserdatauv(L, count * 2 * sizeof(*names), 0);
    memcpy(larger, names, count * sizeof(*names));
    lua_replace(L, holder);
    return larger;
}

static RAISES void print_value(struct printer *printer, int index, const struct step *step, int depth);

/* Elements 1 to `count`, and nothing else. */
static RAISES void check_list(struct printer *printer, int index, lua_Integer count, const struct step *step)
{
    lua_State *L = printer->L;
    lua_Integer seen = 0;
    for (lua_pushnil(L); lua_next(L, index) != 0; seen++) {
        lua_pop(L, 1);
        lua_Integer at = lua_isinteger(L, -1) ? lua_tointeger(L, -1) : 0;
        if (at >= 1 && at <= count)
            continue;
        const char *name = lua_isstring(L, -1) ? luaL_tolstring(L, -1, NULL) : luaL_typename(L, -1);
        refuse(printer, step, lua_pushfstring(L, "a list with a member '%s'", name));
    }
    if (seen != count)
        refuse(printer, step, "a list with holes");
}

static RAISES void print_list(struct printer *printer, int index, const struct step *step, int depth)
{
    lua_State *L = printer->L;
    lua_Integer count = (lua_Integer)lua_rawlen(L, index);
    check_list(printer, index, count, step);
    put(printer, step, "[", 1);
    for (lua_Integer i = 1; i <= count; i++) {
        struct step inner = {step, NULL, i};
        if (i > 1)
            put(printer, step, ",", 1);
        lua_rawgeti(L, index, i);
        print_value(printer, lua_gettop(L), &inner, depth);
        lua_pop(L, 1);
    }
    put(printer, step, "]", 1);
}

/* The names of a table's members, sorted: in `few` as long as they fit.  Pushes one value that keeps their memory. */
static RAISES struct name *sorted_names(struct printer *printer, int index, const struct step *step, struct name *few,
                                        size_t *ret_count)
{
    lua_State *L = printer->L;
    const char *skip = step == NULL ? printer->options->skip : NULL;
    size_t count = 0, room = NAMES_FEW;
    struct name *names = few;
    lua_pushnil(L);
    int holder = lua_gettop(L);
    for (lua_pushnil(L); lua_next(L, index) != 0;) {
        lua_pop(L, 1);
        if (lua_type(L, -1) != LUA_TSTRING)
            refuse(printer, step, lua_pushfstring(L, "names must be strings, not %s", luaL_typename(L, -1)));
        size_t length;
        const char *text = lua_tolstring(L, -1, &length);
        if (skip != NULL && strlen(skip) == length && memcmp(text, skip, length) == 0)
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

static RAISES void print_object(struct printer *printer, int index, const struct step *step, int depth)
{
    lua_State *L = printer->L;
    size_t count;
    struct name few[NAMES_FEW];
    struct name *names = sorted_names(printer, index, step, few, &count);
    put(printer, step, "{", 1);
    for (size_t i = 0; i < count; i++) {
        struct step inner = {step, names[i].text, 0};
        if (i > 0)
            put(printer, step, ",", 1);
        put_text(printer, &inner, names[i].text, names[i].length);
        put(printer, step, ":", 1);
        lua_pushlstring(L, names[i].text, names[i].length);
        lua_rawget(L, index);
        print_value(printer, lua_gettop(L), &inner, depth);
        lua_pop(L, 1);
    }
    put(printer, step, "}", 1);
    lua_pop(L, 1);
}

static RAISES void print_number(struct printer *printer, int index, const struct step *step)
{
    lua_State *L = printer->L;
    size_t before = printer->out->length;
    if (lua_isinteger(L, index)) {
        lua_Integer number = lua_tointeger(L, index);
        if (number > INTEGER_EXACT || number < -INTEGER_EXACT)
            refuse(printer, step,
                   lua_pushfstring(L, "%I is over 2^53: readers of JSON would round it", (LUAI_UACINT)number));
        json_print_integer(number, printer->out);
    } else if (isfinite(lua_tonumber(L, index))) {
        json_print_number(lua_tonumber(L, index), printer->out);
    } else {
        refuse(printer, step, "a number that JSON cannot hold");
    }
    if (printer->out->length == before)
        refuse_size(printer, step);
}

static RAISES void print_table(struct printer *printer, int index, const struct step *step, int depth)
{
    lua_view_open(printer->L, index);
    if (lua_rawlen(printer->L, index) > 0 || convert_is_array(printer->L, index))
        print_list(printer, index, step, depth + 1);
    else
        print_object(printer, index, step, depth + 1);
}

static RAISES void print_value(struct printer *printer, int index, const struct step *step, int depth)
{
    lua_State *L = printer->L;
    if (depth >= CONVERT_DEPTH_MAX)
        refuse(printer, step, "nested too deep, or contains itself");
    luaL_checkstack(L, 10, "JSON text");
    lua_budget_charge(printer->budget, L, 1);
    switch (lua_type(L, index)) {
    case LUA_TNIL:
        put(printer, step, "null", 4);
        break;
    case LUA_TBOOLEAN:
        put(printer, step, lua_toboolean(L, index) ? "true" : "false", lua_toboolean(L, index) ? 4 : 5);
        break;
    case LUA_TNUMBER:
        print_number(printer, index, step);
        break;
    case LUA_TSTRING: {
        size_t length;
        const char *text = lua_tolstring(L, index, &length);
        put_text(printer, step, text, length);
        break;
    }
    case LUA_TTABLE:
        print_table(printer, index, step, depth);
        break;
    case LUA_TLIGHTUSERDATA:
        if (convert_is_null(L, index)) {
            put(printer, step, "null", 4);
            break;
        }
        __attribute__((fallthrough));
    default:
        refuse(printer, step, lua_pushfstring(L, "a %s is no data", luaL_typename(L, index)));
    }
}

RAISES void convert_print(lua_State *L, int index, const struct convert_print_options *options, struct buf *out)
{
    struct printer printer = {L, lua_budget_of(L), out, options};
    if (out->limit > CONVERT_BYTES_MAX)
        out->limit = CONVERT_BYTES_MAX;
    print_value(&printer, lua_absindex(L, index), NULL, 0);
}
