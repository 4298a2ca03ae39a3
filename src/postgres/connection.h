/* connection.h - one connection to PostgreSQL on the loop (libpq behind it).
 * Owns:    the connection; it borrows the dsn.
 * Thread:  loop thread. Nothing blocks: names are looked up first, and every step has its deadline.
 * Errors:  told to the callbacks; after one the connection is of no use and is to be freed. */
#pragma once

#include "dsn.h"
#include "net/loop.h"

struct connection;

#define CONNECTION_STATE_MAX 6 /* SQLSTATE and its NUL */

/* NULL: all is well.  Callbacks may free the connection. */
typedef void connection_end_fn(void *user, const struct err *err);
/* One row; values may be NULL, all borrowed until return.  Not 0: the question ends with that error. */
typedef int connection_row_fn(void *user, const char *const *values, const size_t *lengths, size_t count,
                              struct err *err);

struct connection_question {
    const char *sql;
    const char *const *parameters; /* texts; NULL ones are SQL's NULL */
    size_t parameter_count;
    connection_row_fn *row;
    connection_end_fn *end;
    void *user;
    uint64_t silence_ms; /* so long without a byte of an answer, and it has failed */
};

/* `opened` is called once, from the loop. */
struct connection *connection_open(struct loop *loop, struct dsn *dsn, uint64_t deadline_ms, connection_end_fn *opened,
                                   void *user);
void connection_free(struct connection *connection); /* NULL is fine; no callback afterwards */

/* One at a time: the next one from the end of this one. */
void connection_ask(struct connection *connection, const struct connection_question *question);
bool connection_lost(const struct connection *connection); /* while nothing was asked: it is to be opened anew */
const char *connection_state(const struct connection *connection); /* SQLSTATE of the last error, "" for none */
const char *connection_user(const struct connection *connection);  /* our role */
