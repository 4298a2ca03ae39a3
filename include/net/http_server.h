/* net/http_server.h - a small HTTP(S) server on the loop (evhttp behind the door).
 * Owns:    the server owns its sockets; a request is borrowed by the handler until it is answered.
 * Thread:  loop thread.
 * Errors:  listening can fail; a client's misbehaviour ends its connection only. Bodies over `body_limit` get 413. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "net/http.h"
#include "net/loop.h"

#define HTTP_SERVER_IDLE_MS 120000

struct http_server;
struct http_exchange; /* one request that waits for its answer */

struct http_server_options {
    const char *listen;   /* "host:port", ":port", "[::1]:port"; port 0 picks one */
    size_t body_limit;    /* 0: 16 MiB */
    const char *cert_pem; /* both: TLS */
    const char *key_pem;
    const char *client_ca_pem; /* set: client certificates are required */
    uint64_t idle_ms;          /* without a byte from or to a client; 0: HTTP_SERVER_IDLE_MS */
};

struct http_incoming {
    const char *method;
    const char *path;  /* as sent, without the query */
    const char *query; /* after '?', "" when none */
    const struct http_headers *headers;
    const char *body;
    size_t body_length;
};

/* Must answer with http_answer once, now or later. */
typedef void http_handler_fn(void *user, struct http_exchange *exchange, const struct http_incoming *request);

int http_server_new(struct loop *loop, const struct http_server_options *options, http_handler_fn *handler, void *user,
                    struct http_server **ret_server, struct err *err) MUST_USE;
int http_server_port(const struct http_server *server);
void http_server_free(struct http_server *server);

/* Takes nothing; headers may be NULL.  The exchange is gone afterwards. */
void http_answer(struct http_exchange *exchange, int status, const struct http_headers *headers, const void *body,
                 size_t length);
/* In place of http_answer, an answer in pieces (chunked): begin, any number of pieces, end.  The client may
 * leave in between. */
void http_answer_begin(struct http_exchange *exchange, int status, const struct http_headers *headers);
void http_answer_piece(struct http_exchange *exchange, const void *data, size_t length);
void http_answer_end(struct http_exchange *exchange); /* the exchange is gone afterwards */
/* After http_answer_begin, for an answer that stays open: its client need not send anything meanwhile, and `left` is called once
 * when it has gone, or when the server is freed; http_answer_end or http_drop follows all the same, at once or later. */
void http_answer_stream(struct http_exchange *exchange, void (*left)(void *user), void *user);
size_t http_answer_waiting(const struct http_exchange *exchange); /* bytes that the client has not taken yet */
/* Cuts the connection without an answer (for tests of clients); also after http_answer_begin.  The exchange is gone
 * afterwards. */
void http_drop(struct http_exchange *exchange);
