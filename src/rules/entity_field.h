/* entity_field.h - of which type the fields of entity kinds are, and between which bounds their numbers lie.
 * Owns:    static tables, sorted by name.
 * Thread:  any.
 * Errors:  none.  A field that is not listed may hold anything: plugins and Enterprise have their own. */
#pragma once

#include <stddef.h>

#include "kong/kind.h"

enum entity_field_type {
    FIELD_TEXT,
    FIELD_TRUTH,
    FIELD_INTEGER,
    FIELD_NUMBER,
    FIELD_TEXTS,    /* a list */
    FIELD_INTEGERS, /* a list */
    FIELD_LISTS,    /* a mapping of names to lists of texts */
    FIELD_RECORD,   /* a mapping with fields of its own */
    FIELD_RECORDS,  /* a list of such */
    FIELD_PLUGIN,   /* the name of a plugin: it begins natural keys */
};

struct entity_fields {
    const struct entity_field *rows;
    size_t count;
};

struct entity_field {
    const char *name;
    enum entity_field_type type;
    double least, most; /* of numbers; both 0: any */
    struct entity_fields within;
};

struct entity_fields entity_field_table(enum kong_kind_id kind);
const struct entity_field *entity_field_find(struct entity_fields fields, const char *name); /* NULL: not listed */
