/* kube/client.h - requests to the API server: who we are, and how many at once.
 * Owns:    a client owns its configuration, credentials and connections; a request belongs to the client until its
 *          `done` callback has returned or kube_client_cancel was called.
 * Thread:  loop thread.
 * Errors:  each answer has a class (kube/answer.h) and a sentence with method, path, status and the server's own
 *          message. A 401 refreshes the credentials and is tried once more before it is reported. Nothing else is
 *          retried here. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kube/answer.h"
#include "kube/config.h"
#include "net/loop.h"

#define KUBE_QUEUE_MAX          20000 /* requests that wait for their turn */
#define KUBE_CONCURRENCY        32    /* requests under way, streams aside */
#define KUBE_STREAMS_MAX        2048  /* connections for watches */
#define KUBE_REQUEST_TIMEOUT_MS 30000
#define KUBE_ANSWER_MAX         (32u << 20)

struct kube_client;
struct kube_request;

struct kube_client_options {
    const char *user_agent; /* NULL: "kongruent/<version>" */
    int concurrency;        /* 0: KUBE_CONCURRENCY */
};

/* Takes `config`, also when it fails. */
int kube_client_new(struct loop *loop, struct kube_config *config, const struct kube_client_options *options,
                    struct kube_client **ret_client, struct err *err) MUST_USE;
/* Cancels what is under way without calling back. */
void kube_client_free(struct kube_client *client);
struct loop *kube_client_loop(struct kube_client *client);
const struct kube_config *kube_client_config(const struct kube_client *client);

enum kube_verb {
    KUBE_GET,
    KUBE_CREATE,
    KUBE_PUT,
    KUBE_PATCH_MERGE,
    KUBE_PATCH_APPLY, /* server-side apply; `query` names fieldManager */
    KUBE_DELETE,
};

struct kube_call {
    enum kube_verb verb;
    const char *path;   /* kube_path_* */
    const char *query;  /* encoded, without '?'; NULL: none */
    const char *accept; /* NULL: application/json */
    const char *body;   /* NULL: none */
    size_t body_length;
    uint64_t timeout_ms;      /* whole request; 0: KUBE_REQUEST_TIMEOUT_MS, or none when `stream` */
    uint64_t idle_timeout_ms; /* 0: none */
    bool stream;              /* a watch or a long list: on connections of its own, not counted as under way */
    int (*chunk)(void *user, const char *data, size_t length); /* as in base/http_client.h */
    void (*done)(void *user, const struct kube_answer *answer);
    void *user;
};

/* Copies the call.  `done` is called exactly once, never from inside this function, unless cancelled.  NULL, and no
 * call of `done`, when KUBE_QUEUE_MAX requests wait. */
struct kube_request *kube_client_send(struct kube_client *client, const struct kube_call *call);
void kube_client_cancel(struct kube_request *request); /* NULL is fine; no callback afterwards */

/* "/api/v1/namespaces/n/services/s/status"; NULL or "" leaves a part out.  The caller frees. */
char *kube_path(const char *group, const char *version, const char *plural, const char *namespace, const char *name,
                const char *subresource);
