/* plan_parts.h - the inside of a plan, for the files that decide parts of it.
 * Owns: see kong/plan.h.   Thread: one owner.   Errors: none. */
#pragma once

#include "kong/plan.h"

struct plan_deletes {
    uint64_t at_ms;
    size_t counts[KONG_KIND_COUNT];
};

struct kong_plan {
    struct kong_state state;
    struct kong_plan_options options;
    bool no_deletes; /* not all that is wanted is known */
    struct {
        VEC(struct kong_item *);
    } ready; /* a queue: items before `ready_at` are done with */
    size_t ready_at;
    struct {
        VEC(struct kong_item *);
    } changed; /* since the last commit */
    struct {
        VEC(struct kong_item *);
    } stalled; /* deletes that wait for batches */
    struct {
        VEC(size_t);
    } batches; /* active items of each, the first being `first_batch` */
    uint64_t first_batch;
    struct {
        VEC(struct plan_deletes);
    } recent;                       /* deletes that passed the brake within its window */
    size_t undone[KONG_KIND_COUNT]; /* of those, not carried out yet */
    struct map held;                /* items whose delete the brake holds, by kind and key */
    struct map refused;             /* items that are retried by time, by kind and key */
    struct map problems;            /* items with a problem, by kind and key */
    struct map spreading;           /* plugins that not all of the gateway knows yet, by kind and key */
    uint64_t now_ms;                /* as last told */
    bool problems_changed, held_changed, brake_due;
    bool has_read;     /* once: what differs from now on is drift */
    bool report_drift; /* in the reading that is under way */
    size_t drifted;
    size_t active, in_flight;
};

/* Calls go down this list only: plan.c and plan_read.c call what follows, nothing here calls them. */

/* What an item needs now; each returns true with *ret_verb when it is ready, and settles the item's status otherwise.
 */
bool plan_upsert_ready(struct kong_plan *plan, struct kong_item *item, enum kong_verb *ret_verb); /* plan_upsert.c */
bool plan_delete_ready(struct kong_plan *plan, struct kong_item *item, enum kong_verb *ret_verb); /* plan_delete.c */

/* plan_guard.c: the first guard of a route that is not in place, or NULL; `ret_lost` when it will not be by itself. */
struct kong_item *plan_guard_missing(struct kong_plan *plan, struct kong_item *route, bool *ret_lost);
bool plan_guard_in_place(struct kong_plan *plan, struct kong_item *guard);
void plan_guard_sent(struct kong_plan *plan, struct kong_item *plugin); /* it has just landed */
/* Whether a route that goes may be deleted: one with plugins is withdrawn first, and that takes its time to be known. */
enum plan_leave { PLAN_LEAVES, PLAN_WITHDRAWS, PLAN_STAYS };
enum plan_leave plan_guard_leave(struct kong_plan *plan, struct kong_item *route);
/* Wakes routes whose guards all of the gateway knows by now; when to do so again, 0: never. */
void plan_guard_spread(struct kong_plan *plan);
uint64_t plan_guard_wakes_at(const struct kong_plan *plan);
/* A route whose plugins must stay as they are for now, among those that the plugin `actual` works on; NULL: none. */
struct kong_item *plan_guard_unsettled(struct kong_plan *plan, const struct kong_actual *actual);

/* plan_brake.c */
void plan_brake_check(struct kong_plan *plan, uint64_t now_ms);                    /* with every commit */
bool plan_brake_wants(const struct kong_plan *plan, const struct kong_item *item); /* a delete that policy permits */
void plan_brake_add(struct kong_plan *plan, struct kong_item *item);               /* a delete that has come up */
void plan_brake_forget(struct kong_plan *plan, struct kong_item *item);            /* no delete any more, or done */

/* plan_core.c */
void plan_queue(struct kong_plan *plan, struct kong_item *item);
void plan_wake(struct kong_plan *plan, struct kong_item *item); /* those who wait for it are looked at again */
void plan_set_status(struct kong_plan *plan, struct kong_item *item, enum kong_status status);
void plan_wait(struct kong_plan *plan, struct kong_item *item, struct kong_item *for_item);
void plan_problem(struct kong_plan *plan, struct kong_item *item, const char *code, const char *text); /* NULL: none */
void plan_note(struct kong_plan *plan, struct kong_item *item); /* to be looked at by the next commit */
void plan_note_type(struct kong_plan *plan, const struct kong_type *type);
void plan_sort(struct kong_item **items, size_t *count); /* by dependency and key, without doubles */
char *plan_name(const struct kong_item *item);           /* key of the plan's maps of items; the caller frees */
