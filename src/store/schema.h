/* schema.h - what an API server knows of the fields of a kind: rows that `./dev schemas` makes.
 * Owns:    static rows.
 * Thread:  any.
 * Errors:  none. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum schema_type {
    SCHEMA_ANY,
    SCHEMA_OBJECT, /* has fields */
    SCHEMA_MAP,    /* any names, one sort of value */
    SCHEMA_ARRAY,
    SCHEMA_STRING,
    SCHEMA_INTEGER,
    SCHEMA_NUMBER,
    SCHEMA_BOOLEAN,
    SCHEMA_INT_OR_STRING,
};

enum schema_format {
    SCHEMA_NO_FORMAT,
    SCHEMA_BASE64,
    SCHEMA_TIME,
    SCHEMA_SUBDOMAIN,      /* a.b-c: the name of most objects */
    SCHEMA_DNS_LABEL,      /* a-b, 63 characters */
    SCHEMA_HOST,           /* a subdomain, which may begin with "*."; or empty */
    SCHEMA_LABEL_VALUE,    /* A.b_c-1, 63 characters, or empty */
    SCHEMA_QUALIFIED_NAMES /* of a map: its names are like konghq.com/plugins */
};

enum {
    SCHEMA_OPEN = 1,     /* of an object: fields that are not known are kept */
    SCHEMA_NULLABLE = 2, /* null is a value, and not the lack of one */
};

struct schema_field {
    const char *name;
    uint8_t length; /* of the name */
    bool required;
    uint16_t node;
};

struct schema_bounds {
    double least, most;         /* of a number */
    uint32_t shortest, longest; /* characters, elements or members */
    const char *pattern;        /* "" when there is none */
};

struct schema_node {
    uint8_t type, flags, format;
    uint16_t first, count; /* fields of an object; words of a string that takes no other */
    uint16_t item;         /* of an array or a map */
    uint16_t bounds;       /* 0: none */
};

struct schema_table {
    const struct schema_node *nodes;
    const struct schema_field *fields;
    const char *const *words;
    const struct schema_bounds *bounds;
    uint16_t bounds_count;
};

extern const struct schema_table schema_table;

/* The node of "group/version/Kind"; NULL when nothing is known of it. */
const struct schema_node *schema_table_find(const char *id);
