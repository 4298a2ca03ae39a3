/* gateway/admin.h - requests to Kong's Admin API, and what its answers mean.
 * Owns:    its HTTP client and its copy of the options; requests belong to it until their callback has returned.
 * Thread:  loop thread.
 * Errors:  every request is answered once, with a class that says what to do next. Messages are Kong's own and may
 *          quote what was sent: pass them through kong_secret_scrub before anybody sees them. */
#pragma once

#include "base/histogram.h"
#include "base/json.h"
#include "gateway/gateways.h"
#include "net/http_client.h"

#define KONG_PAGE_SIZE     1000                 /* Kong's largest */
#define KONG_ANSWER_LIMIT  ((size_t)256u << 20) /* bytes of one page */
#define KONG_PAGES_MAX     100000               /* of one list: a gateway that never stops paging is broken */
#define KONG_MESSAGE_LIMIT 1500                 /* characters of Kong's message that are kept */

enum kong_class {
    KONG_DONE,         /* 2xx */
    KONG_REFUSED,      /* other 4xx: sending it again would not help */
    KONG_TAKEN,        /* the id or a unique value belongs to another entity */
    KONG_NO_REFERENCE, /* what it refers to is missing, or something still refers to it */
    KONG_MISSING,      /* 404 */
    KONG_DENIED,       /* 401, 403 */
    KONG_UNAVAILABLE,  /* 5xx, 429, no TLS: it does no harm to send it again */
    KONG_UNSURE,       /* no answer: it may have been done */
};

struct kong_answer {
    enum kong_class class;
    int status;              /* 0: none */
    int code;                /* Kong's own error number, 0: none */
    const struct json *body; /* borrowed until return; NULL when there is none */
    const char *message;     /* "" when done */
    const char *gateway;     /* base URL that answered */
    uint64_t retry_after_ms; /* 0: the gateway did not say */
    uint64_t took_us;
};

struct kong_admin_options {
    struct http_tls tls;
    const char *workspace;              /* "" or NULL: none */
    const char *token;                  /* sent as Kong-Admin-Token; NULL: none */
    const struct http_headers *headers; /* further ones, or NULL */
    const char *user_agent;
    uint64_t timeout_ms; /* per request; 0: 30 s */
    int max_connections; /* 0: 64 */
};

struct kong_admin_counters {
    uint64_t gets, puts, patches, posts, deletes; /* sent */
    uint64_t done, refused, unavailable;          /* answered */
};

enum kong_method {
    KONG_METHOD_GET,
    KONG_METHOD_POST,
    KONG_METHOD_PUT,
    KONG_METHOD_PATCH,
    KONG_METHOD_DELETE,
    KONG_METHODS
};
const char *kong_method_name(enum kong_method method); /* "GET" */

struct kong_admin;

/* Copies the options; borrows the gateways, which must outlive it. */
int kong_admin_new(struct loop *loop, struct kong_gateways *gateways, const struct kong_admin_options *options,
                   struct kong_admin **ret_admin, struct err *err) MUST_USE;
/* Cancels what is under way without calling back. */
void kong_admin_free(struct kong_admin *admin);
void kong_admin_cancel(struct kong_admin *admin); /* everything under way, without calling back */
void kong_admin_set_token(struct kong_admin *admin, const char *token);
void kong_admin_set_tls(struct kong_admin *admin, const struct http_tls *tls);
struct kong_admin_counters kong_admin_counters(const struct kong_admin *admin);
/* Seconds from sending to the answer, or to its absence; borrowed. */
const struct histogram *kong_admin_durations(const struct kong_admin *admin, enum kong_method method);

typedef void kong_answer_fn(void *user, const struct kong_answer *answer);

/* `path` starts with '/' and is escaped already; the workspace is put in front.  `body` is JSON or NULL; copied. */
void kong_admin_send(struct kong_admin *admin, const char *method, const char *path, const char *body,
                     kong_answer_fn *done, void *user);

/* All pages of a list: `path` without size ("/routes?tags=a,b").  `each` gets every entity, borrowed; `done` the last
 * answer. */
typedef void kong_each_fn(void *user, const struct json *entity);
void kong_admin_list(struct kong_admin *admin, const char *path, kong_each_fn *each, kong_answer_fn *done, void *user);
