/* Decides what form a gateway gives to fields that it stores. */
#include <stdlib.h>
#include <string.h>

#include "kong/schema.h"
#include "schema_walk.h"

/* Each definition is an object of one member: {name: field}. */
static const struct json *find_defined(const struct json *definitions, const char *name)
{
    json_each (definition, definitions) {
        const struct json *field = json_first(definition);
        if (field != NULL && json_name(field)[0] == name[0] && strcmp(json_name(field), name) == 0)
            return field;
    }
    return NULL;
}

const struct json *schema_field(const struct json *schema, const char *name)
{
    return find_defined(json_find(schema, "fields"), name);
}

const struct json *schema_shorthand(const struct json *schema, const char *name)
{
    return find_defined(json_find(schema, "shorthand_fields"), name);
}

bool schema_has_shorthand(const struct json *schema, const char *name)
{
    return schema_shorthand(schema, name) != NULL;
}

bool schema_is(const struct json *field, const char *type)
{
    const char *own = json_find_text(field, "type");
    return own != NULL && strcmp(own, type) == 0;
}

bool schema_nests(const struct json *field)
{
    return json_find(field, "fields") != NULL || json_find(field, "elements") != NULL ||
           json_find(field, "values") != NULL;
}

static int by_value(const void *left, const void *right)
{
    return json_compare(*(struct json *const *)left, *(struct json *const *)right);
}

void schema_sort_set(struct json *set)
{
    size_t count = json_count(set);
    if (!json_is(set, JSON_ARRAY) || count < 2)
        return;
    struct json **items = xcalloc(count, sizeof(struct json *));
    size_t at = 0;
    json_each (item, set) {
        items[at++] = json_copy(item);
    }
    while (json_first(set) != NULL)
        json_remove_at(set, 0);

    qsort(items, count, sizeof(struct json *), by_value);
    for (size_t i = 0; i < count; i++) {
        if (i + 1 < count && json_compare(items[i], items[i + 1]) == 0)
            json_free(items[i]);
        else
            json_append(set, items[i]);
    }
    free(items);
}

static void drop_nulls(struct json *fields)
{
    for (struct json *member = json_first(fields); member != NULL;) {
        struct json *next = json_after(member);
        if (json_is(member, JSON_NULL))
            json_remove(fields, json_name(member));
        member = next;
    }
}

/* Moves a deprecated spelling to the field that replaced it, unless that one is set as well. */
static void move_shorthand(const struct json *field, struct json *fields)
{
    const char *name = json_name(field);
    const struct json *replaced = json_find_path(field, "deprecation.replaced_with");
    const struct json *path = json_find(json_first(replaced), "path");
    if (json_find(fields, name) == NULL || json_count(path) == 0)
        return;

    struct json *at = fields;
    size_t depth = json_count(path);
    for (size_t i = 0; i + 1 < depth; i++) {
        const char *part = json_text(json_at(path, i));
        struct json *below = json_find(at, part);
        if (!json_is(below, JSON_OBJECT)) {
            below = json_new_object();
            json_set(at, part, below);
        }
        at = below;
    }
    struct json *value = json_take(fields, name);
    const char *last = json_text(json_at(path, depth - 1));
    const struct json *present = json_find(at, last);
    if (present == NULL || json_is(present, JSON_NULL))
        json_set(at, last, value);
    else
        json_free(value);
}

void schema_move_shorthands(const struct json *schema, struct json *fields)
{
    json_each (definition, json_find(schema, "shorthand_fields")) {
        if (json_first(definition) != NULL)
            move_shorthand(json_first(definition), fields);
    }
}

static void fill_value(const struct json *field, struct json *value)
{
    if (json_is(value, JSON_OBJECT) && json_find(field, "fields") != NULL) {
        kong_schema_fill(field, value);
        return;
    }
    const struct json *inner = json_find(field, json_is(value, JSON_OBJECT) ? "values" : "elements");
    if (inner != NULL && schema_nests(inner))
        json_each (element, value) {
            fill_value(inner, element);
        }
    if (schema_is(field, "set"))
        schema_sort_set(value);
}

static void fill_field(const struct json *field, struct json *fields)
{
    const char *name = json_name(field);
    if (schema_is(field, "foreign"))
        return;
    struct json *value = json_find(fields, name);
    if (value == NULL) {
        const struct json *preset = json_find(field, "default");
        bool record = schema_is(field, "record");
        if (preset != NULL && !json_is(preset, JSON_NULL))
            value = json_copy(preset);
        else if (record && json_truth(json_find(field, "required"), false) &&
                 json_count(json_find(field, "fields")) > 0)
            value = json_new_object();
        else
            return;
        json_set(fields, name, value);
    }
    fill_value(field, value);
}

void kong_schema_fill(const struct json *schema, struct json *fields)
{
    schema_move_shorthands(schema, fields);
    drop_nulls(fields);
    json_each (definition, json_find(schema, "fields")) {
        if (json_first(definition) != NULL)
            fill_field(json_first(definition), fields);
    }
}
