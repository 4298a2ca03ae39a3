/* row.h - one row of a table, as the Admin API would show it.
 * Owns:    nothing; columns are the layout's.
 * Thread:  any.
 * Errors:  a broken value is named by its column, never quoted. */
#pragma once

#include "value.h"

struct row_column {
    char *name;
    char *field; /* the Admin API's; NULL: it does not show it */
    struct value_type type;
    bool reference; /* shown as {"id": …} */
};

/* `values` are those of the columns that are shown, in their order; NULL: left out. */
int row_read(const struct row_column *columns, size_t count, const char *const *values, const size_t *lengths,
             struct json **ret_object, struct err *err) MUST_USE;
