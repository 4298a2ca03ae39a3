/* store/store.h - what the cluster looks like now, for the rules: objects by kind, namespace and name, and by label.
 * Owns:    one reference to every object in it.
 * Thread:  one owner (the translator).
 * Errors:  none; no I/O. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "store/object.h"

struct store;

struct store *store_new(const struct store_kinds *kinds);
void store_free(struct store *store);

/* Takes `object`; returns what was there under its name (the caller unrefs), or NULL. */
struct object *store_put(struct store *store, struct object *object);
/* Returns what was there (the caller unrefs), or NULL. */
struct object *store_take(struct store *store, const struct store_kind *kind, const char *namespace, const char *name);

/* Borrowed until the store changes. */
struct object *store_find(const struct store *store, const struct store_kind *kind, const char *namespace,
                          const char *name);

/* Objects of a kind, sorted by namespace and name; of one namespace unless `namespace` is NULL; with this label unless `label` is NULL
 * (any value when `value` is NULL).  Label look-ups use an index.  The caller frees the array; the objects are borrowed. */
struct object **store_list(const struct store *store, const struct store_kind *kind, const char *namespace,
                           const char *label, const char *value, size_t *ret_count);
size_t store_count(const struct store *store, const struct store_kind *kind); /* NULL: of all kinds */
