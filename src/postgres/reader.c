/* Decides when there is a connection. */
#include "postgres/reader.h"

#include <string.h>

#include "base/clock.h"
#include "reader_parts.h"

static void on_held(void *user)
{
    reader_close(user); /* which ends the transaction */
}

int postgres_reader_new(struct loop *loop, const struct postgres_reader_options *options,
                        const struct postgres_reader_callbacks *callbacks, struct postgres_reader **ret_reader,
                        struct err *err)
{
    struct dsn *dsn = NULL;
    int rc = dsn_parse(options->dsn, &dsn, err);
    if (rc != 0)
        return rc;
    struct postgres_reader *reader = xcalloc(1, sizeof(*reader));
    reader->loop = loop;
    reader->callbacks = *callbacks;
    reader->dsn = dsn;
    reader->workspace = xstrdup(options->workspace[0] != '\0' ? options->workspace : "default");
    reader->statement_ms = options->statement_ms != 0 ? options->statement_ms : POSTGRES_STATEMENT_MS;
    reader->lag_ms = options->lag_ms;
    reader->begin = reader_begin;
    reader->migrations = (struct buf)BUF_OWN;
    layout_init(&reader->layout);
    struct buf tags = BUF_OWN;
    size_t count = 0;
    while (options->tags[count] != NULL)
        count++;
    value_print_list(options->tags, count, &tags);
    reader->tags = buf_take(&tags);
    for (count = 0; options->tables[count] != NULL;)
        count++;
    reader->tables = xcalloc(count + 1, sizeof(char *));
    for (size_t i = 0; i < count; i++)
        reader->tables[i] = xstrdup(options->tables[i]);
    reader->held = loop_timer_new(loop, on_held, reader);
    *ret_reader = reader;
    return 0;
}

void postgres_reader_free(struct postgres_reader *reader)
{
    if (reader == NULL)
        return;
    reader_close(reader);
    loop_timer_free(reader->held);
    layout_done(&reader->layout);
    buf_done(&reader->migrations);
    dsn_free(reader->dsn);
    for (size_t i = 0; reader->tables[i] != NULL; i++)
        free(reader->tables[i]);
    free(reader->tables);
    free(reader->workspace);
    free(reader->tags);
    free(reader->workspace_id);
    free(reader->snapshot);
    free(reader->server);
    free(reader->since_snapshot);
    free(reader->since_server);
    free(reader);
}

char *postgres_reader_title(const struct postgres_reader *reader)
{
    return dsn_title(reader->dsn);
}

static void on_opened(void *user, const struct err *err)
{
    struct postgres_reader *reader = user;
    if (err != NULL)
        reader_fail(reader, err, NULL);
    else
        reader_begin(reader);
}

static void keep(char **text, const char *value)
{
    free(*text);
    *text = xstrdup(value);
}

bool postgres_reader_begin(struct postgres_reader *reader, const struct postgres_snapshot *since,
                           postgres_begun_fn *begun, void *user)
{
    bool free_to = reader->state == READER_CLOSED || reader->state == READER_READY || reader->state == READER_ENDING;
    if (!free_to || reader->begun != NULL || postgres_reader_rests(reader))
        return false;
    keep(&reader->since_snapshot, since != NULL ? since->text : NULL);
    keep(&reader->since_server, since != NULL ? since->server : NULL);
    reader->unchanged = false;
    reader->begun = begun;
    reader->begun_user = user;
    if (reader->state == READER_ENDING)
        return true;
    if (reader->connection != NULL && connection_lost(reader->connection))
        connection_free(TAKE(reader->connection)); /* restarted, or a pooler let it go */
    if (reader->connection != NULL) {
        reader_begin(reader);
        return true;
    }
    reader->state = READER_OPENING;
    reader->connection = connection_open(reader->loop, reader->dsn, POSTGRES_CONNECT_MS, on_opened, reader);
    return true;
}

bool postgres_reader_holds(const struct postgres_reader *reader)
{
    return reader->state == READER_HELD && !reader->ending;
}

bool postgres_reader_rests(const struct postgres_reader *reader)
{
    return clock_monotonic_ms() < reader->rest_until_ms;
}

void postgres_reader_cancel(struct postgres_reader *reader)
{
    reader_close(reader);
}

void postgres_reader_distrust(struct postgres_reader *reader, const struct postgres_trouble *trouble)
{
    reader_fail(reader, &trouble->err, trouble->remedy);
}

bool postgres_reader_has(const struct postgres_reader *reader, const char *entity)
{
    const struct layout_table *table = layout_find(&reader->layout, entity);
    return table != NULL && table->readable && layout_has(table, "id") && layout_has(table, "tags");
}
