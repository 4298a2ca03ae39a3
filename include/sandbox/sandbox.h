/* sandbox/sandbox.h - an Admin API of Kong (database mode, without Enterprise) in memory: a gateway to try things
 * with.
 * Owns:    a sandbox owns its entities and the requests that it remembers; an answer owns its headers and body.
 * Thread:  one owner. No sockets in here: sandbox/server.h serves it.
 * Errors:  none; what a client does wrong is an answer.
 * Limits:  the SANDBOX_*_MAX below. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "net/http.h"

#define SANDBOX_BODY_MAX          (10u << 20) /* Kong's own limit: more is 413 */
#define SANDBOX_REQUESTS_MAX      20000
#define SANDBOX_REQUEST_BYTES_MAX (64u << 20) /* of all remembered bodies together */
#define SANDBOX_FAULTS_MAX        256
#define SANDBOX_ENTITIES_MAX      1000000

struct sandbox;

enum sandbox_flavour { SANDBOX_TRADITIONAL_COMPATIBLE, SANDBOX_TRADITIONAL, SANDBOX_EXPRESSIONS };

struct sandbox_options {
    enum sandbox_flavour flavour;
    const char *version; /* NULL: "3.9.3" */
    const char *node_id; /* NULL: a random one */
    bool control;        /* answer under /sandbox/: faults, remembered requests, seed, state */
    bool control_plane;  /* hybrid mode: /clustering/… shows the data planes that PUT /sandbox/data-planes set */
    bool status;         /* answer /status/ready, as Kong's status listener does and its Admin API does not */
    /* Where ids of new entities come from; NULL: random. */
    void (*make_id)(void *user, char ret_uuid[37]);
    void *user;
};

/* Copies the options; NULL: all defaults. */
struct sandbox *sandbox_new(const struct sandbox_options *options);
void sandbox_free(struct sandbox *sandbox); /* NULL is fine */
DEFINE_CLEANUP(sandbox, sandbox_free)

struct sandbox_request {
    const char *method;
    const char *target;       /* path and query, as sent */
    const char *content_type; /* NULL: none */
    const char *body;         /* NULL: none */
    size_t body_length;
};

/* What becomes of the connection: faults can drop it or leave it hanging. */
enum sandbox_fate { SANDBOX_ANSWER, SANDBOX_HANG, SANDBOX_DROP };

struct sandbox_answer {
    int status;
    struct http_headers headers;
    struct buf body;
    enum sandbox_fate fate;
    uint64_t delay_ms; /* before the answer */
};

#define SANDBOX_ANSWER_INIT                                                                                            \
    {                                                                                                                  \
        0, HTTP_HEADERS_INIT, BUF_OWN, SANDBOX_ANSWER, 0                                                               \
    }

/* Fills an answer that was initialised.  HEAD gets the body of GET; whoever serves it leaves it out. */
void sandbox_handle(struct sandbox *sandbox, const struct sandbox_request *request, struct sandbox_answer *ret_answer);
void sandbox_answer_done(struct sandbox_answer *answer);

/* Puts entities without a request, as PUT /sandbox/seed does: {"services": [{…}, …], "routes": […], …}, by table or
 * collection; references by id.  What stands before an error has been stored. */
int sandbox_seed(struct sandbox *sandbox, const char *text, size_t length, struct err *err);

/* Every entity as JSON: {"services": [{…}, …], …}, sorted by id. */
void sandbox_dump(struct sandbox *sandbox, struct buf *out);

/* Requests handled so far that were not for /sandbox/. */
uint64_t sandbox_request_count(const struct sandbox *sandbox);
