/* net/http_client.h - HTTP requests on the loop (libcurl's multi interface behind the door), keep-alive, TLS.
 * Owns:    a client owns its connections and its copy of the TLS settings; a request belongs to the client until its
 *          `done` callback has returned or http_cancel was called.
 * Thread:  loop thread.
 * Errors:  a request that got an HTTP status is no error, whatever the status; no status gives err with ERR_CONNECT,
 *          ERR_TLS, ERR_TIMEOUT, ERR_TOO_BIG or ERR_CANCELLED. Texts name the host and never a header or a body. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "net/http.h"
#include "net/loop.h"

struct http_client;
struct http_request;

/* PEM texts or NULL; they never touch the disk. */
struct http_tls {
    const char *ca_pem; /* NULL: the system's authorities */
    const char *client_cert_pem;
    const char *client_key_pem;
    const char *server_name; /* NULL: the host of the URL; used for SNI and for verification */
    bool skip_verify;
};

struct http_client_options {
    struct http_tls tls;
    const char *user_agent;
    const char *proxy_url;       /* NULL: none (the environment is not read) */
    int max_connections;         /* per host; 0: 64 */
    uint64_t connect_timeout_ms; /* 0: 5000 */
    uint64_t idle_close_ms;      /* how long an idle connection is kept; 0: 60000 */
};

/* Copies the options. */
int http_client_new(struct loop *loop, const struct http_client_options *options, struct http_client **ret_client,
                    struct err *err) MUST_USE;
/* Cancels what is under way without calling back. */
void http_client_free(struct http_client *client);
/* Takes new TLS settings for connections made from now on; idle old ones are closed. */
void http_client_set_tls(struct http_client *client, const struct http_tls *tls);

struct http_result {
    int status;                         /* 0 when there was none: see err */
    const struct http_headers *headers; /* borrowed until return */
    const char *body;                   /* NUL-terminated, borrowed until return; empty when `chunk` took it */
    size_t body_length;
    const struct err *err; /* code 0 unless status is 0 or the body was cut off */
    uint64_t took_us;
};

struct http_call {
    const char *method;
    const char *url;
    const struct http_headers *headers; /* NULL: none */
    const char *body;                   /* NULL: none */
    size_t body_length;
    size_t answer_limit;      /* bytes of body; 0: 64 MiB, or none for what `chunk` takes */
    uint64_t timeout_ms;      /* whole request; 0: none (streams) */
    uint64_t idle_timeout_ms; /* no byte for so long ends it with ERR_TIMEOUT; 0: none */
    /* When set, gets the body of a 2xx answer in pieces; a non-zero result ends the request with that code in err. */
    int (*chunk)(void *user, const char *data, size_t length);
    void (*done)(void *user, const struct http_result *result);
    void *user;
};

/* Copies the call.  `done` is always called exactly once, never from inside http_send, unless cancelled. */
struct http_request *http_send(struct http_client *client, const struct http_call *call);
void http_cancel(struct http_request *request); /* NULL is fine; no callback afterwards */
