/* base/http_client_request.h - one request on its way: what libcurl is told, and what it tells us (inside http_client
 * only).
 * Owns:    a request owns its copies of the call, its answer and its timers; the curl handle is the pool's.
 * Thread:  loop thread.
 * Errors:  request_prepare; all else is told through http_result. */
#pragma once

#include <curl/curl.h>

#include "net/http_client.h"

#define HTTP_ANSWER_HEADERS_MAX (256u << 10) /* bytes of one answer's headers */
#define HTTP_ANSWER_LIMIT       (64u << 20)  /* bytes of body, when the call does not say */

/* Settings that connections are bound to.  New TLS settings make a new generation; the old one goes with its last
 * request. */
struct generation {
    struct http_client *client;
    CURLM *multi;
    struct loop_timer *timer;
    struct curl_blob ca, cert, key; /* owned; data NULL when absent */
    char *server_name;
    bool skip_verify;
    size_t running;
    CURL **spare; /* easy handles without a request */
    size_t spare_count;
    struct generation *next;
};

enum request_place {
    REQUEST_RUNNING,   /* in its generation's multi */
    REQUEST_LATE,      /* waits for the loop: to be started, or to fail with `err` */
    REQUEST_FINISHING, /* `done` is being called */
};

struct http_request {
    struct http_client *client;
    struct generation *generation;
    CURL *easy;
    enum request_place place;
    bool cancelled;

    char *origin; /* scheme://host:port, for texts */
    char *body;
    struct curl_slist *header_lines;
    struct curl_slist *connect_to;
    char curl_text[CURL_ERROR_SIZE];

    struct http_headers headers;
    size_t header_bytes;
    struct buf answer;
    size_t received;
    size_t limit;
    bool limited;
    struct err err; /* set by our callbacks before curl knows */

    uint64_t started_us;
    uint64_t last_byte_ms;
    curl_off_t uploaded;
    uint64_t timeout_ms;
    uint64_t idle_timeout_ms;
    struct loop_timer *deadline;
    struct loop_timer *idle;

    int (*chunk)(void *user, const char *data, size_t length);
    void (*done)(void *user, const struct http_result *result);
    void *user;
    struct http_request *next, *previous; /* in the client's list of its place */
};

/* Tells `request->easy` everything about the call. */
int request_prepare(struct http_request *request, const struct http_call *call,
                    const struct http_client_options *options, struct err *err);
/* The error for curl's result, in words. */
void request_explain(struct http_request *request, CURLcode code);
void request_free(struct http_request *request); /* but for the curl handle */
