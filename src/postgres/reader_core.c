/* Decides what is under way on the connection, and what follows when it ends or fails. */
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "reader_parts.h"

static void ask_next(struct postgres_reader *reader);

static void ask_free(struct ask *ask)
{
    statement_done(&ask->statement);
    free(ask->entity);
    free(ask);
}

void reader_close(struct postgres_reader *reader)
{
    connection_free(TAKE(reader->connection));
    loop_timer_stop(reader->held);
    for (struct ask *ask; (ask = reader->first) != NULL;) {
        reader->first = ask->next;
        ask_free(ask);
    }
    reader->last = NULL;
    reader->asking = reader->ending = false;
    reader->state = READER_CLOSED;
    reader->begun = NULL;
}

static uint64_t with_jitter(uint64_t delay_ms)
{
    uint32_t random = 0;
    if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
        random = 0;
    return delay_ms / 2 + random % (delay_ms / 2 + 1);
}

static void rest(struct postgres_reader *reader)
{
    unsigned doublings = reader->failures < 20 ? reader->failures : 20;
    uint64_t delay = (uint64_t)POSTGRES_RETRY_MS << doublings;
    reader->failures++;
    reader->rest_until_ms =
        clock_monotonic_ms() + with_jitter(delay < POSTGRES_RETRY_MAX_MS ? delay : POSTGRES_RETRY_MAX_MS);
}

/* What SQL's class of an error asks people to do. */
static const char *remedy_of(const char *state, int code)
{
    static const struct {
        const char *state, *remedy;
    } rows[] = {
        {"42501", "grant the role what it lacks; see deploy/postgres"},
        {"42P01", "name Kong's own database in the connection string"},
        {"57014", "raise --postgres-timeout, or see what keeps the database busy"},
        {"40001", "it is tried again by itself"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (strcmp(rows[i].state, state) == 0)
            return rows[i].remedy;
    if (err_is(code, ERR_CONNECT) || err_is(code, ERR_TIMEOUT))
        return "check that the server runs, and the connection string or the PG* variables; it is tried again by "
               "itself";
    return "see the server's log; it is tried again by itself";
}

void reader_fail(struct postgres_reader *reader, const struct err *err, const char *remedy)
{
    struct postgres_trouble trouble = {.err = *err};
    if (remedy == NULL)
        remedy = remedy_of(reader->connection != NULL ? connection_state(reader->connection) : "", err->code);
    snprintf(trouble.remedy, sizeof(trouble.remedy), "%s", remedy);
    struct ask *asks = TAKE(reader->first);
    postgres_begun_fn *begun = TAKE(reader->begun);
    void *user = reader->begun_user;
    reader_close(reader);
    layout_done(&reader->layout); /* it may be another one when it works again */
    rest(reader);
    reader->worked = false;
    if (reader->callbacks.troubled != NULL)
        reader->callbacks.troubled(reader->callbacks.user, &trouble);
    if (begun != NULL)
        begun(user, NULL);
    for (struct ask *next; asks != NULL; asks = next) {
        next = asks->next;
        asks->done(asks->user, false);
        ask_free(asks);
    }
}

void reader_begun(struct postgres_reader *reader)
{
    postgres_begun_fn *begun = TAKE(reader->begun);
    struct postgres_snapshot snapshot = {reader->snapshot, reader->server};
    if (reader->state == READER_HELD)
        loop_timer_start(reader->held, POSTGRES_HELD_MS);
    begun(reader->begun_user, &snapshot);
}

static void on_committed(void *user, const struct err *err)
{
    struct postgres_reader *reader = user;
    if (err != NULL) {
        reader_fail(reader, err, NULL);
        return;
    }
    bool news = !reader->worked;
    reader->state = READER_READY;
    reader->failures = 0;
    reader->worked = true;
    if (news && reader->callbacks.works != NULL)
        reader->callbacks.works(reader->callbacks.user);
    if (reader->begun == NULL)
        return;
    if (reader->unchanged)
        reader_begun(reader);
    else
        reader->begin(reader);
}

void reader_commit(struct postgres_reader *reader)
{
    reader->state = READER_ENDING;
    reader->ending = false;
    loop_timer_stop(reader->held);
    connection_ask(reader->connection,
                   &(struct connection_question){
                       .sql = "COMMIT", .end = on_committed, .user = reader, .silence_ms = reader->statement_ms});
}

static void on_answered(void *user, const struct err *err)
{
    struct postgres_reader *reader = user;
    if (err != NULL) {
        reader_fail(reader, err, NULL);
        return;
    }
    struct ask *ask = reader->first;
    reader->first = ask->next;
    if (reader->first == NULL)
        reader->last = NULL;
    reader->asking = false;
    ask_next(reader); /* before the callback, so that the server is not idle meanwhile */
    ask->done(ask->user, true);
    ask_free(ask);
}

static int on_row(void *user, const char *const *values, const size_t *lengths, size_t count, struct err *err)
{
    const struct postgres_reader *reader = user;
    struct ask *ask = reader->first;
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += lengths[i];
    if (bytes > POSTGRES_ROW_BYTES_MAX)
        return err_set(err, ERR_TOO_BIG, "%s: a row has more than %zu bytes", ask->entity, POSTGRES_ROW_BYTES_MAX);
    if (++ask->rows > POSTGRES_ROWS_MAX)
        return err_set(err, ERR_TOO_BIG, "%s: there are more than %zu rows", ask->entity, POSTGRES_ROWS_MAX);
    return ask->row(ask, values, lengths, count, err);
}

static void ask_next(struct postgres_reader *reader)
{
    if (reader->state != READER_HELD || reader->asking)
        return;
    struct ask *ask = reader->first;
    if (ask == NULL) {
        if (reader->ending)
            reader_commit(reader);
        else
            loop_timer_start(reader->held, POSTGRES_HELD_MS);
        return;
    }
    loop_timer_stop(reader->held);
    reader->asking = true;
    connection_ask(reader->connection,
                   &(struct connection_question){.sql = buf_text(&ask->statement.sql),
                                                 .parameters = (const char *const *)ask->statement.parameters,
                                                 .parameter_count = ask->statement.parameter_count,
                                                 .row = on_row,
                                                 .end = on_answered,
                                                 .user = reader,
                                                 .silence_ms = reader->statement_ms});
}

struct ask *reader_ask_new(struct postgres_reader *reader, const char *entity, connection_row_fn *row,
                           postgres_done_fn *done, void *user)
{
    struct ask *ask = xcalloc(1, sizeof(*ask));
    ask->reader = reader;
    ask->entity = xstrdup(entity);
    ask->statement.sql = (struct buf)BUF_OWN;
    ask->row = row;
    ask->done = done;
    ask->user = user;
    return ask;
}

void reader_push(struct postgres_reader *reader, struct ask *ask)
{
    require_that(reader->state == READER_HELD && !reader->ending);
    if (reader->last != NULL)
        reader->last->next = ask;
    else
        reader->first = ask;
    reader->last = ask;
    ask_next(reader);
}

struct statement_owner reader_owner(const struct postgres_reader *reader)
{
    return (struct statement_owner){reader->workspace_id, reader->tags};
}

void postgres_reader_end(struct postgres_reader *reader)
{
    if (reader->state != READER_HELD)
        return;
    reader->ending = true;
    ask_next(reader);
}
