/* Decides what of a gateway's fields is a matter of configuration, whether it shows them or its database stores them; that may hold what
 * another version of it wrote. */
#include "kong/schema.h"
#include "schema_walk.h"

static void show_value(const struct json *field, struct json *value);

/* What people set: no times and no automatic values, no deprecated spellings (those have been moved), nothing unknown, and no empty text
 * where the gateway shows none. */
static bool is_kept(const struct json *field, const struct json *member)
{
    const char *text = json_text(member);
    if (field == NULL || json_truth(json_find(field, "timestamp"), false) ||
        json_truth(json_find(field, "transient"), false))
        return false;
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
        if (is_kept(field, member))
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
    if (inner == NULL || !schema_nests(inner))
        return;
    json_each (element, value) {
        show_value(inner, element);
    }
}

void kong_schema_show(const struct json *schema, const struct json *inner, struct json *fields)
{
    if (schema != NULL) {
        show_record(schema, inner, fields);
        return;
    }
    json_each (definition, json_find(inner, "fields")) {
        const struct json *field = json_first(definition);
        if (field != NULL)
            show_value(field, json_find(fields, json_name(field)));
    }
}
