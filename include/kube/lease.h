/* kube/lease.h - who leads: a coordination.k8s.io/v1 Lease, held and renewed as client-go does.
 * Owns:    its timers and requests.
 * Thread:  loop thread; callbacks must not free the lease.
 * Errors:  none that end it: what fails is tried again; the term ends at the renew deadline, counted from when the
 *          last successful renewal was sent. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kube/client.h"

#define KUBE_LEASE_MS       15000
#define KUBE_LEASE_RENEW_MS 10000
#define KUBE_LEASE_RETRY_MS 2000

struct kube_lease;

struct kube_lease_options {
    struct kube_client *client;
    const char *namespace;
    const char *name;
    const char *identity;
    uint64_t lease_ms; /* 0: the constants above; lease > renew > retry */
    uint64_t renew_ms;
    uint64_t retry_ms;
    void (*gained)(void *user);
    void (*lost)(void *user, const char *reason);
    void (*leader)(void *user, const char *identity);           /* another holder was seen; "" for none; may be NULL */
    void (*seen)(void *user);                                   /* the Lease was read or written; may be NULL */
    void (*trouble)(void *user, const struct kube_answer *why); /* a try failed; may be NULL */
    void *user;
};

/* Copies the options; applies at once. */
int kube_lease_new(const struct kube_lease_options *options, struct kube_lease **ret_lease, struct err *err) MUST_USE;
/* Without a release: the lease runs out. */
void kube_lease_free(struct kube_lease *lease);

/* Whether a write may be sent now.  Reads the clock, so that a process that was stopped learns it before its timers
 * fire. */
bool kube_lease_held(const struct kube_lease *lease);
const char *kube_lease_leader(const struct kube_lease *lease); /* borrowed; "" when nobody */

/* An annotation as the Lease had it last; NULL: none, or nothing is known of the Lease.  Borrowed until the next event. */
const char *kube_lease_annotation(const struct kube_lease *lease, const char *name);
/* Sets an annotation (NULL: takes it off) by a renewal at once, and keeps it so in this term. */
void kube_lease_annotate(struct kube_lease *lease, const char *name, const char *value);

/* While held back it neither renews nor applies: a term ends at its renew deadline ("no progress"). */
void kube_lease_hold_back(struct kube_lease *lease, bool held_back);

/* Gives the lease up on a clean exit: `lost` first, then `done` when the server has been told (or could not be, within
 * the retry period).  Only kube_lease_free may follow. */
void kube_lease_release(struct kube_lease *lease, void (*done)(void *user), void *user);
