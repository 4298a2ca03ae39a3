/* kong/schema.h - the gateway's own schemas: what fields there are, their defaults, which of them are sets or secrets.
 * Owns:    the parsed schemas.
 * Thread:  one owner.
 * Errors:  a text that is no schema is refused with a sentence. Schemas are named as the Admin API does: "routes",
 *          "plugins/key-auth", "vaults/env". Fetch each once per gateway version and put it in; without one nothing is
 *          filled in, and a comparison is only as good as the texts. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"

struct kong_schemas;

struct kong_schemas *kong_schemas_new(void);
void kong_schemas_free(struct kong_schemas *schemas); /* NULL is fine */
void kong_schemas_clear(struct kong_schemas *schemas);

/* Copies; replaces what was there under the name. */
int kong_schemas_put(struct kong_schemas *schemas, const char *name, const struct json *schema,
                     struct err *err) MUST_USE;
/* The gateway says that there is none: it is not asked for again. */
void kong_schemas_put_missing(struct kong_schemas *schemas, const char *name);
void kong_schemas_forget_missing(struct kong_schemas *schemas);                /* they are not known any more */
bool kong_schemas_known(const struct kong_schemas *schemas, const char *name); /* put, or known to be missing */
bool kong_schemas_missing(const struct kong_schemas *schemas, const char *name);
const struct json *kong_schemas_find(const struct kong_schemas *schemas, const char *name); /* NULL: none */

/* Brings `fields` into the form that the gateway would store: shorthand fields moved to what they stand for, defaults
 * filled in at every depth, sets sorted and without doubles, nulls dropped.  Foreign fields are left alone. */
void kong_schema_fill(const struct json *schema, struct json *fields);

/* Leaves of an entity's fields, shown by a gateway or stored by it, what somebody has set: shorthand fields are moved to
 * what they stand for; times, fields that the schema does not know, and empty texts where a text may not be empty, are
 * dropped at every depth.  `inner` is the schema of the plugin or vault, or NULL. */
void kong_schema_show(const struct json *schema, const struct json *inner, struct json *fields);

/* Fields that the gateway fills where nobody sets them are wanted as they are. */
void kong_schema_take_automatic(const struct json *schema, struct json *wanted, const struct json *actual);

/* Of a field of an entity itself; both false where the schema is NULL or does not know it. */
void kong_schema_field(const struct json *schema, const char *name, bool *ret_required, bool *ret_text);

/* The path of the first field that the schema does not know ("config.bogus"); the caller frees; NULL when all are
 * known. */
char *kong_schema_unknown_field(const struct json *schema, const struct json *fields);

/* Calls for every text in a field that is marked as encrypted or that may be a vault reference. */
typedef void kong_schema_secret_fn(void *user, const char *path, const char *text);
void kong_schema_each_secret(const struct json *schema, const struct json *fields, kong_schema_secret_fn *each,
                             void *user);
