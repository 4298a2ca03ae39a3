/* Decides what is asked. */
#include "statement.h"

#include <string.h>

/* Kong's own, of no meaning to others; or left out of every comparison. */
static const char *const hidden[] = {"ws_id", "cache_key", "created_at", "updated_at", "ttl"};

void statement_done(struct statement *statement)
{
    for (size_t i = 0; i < statement->columns.count; i++) {
        free(statement->columns.items[i].name);
        free(statement->columns.items[i].field);
    }
    vec_done(&statement->columns);
    for (size_t i = 0; i < statement->parameter_count; i++)
        free(statement->parameters[i]);
    statement->parameter_count = 0;
    buf_done(&statement->sql);
}

static void print_name(struct buf *out, const char *name)
{
    buf_append_char(out, '"');
    for (; *name != '\0'; name++)
        buf_append_text(out, *name == '"' ? "\"\"" : (char[]){*name, '\0'});
    buf_append_char(out, '"');
}

/* "$2"; the same text is one parameter. */
static void print_parameter(struct statement *statement, const char *text)
{
    size_t at = 0;
    while (at < statement->parameter_count && strcmp(statement->parameters[at], text) != 0)
        at++;
    if (at == statement->parameter_count) {
        require_that(at < STATEMENT_PARAMETERS_MAX);
        statement->parameters[statement->parameter_count++] = xstrdup(text);
    }
    buf_printf(&statement->sql, "$%zu", at + 1);
}

/* What the Admin API shows of a workspace, and of that what is ours.  Rows whose time is over are not shown. */
static void print_owned(struct statement *statement, const struct layout_table *table,
                        const struct statement_owner *owner)
{
    struct buf *sql = &statement->sql;
    buf_append_text(sql, " FROM ");
    print_name(sql, table->name);
    buf_append_text(sql, " WHERE tags @> ");
    print_parameter(statement, owner->tags);
    buf_append_text(sql, "::text[]");
    if (layout_has(table, "ws_id")) {
        buf_append_text(sql, " AND ws_id = ");
        print_parameter(statement, owner->workspace_id);
        buf_append_text(sql, "::uuid");
    }
    if (layout_has(table, "ttl"))
        buf_append_text(sql, " AND (ttl IS NULL OR ttl >= CURRENT_TIMESTAMP)");
}

static bool is_hidden(const char *column)
{
    for (size_t i = 0; i < COUNT_OF(hidden); i++)
        if (strcmp(hidden[i], column) == 0)
            return true;
    return false;
}

/* "service_id" is where the field `service` is kept. */
static const char *reference_of(const char *column, const char *const *references)
{
    for (; references != NULL && *references != NULL; references++) {
        size_t length = strlen(*references);
        if (strncmp(column, *references, length) == 0 && strcmp(column + length, "_id") == 0)
            return *references;
    }
    return NULL;
}

void statement_rows(struct statement *statement, const struct layout_table *table, const char *const *references,
                    const struct statement_owner *owner, const char *ids)
{
    struct buf *sql = &statement->sql;
    buf_append_text(sql, "SELECT ");
    for (size_t i = 0; i < table->count; i++) {
        const struct layout_column *column = &table->columns[i];
        if (is_hidden(column->name))
            continue;
        const char *reference = reference_of(column->name, references);
        buf_append_text(sql, statement->columns.count > 0 ? ", " : "");
        print_name(sql, column->name);
        vec_push(&statement->columns,
                 ((struct row_column){xstrdup(column->name), xstrdup(reference != NULL ? reference : column->name),
                                      column->type, reference != NULL}));
    }
    print_owned(statement, table, owner);
    if (ids == NULL)
        return;
    buf_append_text(sql, " AND id = ANY (");
    print_parameter(statement, ids);
    buf_append_text(sql, "::uuid[])");
}

void statement_ids(struct statement *statement, const struct layout_table *table, const struct statement_owner *owner)
{
    buf_append_text(&statement->sql, "SELECT id");
    print_owned(statement, table, owner);
}

static void begin_part(struct statement *statement, const char *name)
{
    buf_append_text(&statement->sql, statement->sql.length > 0 ? " UNION ALL SELECT '" : "SELECT '");
    for (; *name != '\0'; name++)
        buf_append_text(&statement->sql, *name == '\'' ? "''" : (char[]){*name, '\0'});
    buf_append_text(&statement->sql, "'::text");
}

/* A row's xmin is the transaction that wrote this version of it: what an older snapshot may not have seen is at most as
 * old as the first transaction that was still open then. */
void statement_add_changes(struct statement *statement, const char *name, const struct layout_table *table,
                           const struct statement_owner *owner, const char *since)
{
    begin_part(statement, name);
    buf_append_text(&statement->sql, ", pg_catalog.count(*), ");
    if (since != NULL) {
        buf_append_text(&statement->sql,
                        "pg_catalog.array_agg(id) FILTER (WHERE pg_catalog.age(xmin) <= pg_catalog.age(");
        print_parameter(statement, since);
        buf_append_text(&statement->sql, "::text::xid))");
    } else {
        buf_append_text(&statement->sql, "NULL::uuid[]");
    }
    print_owned(statement, table, owner);
}

static void print_seconds(struct buf *sql, const char *column)
{
    buf_printf(sql, ", EXTRACT(EPOCH FROM %s AT TIME ZONE 'UTC')::float8 AS %s", column, column);
}

void statement_add_newest(struct statement *statement, const char *name, const struct layout_table *table,
                          const struct statement_owner *owner, size_t most)
{
    buf_append_text(&statement->sql, statement->sql.length > 0 ? " UNION ALL (" : "(");
    buf_printf(&statement->sql, "SELECT '%s'::text AS name, id", name);
    print_seconds(&statement->sql, "created_at");
    print_seconds(&statement->sql, "updated_at");
    print_owned(statement, table, owner);
    buf_printf(&statement->sql, " ORDER BY updated_at DESC NULLS LAST LIMIT %zu)", most);
}

void statement_end_newest(struct statement *statement, size_t most)
{
    buf_printf(&statement->sql, " ORDER BY updated_at DESC NULLS LAST LIMIT %zu", most);
}

void statement_add_presence(struct statement *statement, const char *name, const struct layout_table *table,
                            const struct statement_owner *owner)
{
    begin_part(statement, name);
    buf_append_text(&statement->sql, ", NULL::text WHERE EXISTS (SELECT 1");
    print_owned(statement, table, owner);
    buf_append_char(&statement->sql, ')');
}
