/* reader_fixture.h - a reader on a loop, and what its callbacks told. */
#pragma once

#include "postgres/reader.h"
#include "postgres_server.h"
#include "waiting.h"

struct heard {
    struct loop *loop;
    struct postgres_reader *reader;
    int begun, done, troubles, works, objects;
    bool good, complete;
    char snapshot[256], starts[128];
    struct postgres_trouble trouble;
    struct buf texts; /* a line for each object, id or count */
};

static inline void on_troubled(void *user, const struct postgres_trouble *trouble)
{
    struct heard *heard = user;
    heard->troubles++;
    heard->trouble = *trouble;
}

static inline void on_works(void *user)
{
    ((struct heard *)user)->works++;
}

static inline void on_begun(void *user, const struct postgres_snapshot *snapshot)
{
    struct heard *heard = user;
    heard->begun++;
    heard->good = snapshot != NULL;
    if (snapshot == NULL)
        return;
    snprintf(heard->snapshot, sizeof(heard->snapshot), "%s", snapshot->text);
    snprintf(heard->starts, sizeof(heard->starts), "%s", snapshot->server);
}

static inline void on_object(void *user, const struct json *object)
{
    struct heard *heard = user;
    heard->objects++;
    json_print(object, &heard->texts);
    buf_append_char(&heard->texts, '\n');
}

static inline void on_done(void *user, bool complete)
{
    struct heard *heard = user;
    heard->done++;
    heard->complete = complete;
}

static inline struct heard *open_reader(const char *dsn, uint64_t statement_ms)
{
    static const char *const tags[] = {"mine", NULL}, *const tables[] = {"keyauth_credentials", NULL};
    struct heard *heard = xcalloc(1, sizeof(*heard));
    struct err err = ERR_INIT;
    struct postgres_reader_options options = {
        .dsn = dsn, .workspace = "", .tags = tags, .tables = tables, .statement_ms = statement_ms, .lag_ms = 1000};
    struct postgres_reader_callbacks callbacks = {heard, on_troubled, on_works};
    heard->texts = (struct buf)BUF_OWN;
    assert_int_equal(loop_new(&heard->loop, &err), 0);
    if (postgres_reader_new(heard->loop, &options, &callbacks, &heard->reader, &err) != 0)
        fail_msg("%s", err.text);
    return heard;
}

static inline struct heard *open_server(const struct postgres_server *server, const char *more)
{
    AUTO(text) char *dsn = xasprintf("%s dbname=kong %s", server->dsn, more);
    return open_reader(dsn, 10000);
}

static inline void close_reader(struct heard *heard)
{
    postgres_reader_free(heard->reader);
    loop_free(heard->loop);
    buf_done(&heard->texts);
    free(heard);
}

static inline void begin(struct heard *heard, const struct postgres_snapshot *since)
{
    int before = heard->begun;
    assert_true(postgres_reader_begin(heard->reader, since, on_begun, heard));
    assert_true(wait_until(heard->loop, &heard->begun, before + 1));
}

static inline void begin_well(struct heard *heard)
{
    begin(heard, NULL);
    if (!heard->good)
        fail_msg("%s", heard->trouble.err.text);
    buf_clear(&heard->texts);
}

static inline void wait_done(struct heard *heard)
{
    assert_true(wait_until(heard->loop, &heard->done, heard->done + 1));
}

static inline void read_rows(struct heard *heard, const char *entity, const char *const *references)
{
    struct postgres_table table = {entity, references};
    heard->objects = 0;
    postgres_reader_rows(heard->reader, &table, NULL, 0, on_object, on_done, heard);
    wait_done(heard);
}
