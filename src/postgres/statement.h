/* statement.h - the texts of questions, and what their rows are.
 * Owns:    its text and parameters.
 * Thread:  any.
 * Errors:  none. */
#pragma once

#include "base/vec.h"
#include "layout.h"

#define STATEMENT_PARAMETERS_MAX 8

/* Who owns a row: put into every question. */
struct statement_owner {
    const char *workspace_id;
    const char *tags; /* an array literal */
};

struct statement {
    struct buf sql;
    char *parameters[STATEMENT_PARAMETERS_MAX];
    size_t parameter_count;
    struct {
        VEC(struct row_column);
    } columns; /* of rows: what is selected, in order */
};

void statement_done(struct statement *statement);

void statement_rows(struct statement *statement, const struct layout_table *table, const char *const *references,
                    const struct statement_owner *owner, const char *ids /* an array literal, or NULL */);
void statement_ids(struct statement *statement, const struct layout_table *table, const struct statement_owner *owner);
/* Parts of one question over several tables; `name` is a column of the answer. */
void statement_add_changes(struct statement *statement, const char *name, const struct layout_table *table,
                           const struct statement_owner *owner,
                           const char *since /* a transaction's number, or NULL */);
void statement_add_newest(struct statement *statement, const char *name, const struct layout_table *table,
                          const struct statement_owner *owner, size_t most);
void statement_add_presence(struct statement *statement, const char *name, const struct layout_table *table,
                            const struct statement_owner *owner);
void statement_end_newest(struct statement *statement, size_t most);
