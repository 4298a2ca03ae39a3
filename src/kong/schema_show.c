/* Decides what a gateway shows of fields that are stored: its database may hold what another version of it wrote. */
#include "kong/schema.h"
#include "schema_walk.h"

static void show_value(const struct json *field, struct json *value);

static bool is_shown(const struct json *schema, const struct json *field, const struct json *member)
{
    if (field == NULL)
        return schema_has_shorthand(schema, json_name(member));
    const char *text = json_text(member);
    return text == NULL || text[0] != '\0' || !schema_is(field, "string") ||
           json_number(json_find(field, "len_min"), 1) <= 0;
}

static void show_record(const struct json *schema, const struct json *inner, struct json *fields)
{
    struct json *next;
    schema_move_shorthands(schema, fields);
    for (struct json *member = json_first(fields); member != NULL; member = next) {
        next = json_after(member);
        const struct json *field = schema_field(schema, json_name(member));
        const struct json *closer = schema_field(inner, json_name(member));
        if (is_shown(schema, field, member))
            show_value(closer != NULL ? closer : field, member);
        else
            json_remove(fields, json_name(member));
    }
}

static void show_value(const struct json *field, struct json *value)
{
    bool object = json_is(value, JSON_OBJECT);
    if (field == NULL || (!object && !json_is(value, JSON_ARRAY)))
        return;
    if (object && schema_is(field, "record")) {
        if (json_find(field, "fields") != NULL)
            show_record(field, NULL, value);
        return;
    }
    const struct json *inner = json_find(field, object ? "values" : "elements");
    if (inner == NULL)
        return;
    json_each (element, value) {
        show_value(inner, element);
    }
}

void kong_schema_show(const struct json *schema, const struct json *inner, struct json *fields)
{
    if (schema != NULL)
        show_record(schema, inner, fields);
}
