/* reader_parts.h - the inside of a reader.   Owns: see postgres/reader.h.   Thread: loop.   Errors: none. */
#pragma once

#include "connection.h"
#include "layout.h"
#include "postgres/reader.h"
#include "statement.h"

enum reader_state {
    READER_CLOSED,
    READER_OPENING,
    READER_READY, /* connected, and nothing is under way */
    READER_BEGINNING,
    READER_HELD,
    READER_ENDING,
};

/* A question that was asked for within a snapshot. */
struct ask {
    struct ask *next;
    struct postgres_reader *reader;
    struct statement statement;
    connection_row_fn *row;
    char *entity;
    size_t rows;
    union {
        postgres_each_fn *object;
        postgres_id_fn *id;
        postgres_changes_fn *changes;
        postgres_newest_fn *newest;
    } each;
    postgres_done_fn *done;
    void *user;
};

struct postgres_reader {
    struct loop *loop;
    struct postgres_reader_callbacks callbacks;
    struct dsn *dsn;
    char *workspace, *tags; /* the tags as an array literal */
    char **tables;
    uint64_t statement_ms, lag_ms;
    enum reader_state state;
    struct connection *connection;
    struct layout layout;
    struct buf migrations; /* of the layout that is being looked at */
    char *workspace_id;
    char *snapshot, *server;             /* of the transaction that is under way */
    char *since_snapshot, *since_server; /* what the caller knows already; or NULL */
    bool unchanged;                      /* since then */
    postgres_begun_fn *begun;
    void *begun_user;
    void (*begin)(struct postgres_reader *reader); /* reader_begin: what was asked for while a transaction ended */
    struct ask *first, *last;                      /* the first one is under way */
    bool asking, ending;                           /* … ending: as soon as nothing is */
    struct postgres_trouble trouble;
    unsigned failures; /* in a row */
    uint64_t rest_until_ms;
    bool worked;
    struct loop_timer *held; /* a snapshot that nobody asks anything in */
};

/* reader_begin.c */
void reader_begin(struct postgres_reader *reader); /* on an open connection */

/* reader_core.c */
void reader_fail(struct postgres_reader *reader, const struct err *err, const char *remedy);
void reader_close(struct postgres_reader *reader); /* no callback */
void reader_begun(struct postgres_reader *reader); /* tells the caller */
void reader_commit(struct postgres_reader *reader);
void reader_push(struct postgres_reader *reader, struct ask *ask);
struct ask *reader_ask_new(struct postgres_reader *reader, const char *entity, connection_row_fn *row,
                           postgres_done_fn *done, void *user);
/* Whose rows are meant, in this snapshot. */
struct statement_owner reader_owner(const struct postgres_reader *reader);
