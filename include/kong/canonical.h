/* kong/canonical.h - one form for what is wanted and for what a gateway holds, so that equal entities have equal
 * texts.
 * Owns:    nothing; the caller frees what is returned.
 * Thread:  any, with schemas that nobody changes meanwhile.
 * Errors:  none. Defaults are filled in, nulls and empty containers dropped, sets and tags sorted; ids, foreign
 *          fields (but those of custom entities), times and ownership tags are left out. What Kong stores hashed is hashed likewise. */
#pragma once

#include "kong/entity.h"
#include "kong/schema.h"

struct kong_tags {
    const char *const *items;
    size_t count;
};

/* `kind` is the entity's, or the row of its type.  `foreign_ids` are the ids of what it refers to, in the order of the
 * kind's table (NULL: not set, or not there yet). */
struct json *kong_canonical_wanted(const struct kong_kind *kind, const struct kong_entity *entity,
                                   const struct kong_schemas *schemas, const struct kong_tags *ownership,
                                   const char *const foreign_ids[KONG_FOREIGN_MAX]);
/* `object` as the Admin API serves it, or as a database stores it. */
struct json *kong_canonical_actual(const struct kong_kind *kind, const struct json *object,
                                   const struct kong_schemas *schemas, const struct kong_tags *ownership);

/* Both, for what only a comparison can tell (salted hashes): changes `wanted` to what the gateway holds where it
 * verifies. */
void kong_canonical_match_hashes(const struct kong_kind *kind, struct json *wanted, const struct json *actual);

/* "plugins/key-auth" for a plugin, "vaults/env" for a vault, NULL otherwise; the caller frees. */
char *kong_canonical_inner_schema(const struct kong_kind *kind, const struct json *fields);

/* Differences of two canonical forms, secrets masked; at most KONG_CHANGES_MAX of them. */
#define KONG_CHANGES_MAX 50
void kong_canonical_changes(const struct kong_kind *kind, const struct kong_schemas *schemas, const struct json *actual,
                            const struct json *wanted, struct json *ret_changes /* array of {field, from, to} */);

/* Replaces every secret of the entity in a text by "***". */
void kong_secret_scrub(const struct kong_kind *kind, const struct json *fields, const struct kong_schemas *schemas,
                       struct buf *text);
