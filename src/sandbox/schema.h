/* schema.h - a Kong schema, compiled from the JSON that Kong serves, and what it says about a body.
 * Owns:    a schema owns its tree and its fields; the errors that a check returns are the caller's.
 * Thread:  immutable after it was made.
 * Errors:  broken schema texts are bugs of the build and abort. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"

enum schema_type {
    SCHEMA_STRING,
    SCHEMA_NUMBER,
    SCHEMA_INTEGER,
    SCHEMA_BOOLEAN,
    SCHEMA_ARRAY,
    SCHEMA_SET,
    SCHEMA_MAP,
    SCHEMA_RECORD,
    SCHEMA_FOREIGN
};

/* An error text to free, or NULL when the value is fine.  Never called with null. */
typedef char *schema_check_fn(const struct json *value);

struct schema_rule;

struct schema_bound_rule {
    const struct schema_rule *rule;
    const struct json *argument;
};

struct schema_fields {
    struct schema_field *items;
    size_t count;
    const struct json *entity_checks; /* array or NULL */
    const struct json *shorthands;    /* array or NULL */
};

struct schema_field {
    const char *name;
    enum schema_type type;
    bool required, automatic, timestamp, unique, cascades, referenceable;
    const char *reference;        /* foreign fields: the other table */
    const struct json *otherwise; /* default, NULL: none */
    const char *err;              /* text that takes the place of the rules' own, or NULL */
    struct schema_fields fields;  /* of a record */
    struct schema_field *elements, *keys, *values;
    struct schema_bound_rule *rules;
    size_t rule_count;
    schema_check_fn *custom;
};

struct schema {
    char *name;
    struct json *tree;   /* what the fields were compiled from */
    struct json *served; /* as /schemas/… shows it; may be `tree` itself */
    struct schema_fields fields;
};

/* Takes both trees; `path` names it in the table of custom checks: "routes", "plugins/cors". */
struct schema *schema_new(const char *path, struct json *tree, struct json *served);
void schema_free(struct schema *schema);
DEFINE_CLEANUP(schema, schema_free)

const struct schema_field *schema_find(const struct schema_fields *fields, const char *name);
/* Below records: "config.redis.host". */
const struct schema_field *schema_find_path(const struct schema_fields *fields, const char *dotted_names);

/* Applies shorthands and fills in defaults, in place. */
void schema_fill(const struct schema_fields *fields, struct json *object);

/* An object of errors by field, or NULL.  Sets lose their duplicates in place. */
struct json *schema_validate(const struct schema_fields *fields, struct json *object);
/* One value: an error (a text, array or object), or NULL. */
struct json *schema_validate_value(const struct schema_field *field, struct json *value);

/* Adds what the deprecated shorthand fields would show. */
void schema_show_shorthands(const struct schema_fields *fields, struct json *object);
bool schema_has_shown_shorthands(const struct schema_fields *fields);
