/* tell/status.h - the statuses of objects: when they are looked at, and when they are written.
 * Owns:    a record for each object that has a status of ours (status_ledger.h), the writer while leading, and the publish addresses.
 * Thread:  loop thread.
 * Errors:  only making one can fail; what the server refuses is logged once for each kind.
 *
 * What the rules say of an object is merged with what has become of it in the gateway; the two are compared with the status that the
 * object has, and only a difference is sent.  Nothing is said of an object while the translator does not know its present version. */
#pragma once

#include "base/log.h"
#include "config/options.h"
#include "gateway/session.h"
#include "kube/client.h"
#include "kube/discovery.h"
#include "net/loop.h"
#include "rules/rules.h"

#define STATUS_WINDOW_MS 50   /* changes of so long are looked at together */
#define STATUS_BATCH     500  /* objects looked at before the loop gets its turn */
#define STATUS_AGAIN_MS  1000 /* after writing was not possible */

struct status;

struct status_options {
    struct loop *loop;
    const struct options *options; /* borrowed, like all that follows */
    const struct log *log;
    struct kube_client *client;
    struct kube_discovery *discovery;
    struct store_kinds *kinds;
    struct kong_session *session;
    bool (*may_write)(void *user);
    void *user;
};

int status_new(const struct status_options *options, struct status **ret_status, struct err *err) MUST_USE;
void status_free(struct status *status); /* NULL is fine, here and below */

/* Changes of objects are numbered; `serial` is the number of this one. */
void status_object(struct status *status, const struct object *object, uint64_t serial);
void status_gone(struct status *status, const struct store_kind *kind, const char *namespace, const char *name);
/* What came of all changes up to `done`. */
void status_delta(struct status *status, const struct rules_delta *delta, uint64_t done);

void status_item(struct status *status, const struct kong_item *item); /* its status or problem has changed */
void status_read(struct status *status);                               /* what the gateway holds was read */
void status_idle(struct status *status);                               /* … and compared with what is wanted */
void status_lead(struct status *status, bool leading);
