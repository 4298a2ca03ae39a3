/* stored_gateway.h - an Admin API (the sandbox's) on a socket that stores what it is told in a real PostgreSQL as Kong
 * would, so that both show the same. */
#pragma once

#include <string.h>

#include "kong/kind.h"
#include "net/http_server.h"
#include "postgres_server.h"
#include "sandbox/sandbox.h"

struct stored_gateway {
    struct postgres_server *postgres; /* borrowed */
    struct sandbox *sandbox;
    struct http_server *server;
    char *url;
    struct buf log; /* "GET /services?size=1000\n" */
    bool apart;     /* what is written from now on is not stored */
};

/* The table that a path leads to: "/upstreams/u/targets/t" and "/key-auths/k" alike. */
static inline const char *stored_table(const char *path)
{
    if (strstr(path, "/targets") != NULL)
        return "targets";
    AUTO(text) char *collection = xstrndup(path + 1, strcspn(path + 1, "/?"));
    for (int id = 0; id < KONG_CUSTOM; id++) {
        const struct kong_kind *kind = kong_kind_get((enum kong_kind_id)id);
        if (strcmp(kind->collection, collection) == 0)
            return kind->id == KONG_VAULT ? "sm_vaults" : kind->table;
    }
    return strcmp(collection, "key-sets") == 0 ? "key_sets" : strcmp(collection, "keys") == 0 ? "keys" : NULL;
}

static inline void stored_put(const struct stored_gateway *gateway, const char *path, const char *entity)
{
    const char *const parameters[] = {stored_table(path), entity};
    PGresult *result =
        PQexecParams(gateway->postgres->admin, "SELECT put_row($1, $2)", 2, NULL, parameters, NULL, NULL, 0);
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        fail_msg("%s %s: %s", path, entity, PQerrorMessage(gateway->postgres->admin));
    PQclear(result);
}

static inline void stored_delete(const struct stored_gateway *gateway, const char *path)
{
    const char *id = strrchr(path, '/') + 1;
    AUTO(text) char *sql = xasprintf("DELETE FROM %s WHERE id::text = '%s'", stored_table(path), id);
    postgres_sql(gateway->postgres, sql);
}

/* A request from within the test, or from a client. */
static inline int stored_request(struct stored_gateway *gateway, const char *method, const char *target,
                                 const char *body, struct buf *ret_body)
{
    struct sandbox_request request = {method, target, body != NULL ? "application/json" : NULL, body,
                                      body != NULL ? strlen(body) : 0};
    struct sandbox_answer answer = SANDBOX_ANSWER_INIT;
    bool reads = strcmp(method, "GET") == 0;
    AUTO(text) char *path = xstrndup(target, strcspn(target, "?"));
    sandbox_handle(gateway->sandbox, &request, &answer);
    int status = answer.status;
    if (!reads && status < 300 && !gateway->apart && stored_table(path) != NULL) {
        if (strcmp(method, "DELETE") == 0)
            stored_delete(gateway, path);
        else
            stored_put(gateway, path, buf_text(&answer.body));
    }
    if (ret_body != NULL)
        buf_append(ret_body, buf_text(&answer.body), answer.body.length);
    sandbox_answer_done(&answer);
    return status;
}

static inline void stored_handle(void *user, struct http_exchange *exchange, const struct http_incoming *incoming)
{
    struct stored_gateway *gateway = user;
    AUTO(buf) struct buf answer = BUF_OWN;
    AUTO(text)
    char *target = xasprintf("%s%s%s", incoming->path, incoming->query[0] != '\0' ? "?" : "", incoming->query);
    AUTO(text) char *body = incoming->body_length > 0 ? xstrndup(incoming->body, incoming->body_length) : NULL;
    buf_printf(&gateway->log, "%s %s\n", incoming->method, target);
    int status = stored_request(gateway, incoming->method, target, body, &answer);
    http_answer(exchange, status, NULL, buf_text(&answer), answer.length);
}

static inline struct stored_gateway *stored_gateway_new(struct loop *loop, struct postgres_server *postgres)
{
    struct stored_gateway *gateway = xcalloc(1, sizeof(*gateway));
    struct http_server_options options = {.listen = "127.0.0.1:0"};
    struct err err = ERR_INIT;
    gateway->postgres = postgres;
    gateway->sandbox = sandbox_new(NULL);
    gateway->log = (struct buf)BUF_OWN;
    assert_int_equal(http_server_new(loop, &options, stored_handle, gateway, &gateway->server, &err), 0);
    gateway->url = xasprintf("http://127.0.0.1:%d", http_server_port(gateway->server));
    return gateway;
}

static inline void stored_gateway_free(struct stored_gateway *gateway)
{
    http_server_free(gateway->server);
    sandbox_free(gateway->sandbox);
    buf_done(&gateway->log);
    free(gateway->url);
    free(gateway);
}

/* Of somebody else, who uses the Admin API as well. */
static inline void stored_write(struct stored_gateway *gateway, const char *method, const char *target,
                                const char *body)
{
    AUTO(buf) struct buf answer = BUF_OWN;
    int status = stored_request(gateway, method, target, body, &answer);
    if (status >= 300)
        fail_msg("%s %s: %d %s", method, target, status, buf_text(&answer));
}

static inline size_t stored_count(const struct stored_gateway *gateway, const char *start)
{
    size_t count = 0;
    for (const char *line = buf_text(&gateway->log); *line != '\0'; line = strchr(line, '\n') + 1)
        count += strncmp(line, start, strlen(start)) == 0;
    return count;
}
