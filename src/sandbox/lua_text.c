/* Prints errors inside errors the way Kong's messages do. */
#include "lua_text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static int by_name(const void *left, const void *right)
{
    return strcmp(json_name(*(const struct json *const *)left), json_name(*(const struct json *const *)right));
}

const struct json **lua_text_sorted(const struct json *object, size_t *ret_count)
{
    size_t count = 0;
    const struct json **members = xcalloc(json_count(object) + 1, sizeof(*members));
    json_each (member, object)
        members[count++] = member;
    qsort(members, count, sizeof(*members), by_name);
    *ret_count = count;
    return members;
}

static bool is_identifier(const char *text)
{
    if (!isalpha((unsigned char)*text) && *text != '_')
        return false;
    for (; *text != '\0'; text++) {
        if (!isalnum((unsigned char)*text) && *text != '_')
            return false;
    }
    return true;
}

static void print_quoted(const char *text, struct buf *out)
{
    buf_append_char(out, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\' || *text == '\n')
            buf_append_char(out, '\\');
        buf_append_char(out, *text == '\n' ? 'n' : *text);
    }
    buf_append_char(out, '"');
}

static void print_at(const struct json *value, int indent, struct buf *out)
{
    if (json_text(value) != NULL) {
        print_quoted(json_text(value), out);
        return;
    }
    if (!json_is(value, JSON_ARRAY) && !json_is(value, JSON_OBJECT)) {
        json_print(value, out);
        return;
    }
    size_t count;
    const struct json **members = NULL;
    if (json_is(value, JSON_OBJECT))
        members = lua_text_sorted(value, &count);
    else
        count = json_count(value);
    buf_append_text(out, "{\n");
    const struct json *item = json_first(value);
    for (size_t i = 0; i < count; i++, item = json_after(item)) {
        const struct json *member = members != NULL ? members[i] : item;
        buf_printf(out, "%*s", indent + 2, "");
        if (members != NULL)
            buf_printf(out, is_identifier(json_name(member)) ? "%s = " : "[\"%s\"] = ", json_name(member));
        print_at(member, indent + 2, out);
        buf_append_text(out, i + 1 < count ? ",\n" : "\n");
    }
    buf_printf(out, "%*s}", indent, "");
    free(members);
}

void lua_text_print(const struct json *value, struct buf *out)
{
    print_at(value, 0, out);
}

void lua_text_print_key(const struct json *object, struct buf *out)
{
    size_t count;
    const struct json **members = lua_text_sorted(object, &count);
    buf_append_char(out, '{');
    for (size_t i = 0; i < count; i++) {
        buf_printf(out, "%s%s=", i != 0 ? "," : "", json_name(members[i]));
        if (json_text(members[i]) != NULL)
            print_quoted(json_text(members[i]), out);
        else if (json_is(members[i], JSON_OBJECT))
            lua_text_print_key(members[i], out);
        else
            json_print(members[i], out);
    }
    buf_append_char(out, '}');
    free(members);
}
