/* answer_parts.h - what an HTTP result means.
 * Owns:    the texts that the answer borrows; done when the callback has returned.
 * Thread:  loop thread.
 * Errors:  none. */
#pragma once

#include "kube/answer.h"
#include "net/http_client.h"

#define RETRY_AFTER_MAX_MS 3600000

struct answer {
    struct kube_answer facts; /* borrows from here and from the result */
    struct err err;
    char *reason;
};

/* "GET /api/v1/pods" for the sentence. */
void kube_answer_init(struct answer *answer, const char *method, const char *path, const struct http_result *result);
/* Without any result. */
void kube_answer_init_failed(struct answer *answer, const char *method, const char *path, enum kube_failure failure,
                             const struct err *err);
void kube_answer_done(struct answer *answer);
