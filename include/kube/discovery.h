/* kube/discovery.h - whether the API server has a kind, under which version and plural.
 * Owns:    what it learned, until it is freed; a question belongs to it until answered or cancelled.
 * Thread:  loop thread.
 * Errors:  "not served" is an answer (a definite 404, or a document without the kind); all else is "unknown", with the
 *          reason. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "kube/client.h"
#include "store/kind.h"

struct kube_discovery;
struct kube_question;

struct kube_resource {
    char version[64]; /* the first served one of the row's `version` and `also` */
    char plural[256];
    bool namespaced;
    bool leaving; /* its definition is being removed: it still answers, but takes no new objects */
};

enum kube_served { KUBE_SERVED, KUBE_NOT_SERVED, KUBE_SERVED_UNKNOWN };

typedef void kube_discovery_fn(void *user, enum kube_served served, const struct kube_resource *resource,
                               const struct kube_answer *answer); /* `resource` when served, `answer` when unknown */

/* Borrows client and kinds; tells `kinds` the plurals of operators' kinds. */
struct kube_discovery *kube_discovery_new(struct kube_client *client, struct store_kinds *kinds);
void kube_discovery_free(struct kube_discovery *discovery); /* cancels all questions */

/* Asks the server anew, one request per group and version however many ask at the same time.  Never answers from inside
 * the call. */
struct kube_question *kube_discovery_ask(struct kube_discovery *discovery, const struct store_kind *kind,
                                         kube_discovery_fn *answer, void *user);
void kube_discovery_cancel(struct kube_question *question); /* NULL is fine */

/* What the last answer said; NULL when the kind was never found.  Borrowed. */
const struct kube_resource *kube_discovery_find(const struct kube_discovery *discovery, const struct store_kind *kind);
/* kube_path of an object under what is known; the row's own version when nothing is.  The caller frees. */
char *kube_discovery_path(const struct kube_discovery *discovery, const struct store_kind *kind, const char *namespace,
                          const char *name, const char *subresource);
