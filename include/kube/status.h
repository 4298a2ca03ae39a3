/* kube/status.h - patches of the status subresource; what is already so is not sent.
 * Owns:    copies of the patches that wait; one per object, a newer takes the place of an older.
 * Thread:  loop thread.
 * Errors:  moments of trouble are retried with growing delay; the rest is reported once to `done`. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "kube/client.h"
#include "kube/discovery.h"
#include "store/object.h"

#define KUBE_STATUS_UNDER_WAY      8
#define KUBE_STATUS_WAITING_MAX    50000
#define KUBE_STATUS_RETRIES        8
#define KUBE_STATUS_RETRY_FIRST_MS 1000
#define KUBE_STATUS_RETRY_LAST_MS  60000

struct kube_status_writer;

/* `failure` KUBE_OK when written, or found to be so already. */
typedef void kube_status_fn(void *user, const struct store_kind *kind, const char *namespace, const char *name,
                            const struct kube_answer *answer);

struct kube_status_writer *kube_status_new(struct kube_client *client, struct kube_discovery *discovery,
                                           kube_status_fn *done, void *user);
void kube_status_free(struct kube_status_writer *writer);

/* Merges `status` into `object`'s status.  Sent only when it would change what the server has: what `object` says, or
 * what was last sent when that is newer.  With `exact` the patch holds for this resourceVersion only: a change by
 * another gives KUBE_CONFLICT, and the caller decides anew.  False when KUBE_STATUS_WAITING_MAX objects wait. */
bool kube_status_write(struct kube_status_writer *writer, const struct object *object, const struct json *status,
                       bool exact);
/* The object is gone: forget what was sent. */
void kube_status_forget(struct kube_status_writer *writer, const struct store_kind *kind, const char *namespace,
                        const char *name);

/* Whether merging `patch` (RFC 7396) into `value` would change it. */
bool kube_status_differs(const struct json *value, const struct json *patch);

struct kube_status_counts {
    uint64_t sent, skipped, failed;
    size_t waiting;
};
struct kube_status_counts kube_status_counts(const struct kube_status_writer *writer);
