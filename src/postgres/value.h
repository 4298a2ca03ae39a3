/* value.h - one value as PostgreSQL prints it, as the Admin API would show it.
 * Owns:    nothing; the caller frees what is returned.
 * Thread:  any.
 * Errors:  a text that is not of its type is refused with a sentence that does not quote it: it may be a secret. */
#pragma once

#include "base/json.h"

#define VALUE_DIMENSIONS_MAX 6 /* PostgreSQL's own limit */

enum value_sort { VALUE_TEXT, VALUE_NUMBER, VALUE_TRUTH, VALUE_JSON, VALUE_TIME };

struct value_type {
    enum value_sort sort;
    bool array;
};

/* By the type's name in the catalogue ("int8", "_text"); one that we do not know is shown as its text. */
struct value_type value_type_of(const char *name);

/* `text` ends with a NUL behind `length`.  Times become seconds since 1970; without a zone they are UTC. */
int value_read(struct value_type type, const char *text, size_t length, struct json **ret_value,
               struct err *err) MUST_USE;

/* A list of texts as an array literal, to be sent: {"a","b"}. */
void value_print_list(const char *const *items, size_t count, struct buf *out);
