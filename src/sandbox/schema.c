/* Compiles a schema as Kong serves it into fields, and fills a body in from it: shorthands, then defaults. */
#include "schema.h"

#include <stdlib.h>
#include <string.h>

#include "checks.h"
#include "schema_rules.h"

static const char *const type_names[] = {"string", "number", "integer", "boolean", "array",
                                         "set",    "map",    "record",  "foreign"};

static enum schema_type type_of(const struct json *spec)
{
    const char *name = json_find_text(spec, "type");
    for (size_t i = 0; name != NULL && i < COUNT_OF(type_names); i++) {
        if (strcmp(type_names[i], name) == 0)
            return (enum schema_type)i;
    }
    require_that(!"a schema field has a known type");
    return SCHEMA_STRING;
}

static void compile_fields(struct schema_fields *fields, const struct json *record, const char *path);

static void bind_rules(struct schema_field *field, const struct json *spec)
{
    static const char *const names[] = {
        "eq",      "gt",          "timestamp", "between",    "len_eq",    "len_min",
        "len_max", "starts_with", "one_of",    "not_one_of", "contains",  "is_regex",
        "uuid",    "match_none",  "match",     "match_all",  "match_any", "mutually_exclusive_subsets"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const struct json *argument = json_find(spec, names[i]);
        if (argument == NULL)
            continue;
        field->rules = xrealloc(field->rules, (field->rule_count + 1) * sizeof(*field->rules));
        field->rules[field->rule_count++] = (struct schema_bound_rule){schema_rule_find(names[i]), argument};
    }
}

static struct schema_field *compile_part(const struct json *spec, const char *part, const char *path);

static void compile_field(struct schema_field *field, const char *name, const struct json *spec, const char *path)
{
    *field = (struct schema_field){
        .name = name,
        .type = type_of(spec),
        .required = json_truth(json_find(spec, "required"), false),
        .automatic = json_truth(json_find(spec, "auto"), false),
        .timestamp = json_truth(json_find(spec, "timestamp"), false),
        .unique = json_truth(json_find(spec, "unique"), false),
        .referenceable = json_truth(json_find(spec, "referenceable"), false),
        .reference = json_find_text(spec, "reference"),
        .otherwise = json_find(spec, "default"),
        .err = json_find_text(spec, "err"),
        .custom = checks_find(path),
    };
    const char *on_delete = json_find_text(spec, "on_delete");
    field->cascades = on_delete != NULL && strcmp(on_delete, "cascade") == 0;
    bind_rules(field, spec);
    if (field->type == SCHEMA_RECORD)
        compile_fields(&field->fields, spec, path);
    field->elements = compile_part(spec, "elements", path);
    field->keys = compile_part(spec, "keys", path);
    field->values = compile_part(spec, "values", path);
}

static struct schema_field *compile_part(const struct json *spec, const char *part, const char *path)
{
    const struct json *part_spec = json_find(spec, part);
    if (part_spec == NULL)
        return NULL;
    AUTO(text) char *part_path = xasprintf("%s.%s", path, part);
    struct schema_field *field = xcalloc(1, sizeof(*field));
    compile_field(field, json_name(part_spec), part_spec, part_path);
    return field;
}

static void compile_fields(struct schema_fields *fields, const struct json *record, const char *path)
{
    const struct json *list = json_find(record, "fields");
    fields->items = xcalloc(json_count(list) + 1, sizeof(*fields->items));
    fields->entity_checks = json_find(record, "entity_checks");
    fields->shorthands = json_find(record, "shorthand_fields");
    json_each (entry, list) {
        const struct json *spec = json_first(entry);
        AUTO(text) char *field_path = xasprintf("%s.%s", path, json_name(spec));
        compile_field(&fields->items[fields->count++], json_name(spec), spec, field_path);
    }
}

static void release_fields(struct schema_fields *fields);

static void release_field(struct schema_field *field)
{
    release_fields(&field->fields);
    struct schema_field *parts[] = {field->elements, field->keys, field->values};
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        if (parts[i] != NULL)
            release_field(parts[i]);
        free(parts[i]);
    }
    free(field->rules);
}

static void release_fields(struct schema_fields *fields)
{
    for (size_t i = 0; i < fields->count; i++)
        release_field(&fields->items[i]);
    free(fields->items);
}

struct schema *schema_new(const char *path, struct json *tree, struct json *served)
{
    struct schema *schema = xcalloc(1, sizeof(*schema));
    schema->name = xstrdup(path);
    schema->tree = tree;
    schema->served = served;
    compile_fields(&schema->fields, tree, path);
    return schema;
}

void schema_free(struct schema *schema)
{
    if (schema == NULL)
        return;
    release_fields(&schema->fields);
    if (schema->served != schema->tree)
        json_free(schema->served);
    json_free(schema->tree);
    free(schema->name);
    free(schema);
}

const struct schema_field *schema_find(const struct schema_fields *fields, const char *name)
{
    for (size_t i = 0; i < fields->count; i++) {
        if (strcmp(fields->items[i].name, name) == 0)
            return &fields->items[i];
    }
    return NULL;
}

const struct schema_field *schema_find_path(const struct schema_fields *fields, const char *dotted_names)
{
    const char *dot = strchr(dotted_names, '.');
    if (dot == NULL)
        return schema_find(fields, dotted_names);
    AUTO(text) char *name = xstrndup(dotted_names, (size_t)(dot - dotted_names));
    const struct schema_field *field = schema_find(fields, name);
    return field != NULL ? schema_find_path(&field->fields, dot + 1) : NULL;
}

static void fill_value(const struct schema_field *field, struct json *value)
{
    if (field->type == SCHEMA_RECORD && json_is(value, JSON_OBJECT)) {
        schema_fill(&field->fields, value);
    } else if (field->elements != NULL && field->elements->type == SCHEMA_RECORD && json_is(value, JSON_ARRAY)) {
        json_each (item, value)
            fill_value(field->elements, item);
    } else if (field->values != NULL && field->values->type == SCHEMA_RECORD && json_is(value, JSON_OBJECT)) {
        json_each (item, value)
            fill_value(field->values, item);
    }
}

static struct json *initial(const struct schema_field *field)
{
    if (field->otherwise != NULL)
        return json_copy(field->otherwise);
    return field->type == SCHEMA_RECORD && field->required ? json_new_object() : json_new_null();
}

/* Lua has one empty table: {} is an empty list where one is wanted, and [] an empty record. */
static bool is_other_empty(const struct schema_field *field, const struct json *value)
{
    if (value == NULL || json_first(value) != NULL)
        return false;
    bool list = field->type == SCHEMA_ARRAY || field->type == SCHEMA_SET;
    return list ? json_is(value, JSON_OBJECT) : json_is(value, JSON_ARRAY) && field->type >= SCHEMA_MAP;
}

void schema_fill(const struct schema_fields *fields, struct json *object)
{
    if (fields->shorthands != NULL)
        shorthand_apply(fields->shorthands, object);
    for (size_t i = 0; i < fields->count; i++) {
        const struct schema_field *field = &fields->items[i];
        struct json *value = json_find(object, field->name);
        if (value == NULL && !field->automatic) {
            value = initial(field);
            json_set(object, field->name, value);
        }
        if (is_other_empty(field, value)) {
            value = field->type == SCHEMA_ARRAY || field->type == SCHEMA_SET ? json_new_array() : json_new_object();
            json_set(object, field->name, value);
        }
        if (value != NULL)
            fill_value(field, value);
    }
}

bool schema_has_shown_shorthands(const struct schema_fields *fields)
{
    if (fields->shorthands != NULL && shorthand_is_shown(fields->shorthands))
        return true;
    for (size_t i = 0; i < fields->count; i++) {
        if (schema_has_shown_shorthands(&fields->items[i].fields))
            return true;
    }
    return false;
}

void schema_show_shorthands(const struct schema_fields *fields, struct json *object)
{
    for (size_t i = 0; i < fields->count; i++) {
        struct json *value = json_find(object, fields->items[i].name);
        if (fields->items[i].type == SCHEMA_RECORD && json_is(value, JSON_OBJECT))
            schema_show_shorthands(&fields->items[i].fields, value);
    }
    if (fields->shorthands != NULL)
        shorthand_show(fields->shorthands, object);
}
