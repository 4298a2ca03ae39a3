/* Only what is sure to be wrong is refused: null, and fields that we do not know, are Kong's business. */
#include "entity_check.h"

#include <lauxlib.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "entity_field.h"
#include "lua/convert.h"
#include "lua/view.h"

#define PATH_MAX_SHOWN 200

/* Where in the entity we are: "upstream.healthchecks.active". */
struct path {
    const struct path *up;
    const char *name;
    lua_Integer element; /* of the list `name`; 0: the field itself */
    bool bounds;         /* numbers must lie between the field's */
};

static void append_path(const struct path *path, struct buf *out)
{
    if (path->up != NULL) {
        append_path(path->up, out);
        buf_append_char(out, '.');
    }
    buf_append_text(out, path->name);
    if (path->element != 0)
        buf_printf(out, "[%lld]", (long long)path->element);
}

static RAISES void refuse(lua_State *L, const struct path *path, const char *text)
{
    char place[PATH_MAX_SHOWN];
    struct buf out = BUF_INIT(sizeof(place) - 1);
    append_path(path, &out);
    memcpy(place, buf_text(&out), out.length + 1);
    buf_done(&out);
    luaL_error(L, "%s: %s", place, text);
}

static RAISES void check_fields(lua_State *L, struct entity_fields fields, const struct path *path);

static RAISES void check_number(lua_State *L, const struct entity_field *field, const struct path *path)
{
    if (lua_type(L, -1) != LUA_TNUMBER)
        refuse(L, path,
               lua_pushfstring(L, "%s is expected, not %s", field->type == FIELD_NUMBER ? "a number" : "an integer",
                               luaL_typename(L, -1)));
    double number = lua_tonumber(L, -1);
    if (field->type != FIELD_NUMBER && number != floor(number))
        refuse(L, path, lua_pushfstring(L, "an integer is expected, not %f", number));
    if (path->bounds && (field->least != 0 || field->most != 0) && (number < field->least || number > field->most)) {
        lua_pushvalue(L, -1);
        const char *shown = lua_tostring(L, -1);
        refuse(L, path,
               lua_pushfstring(L, "%s is not between %I and %I", shown, (LUAI_UACINT)field->least,
                               (LUAI_UACINT)field->most));
    }
}

static RAISES void check_type(lua_State *L, const struct path *path, int type, const char *expected)
{
    if (lua_type(L, -1) != type)
        refuse(L, path, lua_pushfstring(L, "%s is expected, not %s", expected, luaL_typename(L, -1)));
}

/* A list and not a mapping: an empty table may be either. */
static RAISES void check_list(lua_State *L, const struct path *path)
{
    check_type(L, path, LUA_TTABLE, "a list");
    lua_view_open(L, -1);
    if (lua_rawlen(L, -1) > 0 || convert_is_array(L, -1))
        return;
    lua_pushnil(L);
    if (lua_next(L, -2) != 0)
        refuse(L, path, "a list is expected, not a mapping");
}

/* The elements of the list on top. */
static RAISES void check_elements(lua_State *L, const struct entity_field *field, const struct path *path)
{
    struct path element = *path;
    lua_Integer count = (lua_Integer)lua_rawlen(L, -1);
    for (element.element = 1; element.element <= count; element.element++) {
        lua_rawgeti(L, -1, element.element);
        if (field->type == FIELD_INTEGERS)
            check_number(L, field, &element);
        else if (field->type == FIELD_RECORDS)
            check_fields(L, field->within, &element);
        else
            check_type(L, &element, LUA_TSTRING, "a text");
        lua_pop(L, 1);
    }
}

static RAISES void check_lists(lua_State *L, const struct path *path)
{
    static const struct entity_field texts = {.type = FIELD_TEXTS};
    check_type(L, path, LUA_TTABLE, "a mapping");
    lua_view_open(L, -1);
    for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
        struct path member = {path, lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?", 0, path->bounds};
        if (convert_is_null(L, -1))
            continue;
        check_list(L, &member);
        check_elements(L, &texts, &member);
    }
}

/* The name of a plugin is the beginning of natural keys, in which colons part what it is for. */
static RAISES void check_plugin_name(lua_State *L, const struct path *path)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    check_type(L, path, LUA_TSTRING, "a text");
    const char *name = lua_tostring(L, -1);
    if (name[strspn(name, letters)] != '\0')
        refuse(L, path, lua_pushfstring(L, "'%s' is no name of a plugin", name));
}

/* The value on top. */
static RAISES void check_value(lua_State *L, const struct entity_field *field, const struct path *path)
{
    switch (field->type) {
    case FIELD_TEXT:
        check_type(L, path, LUA_TSTRING, "a text");
        break;
    case FIELD_TRUTH:
        check_type(L, path, LUA_TBOOLEAN, "true or false");
        break;
    case FIELD_INTEGER:
    case FIELD_NUMBER:
        check_number(L, field, path);
        break;
    case FIELD_TEXTS:
    case FIELD_INTEGERS:
    case FIELD_RECORDS:
        check_list(L, path);
        check_elements(L, field, path);
        break;
    case FIELD_LISTS:
        check_lists(L, path);
        break;
    case FIELD_RECORD:
        check_fields(L, field->within, path);
        break;
    case FIELD_PLUGIN:
        check_plugin_name(L, path);
        break;
    }
}

/* The table on top. */
static RAISES void check_fields(lua_State *L, struct entity_fields fields, const struct path *path)
{
    check_type(L, path, LUA_TTABLE, "a mapping");
    lua_view_open(L, -1);
    if (fields.count == 0)
        return;
    luaL_checkstack(L, 10, "fields");
    for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING || convert_is_null(L, -1))
            continue;
        const struct entity_field *field = entity_field_find(fields, lua_tostring(L, -2));
        struct path member = {path, field != NULL ? field->name : "", 0, path->bounds};
        if (field != NULL)
            check_value(L, field, &member);
    }
}

RAISES void entity_check(lua_State *L, int index, const struct kong_kind *kind, bool bounds)
{
    struct path path = {NULL, kind->name, 0, bounds};
    lua_pushvalue(L, index);
    for (int i = 0; kind->id != KONG_CUSTOM && i < KONG_FOREIGN_MAX && kind->foreign[i].field != NULL; i++) {
        lua_pushstring(L, kind->foreign[i].field);
        if (lua_rawget(L, -2) != LUA_TNIL) {
            struct path field = {&path, kind->foreign[i].field, 0, bounds};
            refuse(L, &field, "a reference is given in 'links', by its natural key");
        }
        lua_pop(L, 1);
    }
    check_fields(L, entity_field_table(kind->id), &path);
    lua_pop(L, 1);
}
