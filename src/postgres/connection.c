/* Decides how libpq's steps are taken on the loop. */
#include "connection.h"

#include <libpq-fe.h>
#include <string.h>

#include "net/resolve.h"

struct connection {
    struct loop *loop;
    struct dsn *dsn;
    PGconn *conn;
    struct resolve *resolve;
    size_t resolving; /* which name */
    struct loop_watch *reads, *writes;
    struct loop_timer *deadline;
    connection_end_fn *end; /* of opening, then of the question; NULL: nothing is under way */
    connection_row_fn *row;
    void *user;
    uint64_t silence_ms;
    const char **values;
    size_t *lengths;
    size_t columns; /* room in the two */
    char state[CONNECTION_STATE_MAX];
    struct err row_err;
    bool unsent; /* the question did not leave */
    bool lost;   /* while nothing was under way */
    bool *freed; /* of whoever is calling back */
};

static void stop_watching(struct connection *connection)
{
    loop_watch_free(TAKE(connection->reads));
    loop_watch_free(TAKE(connection->writes));
}

void connection_free(struct connection *connection)
{
    if (connection == NULL)
        return;
    if (connection->freed != NULL)
        *connection->freed = true;
    stop_watching(connection);
    resolve_give_up(connection->resolve);
    loop_timer_free(connection->deadline);
    PQfinish(connection->conn);
    free(connection->values);
    free(connection->lengths);
    free(connection);
}

/* The last thing that a function does: the connection may be gone afterwards. */
static void end(struct connection *connection, const struct err *err)
{
    connection_end_fn *ended = TAKE(connection->end);
    loop_timer_stop(connection->deadline);
    if (err != NULL)
        stop_watching(connection);
    if (ended != NULL)
        ended(connection->user, err);
}

static void fail(struct connection *connection, enum err_code code, const char *text)
{
    struct err err = ERR_INIT;
    size_t length = strcspn(text, "\n"); /* the rest is detail that may quote a row */
    err_set(&err, code, "%.*s", (int)length, text);
    dsn_scrub(connection->dsn, &err);
    end(connection, &err);
}

static void on_deadline(void *user)
{
    struct connection *connection = user;
    if (connection->unsent)
        fail(connection, ERR_CONNECT, PQerrorMessage(connection->conn));
    else if (connection->conn != NULL && PQstatus(connection->conn) == CONNECTION_OK)
        fail(connection, ERR_TIMEOUT, "the server has not answered in time");
    else
        fail(connection, ERR_TIMEOUT, "no connection could be made in time");
}

static void poll_connection(struct connection *connection);

static void on_progress(void *user, int events)
{
    poll_connection(user);
}

static void check_server(struct connection *connection)
{
    const char *encoding = PQparameterStatus(connection->conn, "server_encoding");
    if (encoding != NULL && strcmp(encoding, "SQL_ASCII") == 0) {
        fail(connection, ERR_UNSUPPORTED, "the database has the encoding SQL_ASCII: nobody knows what its texts are");
        return;
    }
    if (PQsetnonblocking(connection->conn, 1) != 0) {
        fail(connection, ERR_CONNECT, PQerrorMessage(connection->conn));
        return;
    }
    end(connection, NULL);
}

static void poll_connection(struct connection *connection)
{
    stop_watching(connection); /* libpq may go on with another socket */
    PostgresPollingStatusType status = PQconnectPoll(connection->conn);
    if (status == PGRES_POLLING_READING)
        connection->reads =
            loop_watch_new(connection->loop, PQsocket(connection->conn), LOOP_READ, on_progress, connection);
    else if (status == PGRES_POLLING_WRITING)
        connection->writes =
            loop_watch_new(connection->loop, PQsocket(connection->conn), LOOP_WRITE, on_progress, connection);
    else if (status == PGRES_POLLING_OK)
        check_server(connection);
    else
        fail(connection, ERR_CONNECT, PQerrorMessage(connection->conn));
}

/* Notices are for people at a prompt. */
static void ignore_notice(void *user, const PGresult *result)
{
}

static void connect_server(struct connection *connection)
{
    const char **keywords, **values;
    dsn_parameters(connection->dsn, &keywords, &values);
    connection->conn = PQconnectStartParams(keywords, values, 0);
    free(keywords);
    free(values);
    require_that(connection->conn != NULL);
    PQsetNoticeReceiver(connection->conn, ignore_notice, NULL);
    if (PQstatus(connection->conn) == CONNECTION_BAD) {
        fail(connection, ERR_CONNECT, PQerrorMessage(connection->conn));
        return;
    }
    /* As if it were writable: the first step begins so. */
    connection->writes =
        loop_watch_new(connection->loop, PQsocket(connection->conn), LOOP_WRITE, on_progress, connection);
}

static void resolve_next(struct connection *connection);

static void on_addresses(void *user, const char *const *addresses, size_t count, const struct err *err)
{
    struct connection *connection = user;
    connection->resolve = NULL;
    if (count == 0 && dsn_names(connection->dsn) == 1) {
        fail(connection, ERR_CONNECT, err->text);
        return;
    }
    dsn_set_addresses(connection->dsn, connection->resolving++, addresses, count);
    resolve_next(connection);
}

static void resolve_next(struct connection *connection)
{
    if (connection->resolving == dsn_names(connection->dsn)) {
        connect_server(connection);
        return;
    }
    struct err err = ERR_INIT;
    if (resolve_start(connection->loop, dsn_name(connection->dsn, connection->resolving), on_addresses, connection,
                      &connection->resolve, &err) != 0)
        fail(connection, ERR_CONNECT, err.text);
}

static void on_start(void *user)
{
    struct connection *connection = user;
    loop_timer_free(connection->deadline);
    connection->deadline = loop_timer_new(connection->loop, on_deadline, connection);
    loop_timer_start(connection->deadline, connection->silence_ms);
    resolve_next(connection);
}

struct connection *connection_open(struct loop *loop, struct dsn *dsn, uint64_t deadline_ms, connection_end_fn *opened,
                                   void *user)
{
    struct connection *connection = xcalloc(1, sizeof(*connection));
    connection->loop = loop;
    connection->dsn = dsn;
    connection->end = opened;
    connection->user = user;
    connection->silence_ms = deadline_ms;
    connection->deadline = loop_timer_new(loop, on_start, connection); /* first: to begin from the loop */
    loop_timer_start(connection->deadline, 0);
    return connection;
}

static void make_room(struct connection *connection, size_t columns)
{
    if (columns <= connection->columns)
        return;
    connection->columns = columns;
    connection->values = xrealloc(connection->values, columns * sizeof(*connection->values));
    connection->lengths = xrealloc(connection->lengths, columns * sizeof(*connection->lengths));
}

/* False: the connection is gone. */
static bool give_rows(struct connection *connection, const PGresult *result)
{
    size_t columns = (size_t)PQnfields(result);
    bool freed = false;
    make_room(connection, columns);
    connection->freed = &freed;
    for (int row = 0; row < PQntuples(result) && !freed && connection->row_err.code == 0; row++) {
        for (size_t i = 0; i < columns; i++) {
            bool null = PQgetisnull(result, row, (int)i) != 0;
            connection->values[i] = null ? NULL : PQgetvalue(result, row, (int)i);
            connection->lengths[i] = (size_t)PQgetlength(result, row, (int)i);
        }
        connection->row(connection->user, connection->values, connection->lengths, columns, &connection->row_err);
    }
    if (!freed)
        connection->freed = NULL;
    return !freed;
}

static void fail_result(struct connection *connection, const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (state != NULL)
        memcpy(connection->state, state, strnlen(state, CONNECTION_STATE_MAX - 1));
    fail(connection, ERR_PROTOCOL, message != NULL ? message : PQerrorMessage(connection->conn));
}

/* Takes what has come; false: the question has ended, or the connection is gone. */
static bool take_result(struct connection *connection)
{
    PGresult *result = PQgetResult(connection->conn);
    ExecStatusType status = PQresultStatus(result);
    bool goes_on = false;
    if (result == NULL) {
        end(connection, NULL);
    } else if (status == PGRES_SINGLE_TUPLE || status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
        goes_on = connection->row == NULL || give_rows(connection, result);
        if (goes_on && connection->row_err.code != 0) {
            struct err err = connection->row_err;
            goes_on = false;
            end(connection, &err);
        }
    } else {
        fail_result(connection, result);
    }
    PQclear(result);
    return goes_on;
}

static void on_answer(void *user, int events)
{
    struct connection *connection = user;
    if (PQconsumeInput(connection->conn) == 0) {
        connection->lost = true;
        fail(connection, ERR_CONNECT, PQerrorMessage(connection->conn));
        return;
    }
    if (connection->end == NULL) /* idle; a server that ends says so here */
        return;
    loop_timer_start(connection->deadline, connection->silence_ms);
    while (PQisBusy(connection->conn) == 0)
        if (!take_result(connection))
            return;
}

static void flush(struct connection *connection);

static void on_writable(void *user, int events)
{
    flush(user);
}

static void flush(struct connection *connection)
{
    int left = PQflush(connection->conn);
    if (left == 1 && connection->writes == NULL)
        connection->writes =
            loop_watch_new(connection->loop, PQsocket(connection->conn), LOOP_WRITE, on_writable, connection);
    if (left == 0)
        loop_watch_free(TAKE(connection->writes));
    /* A failure to send shows when the answer is read. */
}

void connection_ask(struct connection *connection, const struct connection_question *question)
{
    require_that(connection->end == NULL);
    connection->end = question->end;
    connection->row = question->row;
    connection->user = question->user;
    connection->silence_ms = question->silence_ms;
    connection->row_err = (struct err)ERR_INIT;
    connection->state[0] = '\0';
    loop_timer_start(connection->deadline, question->silence_ms);
    int sent = connection->lost ? 0
                                : PQsendQueryParams(connection->conn, question->sql, (int)question->parameter_count,
                                                    NULL, question->parameters, NULL, NULL, 0);
    if (sent != 1) {
        connection->unsent = true;
        loop_timer_start(connection->deadline, 0); /* from the loop, as every other end */
        return;
    }
    PQsetSingleRowMode(connection->conn);
    if (connection->reads == NULL)
        connection->reads =
            loop_watch_new(connection->loop, PQsocket(connection->conn), LOOP_READ, on_answer, connection);
    flush(connection);
}

bool connection_lost(const struct connection *connection)
{
    /* The server's last words come first, then the end. */
    return connection->lost || PQconsumeInput(connection->conn) == 0 || PQconsumeInput(connection->conn) == 0 ||
           PQstatus(connection->conn) != CONNECTION_OK;
}

const char *connection_state(const struct connection *connection)
{
    return connection->state;
}

const char *connection_user(const struct connection *connection)
{
    return PQuser(connection->conn);
}
