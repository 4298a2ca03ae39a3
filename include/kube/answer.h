/* kube/answer.h - what came of a request: a kind of failure, and what the server said.
 * Owns:    nothing; answers are borrowed by whoever is called with one.
 * Thread:  any.
 * Errors:  none; they are what this is about. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* name, a text for people; the order is part of the door */
#define KUBE_FAILURE_LIST(X)                                                                                           \
    X(KUBE_OK, "ok")                                                                                                   \
    X(KUBE_NO_ANSWER, "no answer")                                                                                     \
    X(KUBE_NO_CREDENTIALS, "no credentials")                                                                           \
    X(KUBE_UNAUTHORIZED, "not authenticated")                                                                          \
    X(KUBE_DENIED, "not permitted")                                                                                    \
    X(KUBE_NOT_FOUND, "not found")                                                                                     \
    X(KUBE_CONFLICT, "conflict")                                                                                       \
    X(KUBE_GONE, "version is gone")                                                                                    \
    X(KUBE_INVALID, "refused as invalid")                                                                              \
    X(KUBE_TOO_MANY, "too many requests")                                                                              \
    X(KUBE_SERVER_ERROR, "server error")                                                                               \
    X(KUBE_UNEXPECTED, "unexpected answer")

enum kube_failure {
#define X(name, text) name,
    KUBE_FAILURE_LIST(X)
#undef X
};

const char *kube_failure_text(enum kube_failure failure);
bool kube_failure_may_retry(enum kube_failure failure);
/* Of an HTTP status and the reason of a Status object ("" or NULL when there is none). */
enum kube_failure kube_failure_of(int status, const char *reason);

struct kube_answer {
    enum kube_failure failure;
    int status;       /* 0: none */
    const char *body; /* borrowed until return; empty when `chunk` took it */
    size_t length;
    const char *reason;      /* of the Status object, "" when there is none */
    uint64_t retry_after_ms; /* 0: the server did not say */
    const struct err *err;   /* code 0 when failure is KUBE_OK */
};
