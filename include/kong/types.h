/* kong/types.h - types of custom entities, and what a gateway's schemas say about them.
 * Owns:    a row for each type, which lives as long as the whole.
 * Thread:  one owner (loop).
 * Errors:  none. A type that the gateway did not tell of yet is unread: nothing of it is sent or deleted. */
#pragma once

#include "kong/kind.h"

#define KONG_TYPES_MAX     256
#define KONG_TYPE_NAME_MAX 64 /* characters */

enum kong_type_state { KONG_TYPE_UNREAD, KONG_TYPE_KNOWN, KONG_TYPE_ABSENT };

struct kong_type {
    struct kong_kind kind; /* first, so that such a row leads to its type */
    enum kong_type_state state;
    bool asked;              /* somebody waits for its schema before he says what is wanted */
    struct json *references; /* foreign fields: {"service": "services"}; kept when the schema is lost */
    char *name, *path;       /* the row's texts */
    char *fields[KONG_FOREIGN_MAX];
};

struct kong_types;

struct kong_types *kong_types_new(void);
void kong_types_free(struct kong_types *types); /* NULL is fine */

/* Made when new; NULL for what cannot be a type: a name of other characters than a-z, 0-9 and _, a kind with a row of
 * its own, or one too many. */
struct kong_type *kong_types_find(struct kong_types *types, const char *name);
struct kong_type *kong_types_next(const struct kong_types *types, size_t *position); /* NULL after the last one */
/* The type of a row; NULL for the rows of the table. */
const struct kong_type *kong_type_of(const struct kong_kind *kind);

/* NULL: the gateway has no such type. */
void kong_type_learn(struct kong_type *type, const struct json *schema);
/* Schemas do not tell where the Admin API serves a type: sets the place to try at this attempt (from 0); false: there
 * is no further one. */
bool kong_type_place(struct kong_type *type, int attempt);

bool kong_types_unread(const struct kong_types *types); /* any of them */
bool kong_types_asked(const struct kong_types *types);
/* {"keys": {"set": "key_sets"}, …} of all types that were read; the caller frees. */
struct json *kong_types_references(const struct kong_types *types);
