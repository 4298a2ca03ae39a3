/* Decides what a gateway's schema says about a set of fields. */
#include "kong/schema.h"

#include <string.h>

#include "base/map.h"
#include "schema_walk.h"

struct kong_schemas {
    struct map by_name; /* name to struct entry */
};

struct entry {
    struct json *schema; /* NULL: the gateway has none */
};

static void entry_free(void *value)
{
    struct entry *entry = value;
    json_free(entry->schema);
    free(entry);
}

struct kong_schemas *kong_schemas_new(void)
{
    struct kong_schemas *schemas = xcalloc(1, sizeof(*schemas));
    map_init(&schemas->by_name, entry_free);
    return schemas;
}

void kong_schemas_clear(struct kong_schemas *schemas)
{
    map_done(&schemas->by_name);
    map_init(&schemas->by_name, entry_free);
}

void kong_schemas_free(struct kong_schemas *schemas)
{
    if (schemas == NULL)
        return;
    map_done(&schemas->by_name);
    free(schemas);
}

int kong_schemas_put(struct kong_schemas *schemas, const char *name, const struct json *schema, struct err *err)
{
    if (!json_is(json_find(schema, "fields"), JSON_ARRAY))
        return err_set(err, ERR_PROTOCOL, "schema '%s' has no list of fields", name);
    struct entry *entry = xcalloc(1, sizeof(*entry));
    entry->schema = json_copy(schema);
    map_put(&schemas->by_name, name, entry);
    return 0;
}

void kong_schemas_put_missing(struct kong_schemas *schemas, const char *name)
{
    map_put(&schemas->by_name, name, xcalloc(1, sizeof(struct entry)));
}

void kong_schemas_forget_missing(struct kong_schemas *schemas)
{
    struct map_entry *found;
    for (size_t at = 0; (found = map_next(&schemas->by_name, &at)) != NULL;) {
        const struct entry *entry = found->value;
        if (entry->schema == NULL)
            map_remove(&schemas->by_name, found->key);
    }
}

bool kong_schemas_known(const struct kong_schemas *schemas, const char *name)
{
    return map_find(&schemas->by_name, name) != NULL;
}

bool kong_schemas_missing(const struct kong_schemas *schemas, const char *name)
{
    const struct entry *entry = map_find(&schemas->by_name, name);
    return entry != NULL && entry->schema == NULL;
}

const struct json *kong_schemas_find(const struct kong_schemas *schemas, const char *name)
{
    const struct entry *entry = schemas != NULL ? map_find(&schemas->by_name, name) : NULL;
    return entry != NULL ? entry->schema : NULL;
}

void kong_schema_take_automatic(const struct json *schema, struct json *wanted, const struct json *actual)
{
    json_each (definition, json_find(schema, "fields")) {
        const struct json *field = json_first(definition);
        if (field == NULL || !json_truth(json_find(field, "auto"), false))
            continue;
        const struct json *value = json_find(actual, json_name(field));
        if (value != NULL && json_find(wanted, json_name(field)) == NULL)
            json_set(wanted, json_name(field), json_copy(value));
    }
}

void kong_schema_field(const struct json *schema, const char *name, bool *ret_required, bool *ret_text)
{
    *ret_required = *ret_text = false;
    json_each (definition, json_find(schema, "fields")) {
        const struct json *field = json_first(definition);
        if (field == NULL || name == NULL || strcmp(json_name(field), name) != 0)
            continue;
        *ret_required = json_truth(json_find(field, "required"), false);
        *ret_text = schema_is(field, "string");
    }
}

static char *unknown_in_value(const struct json *field, const struct json *value);

char *kong_schema_unknown_field(const struct json *schema, const struct json *fields)
{
    json_each (member, fields) {
        const char *name = json_name(member);
        const struct json *field = schema_field(schema, name);
        if (field == NULL && !schema_has_shorthand(schema, name))
            return xstrdup(name);
        AUTO(text) char *below = field != NULL ? unknown_in_value(field, member) : NULL;
        if (below != NULL)
            return xasprintf("%s%s%s", name, below[0] == '[' ? "" : ".", below);
    }
    return NULL;
}

static char *unknown_in_value(const struct json *field, const struct json *value)
{
    if (schema_is(field, "record") && json_is(value, JSON_OBJECT))
        return json_find(field, "fields") != NULL ? kong_schema_unknown_field(field, value) : NULL;
    const struct json *elements = json_find(field, "elements");
    if (elements == NULL || !json_is(value, JSON_ARRAY))
        return NULL;

    size_t index = 0;
    json_each (element, value) {
        index++;
        AUTO(text) char *below = unknown_in_value(elements, element);
        if (below != NULL)
            return xasprintf("[%zu].%s", index, below);
    }
    return NULL;
}

static void secrets_of_value(const struct json *field, const struct json *value, const char *path,
                             kong_schema_secret_fn *each, void *user);

static void secrets_of_record(const struct json *schema, const struct json *fields, const char *path,
                              kong_schema_secret_fn *each, void *user)
{
    json_each (member, fields) {
        const struct json *field = schema_field(schema, json_name(member));
        if (field == NULL)
            field = schema_shorthand(schema, json_name(member));
        if (field == NULL)
            continue;
        AUTO(text) char *below = xasprintf("%s%s%s", path, path[0] != '\0' ? "." : "", json_name(member));
        secrets_of_value(field, member, below, each, user);
    }
}

static void secrets_of_value(const struct json *field, const struct json *value, const char *path,
                             kong_schema_secret_fn *each, void *user)
{
    if (json_is(value, JSON_STRING)) {
        bool secret =
            json_truth(json_find(field, "encrypted"), false) || json_truth(json_find(field, "referenceable"), false);
        if (secret)
            each(user, path, json_text(value));
        return;
    }
    if (json_is(value, JSON_OBJECT) && json_find(field, "fields") != NULL) {
        secrets_of_record(field, value, path, each, user);
        return;
    }
    const struct json *inner = json_find(field, json_is(value, JSON_OBJECT) ? "values" : "elements");
    if (inner == NULL)
        return;
    json_each (element, value) {
        secrets_of_value(inner, element, path, each, user);
    }
}

void kong_schema_each_secret(const struct json *schema, const struct json *fields, kong_schema_secret_fn *each,
                             void *user)
{
    secrets_of_record(schema, fields, "", each, user);
}
