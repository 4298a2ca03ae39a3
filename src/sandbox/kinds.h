/* kinds.h - the table of Admin API collections: one row is all that an entity kind of the sandbox needs.
 * Owns:    static rows.
 * Thread:  any.
 * Errors:  none. Fields, defaults, uniqueness, references and cascades come from the schema of the same name. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "kind_checks.h"

#define KIND_COUNT    18
#define COMPOSITE_MAX 4

struct kind {
    const char *table;                    /* schema name; "entity_name" in /tags */
    const char *collection;               /* "/key-auths"; NULL: only below its parent */
    const char *segment;                  /* "/consumers/…/key-auth" */
    const char *key;                      /* field that may stand for the id in a path, or NULL */
    const char *composite[COMPOSITE_MAX]; /* fields that are unique together */
    bool key_in_parent;                   /* the key is only unique below a parent */
    bool ttl;                             /* takes "ttl" and shows what is left of it */
    kind_prepare_fn *prepare;
    kind_check_fn *check;
};

extern const struct kind kinds[KIND_COUNT];
