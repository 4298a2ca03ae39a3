/* wanted_parts.h - what the files of the wanted entities share.
 * Owns: see wanted.h.   Thread: the translator.   Errors: problems. */
#pragma once

#include "wanted.h"

/* wanted_emission.c */
void wanted_touch(struct wanted_set *set, struct wanted *wanted); /* it is settled again */
struct wanted *wanted_find_or_make(struct wanted_set *set, const struct kong_kind *kind, const char *key);
/* Older objects win; the rest of the order only makes it the same every time. */
int wanted_emission_compare(const struct emission *left, const struct emission *right);
bool wanted_same_entity(const struct kong_entity *left, const struct kong_entity *right);

/* wanted_claim.c */
void wanted_claim_id(struct wanted_set *set, struct wanted *wanted); /* the winner's, in place of the one before */
void wanted_review_claim(struct wanted_set *set,
                         const struct wanted *wanted); /* its winner is another, or another age */
/* When nothing is touched: decides who holds ids whose claimants changed; true when that touched any. */
bool wanted_settle_claims(struct wanted_set *set);
bool wanted_holds_id(const struct wanted *wanted);
const struct wanted *wanted_older_claimant(const struct wanted *wanted); /* who has the id instead, or NULL */

/* wanted_guard.c */
/* A route with all plugins that stand before it: its own, its service's, and those that its objects name but nobody
 * has; the caller's reference. */
struct kong_entity *wanted_guarded_route(const struct wanted *wanted);
/* Plugins guard the routes that they apply to, and those of the service that they apply to: what is published of these
 * may change with them. */
void wanted_touch_guarded(struct wanted_set *set, const struct wanted *wanted);

/* wanted_trouble.c */
/* Problems of one that has been settled; `missing` is what it refers to in vain, or NULL. */
void wanted_tell_troubles(struct wanted_set *set, struct wanted *wanted, const struct wanted *missing);
