/* layout.h - which tables and columns the database has, and whether they are a Kong Gateway's as we know it.
 * Owns:    its tables.
 * Thread:  loop thread.
 * Errors:  what is not as we know it is refused, with a remedy: nothing is read on a guess. */
#pragma once

#include "base/map.h"
#include "postgres/reader.h"
#include "row.h"

#define LAYOUT_COLUMNS_MAX 50000

struct layout_column {
    char *name;
    struct value_type type;
};

struct layout_table {
    char *name;
    struct layout_column *columns;
    size_t count;
    bool readable; /* by our role */
};

struct layout {
    struct map tables;     /* name to struct layout_table */
    struct buf migrations; /* what schema_meta said */
    size_t columns;
    bool checked;
};

void layout_init(struct layout *layout);
void layout_done(struct layout *layout);

/* The catalogue, row by row: table, column, type, whether it may be read. */
extern const char layout_catalogue_sql[];
int layout_take_column(struct layout *layout, const char *const *values, size_t count, struct err *err) MUST_USE;

/* schema_meta, row by row: subsystem, executed, pending; the rows together tell whether the layout is still the same. */
extern const char layout_migrations_sql[];
int layout_check_migration(const char *const *values, const size_t *lengths, size_t count,
                           struct postgres_trouble *trouble) MUST_USE;

/* There is schema_meta, to begin with. */
int layout_check_meta(const struct layout *layout, const char *role, struct postgres_trouble *trouble) MUST_USE;
/* Every table that we need has what we need.  `wanted` are further ones that must be readable if they are there. */
int layout_check_tables(const struct layout *layout, const char *const *wanted, const char *role,
                        struct postgres_trouble *trouble) MUST_USE;

/* Kong calls few tables otherwise than their entities; NULL: there is none. */
const struct layout_table *layout_find(const struct layout *layout, const char *entity);
bool layout_has(const struct layout_table *table, const char *column);
bool layout_is_core(const char *table);
