/* Decides whether a snapshot of this database may be used: its lag, its layout, its workspace. */
#include <stdio.h>
#include <string.h>

#include "reader_parts.h"

/* Settings that last as long as the transaction, so that a pooler between us may give the connection to others.  Where
 * policies would hide rows there is an error instead. */
static const char facts_sql[] =
    "SELECT pg_catalog.txid_current_snapshot()::text, pg_catalog.pg_postmaster_start_time()::text,"
    " CASE WHEN NOT pg_catalog.pg_is_in_recovery() THEN '0'"
    " WHEN pg_catalog.pg_last_wal_receive_lsn() = pg_catalog.pg_last_wal_replay_lsn()"
    " AND EXISTS (SELECT 1 FROM pg_catalog.pg_stat_wal_receiver) THEN '0'"
    " ELSE pg_catalog.round(EXTRACT(EPOCH FROM pg_catalog.clock_timestamp() -"
    " pg_catalog.pg_last_xact_replay_timestamp()) * 1000)::text END,"
    " pg_catalog.set_config('statement_timeout', $1, true), pg_catalog.set_config('lock_timeout', $1, true),"
    " pg_catalog.set_config('idle_in_transaction_session_timeout', $2, true),"
    " pg_catalog.set_config('TimeZone', 'UTC', true), pg_catalog.set_config('DateStyle', 'ISO', true),"
    " pg_catalog.set_config('row_security', 'off', true)";

static void ask(struct postgres_reader *reader, const char *sql, const char *const *parameters, size_t count,
                connection_row_fn *row, connection_end_fn *end)
{
    connection_ask(reader->connection, &(struct connection_question){.sql = sql,
                                                                     .parameters = parameters,
                                                                     .parameter_count = count,
                                                                     .row = row,
                                                                     .end = end,
                                                                     .user = reader,
                                                                     .silence_ms = reader->statement_ms});
}

/* True when the step went well; else the reader has failed with the step's trouble, or with the connection's. */
static bool went_well(struct postgres_reader *reader, const struct err *err)
{
    struct postgres_trouble trouble = reader->trouble;
    reader->trouble = (struct postgres_trouble){.err = ERR_INIT};
    if (err == NULL && trouble.err.code == 0)
        return true;
    if (trouble.err.code != 0)
        reader_fail(reader, &trouble.err, trouble.remedy[0] != '\0' ? trouble.remedy : NULL);
    else
        reader_fail(reader, err, NULL);
    return false;
}

static int trouble_is(struct postgres_reader *reader, struct err *err)
{
    *err = reader->trouble.err;
    return err->code;
}

static void keep(char **text, const char *value)
{
    free(*text);
    *text = xstrdup(value);
}

static int on_workspace(void *user, const char *const *values, const size_t *lengths, size_t count, struct err *err)
{
    struct postgres_reader *reader = user;
    keep(&reader->workspace_id, values[0]);
    return 0;
}

static void on_workspace_end(void *user, const struct err *err)
{
    struct postgres_reader *reader = user;
    if (err == NULL && reader->workspace_id == NULL) {
        err_set(&reader->trouble.err, ERR_NOT_FOUND, "it has no workspace named '%s'", reader->workspace);
        snprintf(reader->trouble.remedy, sizeof(reader->trouble.remedy), "%s",
                 "name Kong's own database, and a workspace of it by --kong-workspace");
    }
    if (!went_well(reader, err))
        return;
    reader->state = READER_HELD;
    reader_begun(reader);
}

static void ask_workspace(struct postgres_reader *reader)
{
    const char *const parameters[] = {reader->workspace};
    free(TAKE(reader->workspace_id));
    ask(reader, "SELECT id FROM workspaces WHERE name = $1", parameters, 1, on_workspace, on_workspace_end);
}

static void ask_catalogue(struct postgres_reader *reader);

static int on_migration(void *user, const char *const *values, const size_t *lengths, size_t count, struct err *err)
{
    struct postgres_reader *reader = user;
    for (size_t i = 0; i < count; i++)
        buf_printf(&reader->migrations, "%s\n", values[i] != NULL ? values[i] : "");
    if (layout_check_migration(values, lengths, count, &reader->trouble) != 0)
        return trouble_is(reader, err);
    return 0;
}

static void on_migrations_end(void *user, const struct err *err)
{
    struct postgres_reader *reader = user;
    struct layout *layout = &reader->layout;
    if (!went_well(reader, err))
        return;
    if (layout->checked && strcmp(buf_text(&layout->migrations), buf_text(&reader->migrations)) != 0) {
        layout_done(layout); /* migrated since */
        ask_catalogue(reader);
        return;
    }
    if (!layout->checked) {
        buf_append_text(&layout->migrations, buf_text(&reader->migrations));
        layout->checked = layout_check_tables(layout, (const char *const *)reader->tables,
                                              connection_user(reader->connection), &reader->trouble) == 0;
    }
    if (went_well(reader, NULL))
        ask_workspace(reader);
}

static void ask_migrations(struct postgres_reader *reader)
{
    buf_clear(&reader->migrations);
    ask(reader, layout_migrations_sql, NULL, 0, on_migration, on_migrations_end);
}

static int on_column(void *user, const char *const *values, const size_t *lengths, size_t count, struct err *err)
{
    return layout_take_column(&((struct postgres_reader *)user)->layout, values, count, err);
}

static void on_catalogue_end(void *user, const struct err *err)
{
    struct postgres_reader *reader = user;
    bool good =
        err == NULL && layout_check_meta(&reader->layout, connection_user(reader->connection), &reader->trouble) == 0;
    if (went_well(reader, err) && good)
        ask_migrations(reader);
}

static void ask_catalogue(struct postgres_reader *reader)
{
    ask(reader, layout_catalogue_sql, NULL, 0, on_column, on_catalogue_end);
}

static int on_facts(void *user, const char *const *values, const size_t *lengths, size_t count, struct err *err)
{
    struct postgres_reader *reader = user;
    const char *lag = values[2];
    keep(&reader->snapshot, values[0]);
    keep(&reader->server, values[1]);
    if (reader->snapshot == NULL || reader->server == NULL)
        return err_set(err, ERR_PROTOCOL, "the server tells no snapshot");
    if (lag != NULL && strtod(lag, NULL) <= (double)reader->lag_ms)
        return 0;
    struct postgres_trouble *trouble = &reader->trouble;
    if (lag != NULL)
        err_set(&trouble->err, ERR_BUSY, "the replica is %s ms behind (limit: %llu ms)", lag,
                (unsigned long long)reader->lag_ms);
    else
        err_set(&trouble->err, ERR_BUSY, "the replica cannot tell how far behind it is");
    snprintf(trouble->remedy, sizeof(trouble->remedy), "%s",
             "name the primary server (target_session_attrs=primary), or raise --postgres-max-lag");
    return trouble_is(reader, err);
}

static void on_facts_end(void *user, const struct err *err)
{
    struct postgres_reader *reader = user;
    if (!went_well(reader, err))
        return;
    reader->unchanged = reader->since_snapshot != NULL && strcmp(reader->since_snapshot, reader->snapshot) == 0 &&
                        strcmp(reader->since_server, reader->server) == 0;
    if (reader->unchanged)
        reader_commit(reader);
    else if (reader->layout.checked)
        ask_migrations(reader);
    else
        ask_catalogue(reader);
}

static void on_transaction(void *user, const struct err *err)
{
    struct postgres_reader *reader = user;
    char timeout[24], held[24];
    if (!went_well(reader, err))
        return;
    snprintf(timeout, sizeof(timeout), "%llu", (unsigned long long)reader->statement_ms);
    snprintf(held, sizeof(held), "%d", 2 * POSTGRES_HELD_MS);
    const char *const parameters[] = {timeout, held};
    ask(reader, facts_sql, parameters, COUNT_OF(parameters), on_facts, on_facts_end);
}

void reader_begin(struct postgres_reader *reader)
{
    reader->state = READER_BEGINNING;
    ask(reader, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", NULL, 0, NULL, on_transaction);
}
