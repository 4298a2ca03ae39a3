/* plan/plan.h - what to do next so that the gateway becomes what is wanted: a graph of operations, worked out from the
 * items that changed.
 * Owns:    the state.
 * Thread:  one owner (loop).
 * Errors:  none; no I/O. A small change costs in proportion to itself, however much there is.
 *
 * Use: kong_plan_hold for what the gateway has (before anything else), kong_plan_want for every change of what is
 * wanted, kong_plan_commit; then take operations with kong_plan_next, carry them out and say how each ended.  Whatever
 * waited for it becomes ready by itself.
 *
 * Order: an entity waits for what it refers to; a service for its upstream and targets; deletes for the creates and
 * updates that were known when they came up, and for what refers to them; a target's delete for the new targets of its
 * upstream.  A route with guards goes live, or changes, when all of its guards are in place and the gateway's nodes have
 * had time to learn of them; it is withdrawn, and deleted when they have had time to learn of that; and a plugin is
 * deleted when the routes that it guards are settled. */
#pragma once

#include "kong/problem.h"
#include "plan/state.h"

#define KONG_BRAKE_PERCENT      30
#define KONG_BRAKE_DIRECT       10     /* objects deleted themselves that go at once in every burst */
#define KONG_BRAKE_INDIRECT     3      /* objects that are still there: from so many on they may be held */
#define KONG_BRAKE_QUIET_MAX_MS 10000  /* a burst that does not end is judged so often */
#define KONG_SETTLE_MAX_MS      10000  /* an object that waits for others is sent as it is after this */
#define KONG_RETRY_MS           5000   /* what was refused is tried again after this */
#define KONG_RETRY_MAX_MS       600000 /* … doubled every time up to this */
#define KONG_PARKED_SUFFIX      ".parked.invalid"
#define KONG_PARKED_IP          "192.0.2.1" /* for routes of streams; of no network (RFC 5737) */

enum kong_policy { KONG_POLICY_SYNC, KONG_POLICY_UPSERT_ONLY, KONG_POLICY_OBSERVE };

struct kong_plan_options {
    enum kong_policy policy;
    bool serve_unguarded; /* --on-missing-plugin=serve */
    double
        max_delete_percent; /* of the objects that yield anything; below 0: KONG_BRAKE_PERCENT; 100 or more: no brake */
    uint64_t quiet_ms;      /* a burst of deletes is over when nothing was lost for so long; 0: with each commit */
    uint64_t settle_ms;     /* an object is not sent before it was quiet for so long, while it waits for others */
    uint64_t spread_ms;     /* how long the gateway's nodes may take to learn of a plugin */
    /* Whether the object is known to have been deleted; false when it is there, or nobody knows.  NULL: all are. */
    bool (*is_gone)(void *user, const struct kong_source *source);
    void *user;
};

enum kong_verb {
    KONG_CREATE,
    KONG_PARK,     /* create a route in a form that matches nothing, for its plugins to be put on */
    KONG_WITHDRAW, /* give a route that goes such a form, since its plugins may be forgotten before it is */
    KONG_UPDATE,
    KONG_YIELD, /* update it without a unique value that others of ours need, since they exchange theirs in a circle */
    KONG_DELETE,
    KONG_READ, /* an earlier request had no answer: find out what is there */
};

struct kong_op {
    enum kong_verb verb;
    struct kong_item *item; /* valid until the operation has ended */
};

struct kong_plan_counters {
    size_t active, inactive, in_flight; /* items */
    size_t refused, withheld;           /* of the inactive ones */
    size_t held;                        /* objects whose loss the brake holds */
};

struct kong_plan;

struct kong_plan *kong_plan_new(const struct kong_schemas *schemas, struct kong_tags ownership,
                                const struct kong_plan_options *options);
void kong_plan_free(struct kong_plan *plan);
struct kong_state *kong_plan_state(struct kong_plan *plan);
void kong_plan_set_spread(struct kong_plan *plan, uint64_t spread_ms); /* for what lands from now on */

/* Reading what the gateway has.  What was there before and is not seen until kong_plan_read_done is gone, in the kinds
 * of `listed`. */
void kong_plan_read_start(struct kong_plan *plan, bool report_drift);
size_t kong_plan_drifted(const struct kong_plan *plan); /* entities that readings found changed by others, ever */
void kong_plan_hold(struct kong_plan *plan, const struct kong_kind *kind, const struct json *object);
void kong_plan_permit_deletes(struct kong_plan *plan, bool permitted);
void kong_plan_unsupported(struct kong_plan *plan, const struct kong_kind *kind, bool unsupported);
/* A type of custom entities; schema NULL: the gateway has none. */
void kong_plan_learn_type(struct kong_plan *plan, struct kong_type *type, const struct json *schema);
void kong_plan_read_done(struct kong_plan *plan, const bool listed[KONG_KIND_COUNT]);

/* `entity` is ref'd; NULL: not wanted any more.  Nothing becomes ready before the commit.  A custom entity named
 * KONG_CUSTOM_QUESTION is never sent: while it is wanted, none of its type is deleted. */
void kong_plan_want(struct kong_plan *plan, const struct kong_kind *kind, const char *key, struct kong_entity *entity);
void kong_plan_commit(struct kong_plan *plan, uint64_t now_ms);

/* The next operation that is ready; false: none now. */
bool kong_plan_next(struct kong_plan *plan, uint64_t now_ms, struct kong_op *ret_op);

/* How an operation ended; exactly one of these for each. */
void kong_plan_landed(struct kong_plan *plan, const struct kong_op *op,
                      const struct json *object /* NULL for deletes */, uint64_t now_ms);
void kong_plan_refused(struct kong_plan *plan, const struct kong_op *op, const char *code, const char *text,
                       uint64_t now_ms);
void kong_plan_again(struct kong_plan *plan, const struct kong_op *op);  /* nothing happened: it is ready again */
void kong_plan_unsure(struct kong_plan *plan, const struct kong_op *op); /* it is read first */
void kong_plan_found(struct kong_plan *plan, const struct kong_op *op, const struct json *object,
                     uint64_t now_ms); /* after a read; NULL: not there */
/* What it refers to may be gone: that is read before it is tried again.  Call it before kong_plan_refused. */
void kong_plan_doubt_references(struct kong_plan *plan, const struct kong_op *op);
/* Another entity of ours has the unique value that it needs, in this field (NULL: not known which).  It waits until that one changes, or
 * is tried again like what is refused.  Where all of a circle wait for each other, one of them gives its value up first. */
void kong_plan_blocked(struct kong_plan *plan, const struct kong_op *op, struct kong_item *by, const char *field,
                       const char *text, uint64_t now_ms);

/* When kong_plan_next may have something again without anything else happening; 0: never. */
uint64_t kong_plan_wakes_at(const struct kong_plan *plan);
bool kong_plan_is_spreading(const struct kong_plan *plan);    /* something goes on as soon as all nodes know a plugin */
void kong_plan_wake(struct kong_plan *plan, uint64_t now_ms); /* call it then */

/* The brake.  Its unit is the Kubernetes object: one is lost when entities were made from it and none is any more. Objects
 * that were deleted themselves go at once, up to KONG_BRAKE_DIRECT in a burst; beyond that, and where an object is still
 * there but lost what made it ours, losses are gathered until the burst is over, and judged together.  Whatever an object
 * that still yields something does not need any more is never held. */
struct kong_held {
    size_t objects, entities;
    uint64_t since_ms; /* of the monotonic clock */
    size_t passed, of; /* of the burst: objects that went before, and objects that yielded something when it began */
    char hash[65];     /* names exactly that set; "" when nothing is held */
};
struct kong_held kong_plan_held(struct kong_plan *plan);
bool kong_plan_held_changed(struct kong_plan *plan);              /* since it was last asked */
bool kong_plan_approve(struct kong_plan *plan, const char *hash); /* false: no such plan any more */

struct kong_held_object {
    struct kong_source source;
    bool gone; /* deleted itself; else it lost what made it ours */
};
/* Sorted; the caller frees with kong_held_objects_free. */
struct kong_held_object *kong_plan_held_objects(struct kong_plan *plan, size_t *ret_count);
void kong_held_objects_free(struct kong_held_object *objects, size_t count);

/* Before the first reading of a term: what is found to be lost then is judged as a whole, as the rest of the burst of
 * which another leader has held a part (`passed` and `of` of its kong_held; 0 where there was none). */
void kong_plan_begin_term(struct kong_plan *plan, size_t passed, size_t of);

/* Settling.  What an object that names something missing becomes is not sent at once, because what is missing may be on
 * its way: the object waits until no object has arrived for settle_ms, KONG_SETTLE_MAX_MS at most. */
void kong_plan_await(struct kong_plan *plan, const struct kong_source *object, uint64_t now_ms);
void kong_plan_complete(struct kong_plan *plan,
                        const struct kong_source *object);       /* it names nothing missing any more */
void kong_plan_arrival(struct kong_plan *plan, uint64_t now_ms); /* of any object */
bool kong_plan_is_settling(const struct kong_plan *plan);

struct kong_plan_counters kong_plan_counters(const struct kong_plan *plan);
/* Problems of items that have one, sorted; the caller frees the array and unrefs each. */
struct problem **kong_plan_problems(struct kong_plan *plan, size_t *ret_count);
/* Those of one item: its own words at each object that it came from. */
struct problem **kong_plan_item_problems(const struct kong_item *item, size_t *ret_count);
/* Tells of each item whose status or problem is not what it was, once. */
typedef void kong_plan_told_fn(void *user, const struct kong_item *item);
void kong_plan_tell(struct kong_plan *plan, kong_plan_told_fn *told, void *user);
/* "04 key.auth": names an item among all kinds; the caller frees. */
char *kong_plan_item_name(const struct kong_item *item);

/* What would be done of everything that is to be done, and what would not be; sorted: creates and updates in dependency
 * order, then deletes; the caller frees the array.  Sets the problems of what would not be done. */
enum kong_fate {
    KONG_FATE_DONE,
    KONG_FATE_WITHHELD, /* it waits for something that would not come by itself: its item's problem says for what */
    KONG_FATE_HELD,     /* by the brake, or along with what that holds */
};

struct kong_listed {
    enum kong_verb verb;
    enum kong_fate fate;
    struct kong_item *item;
};

struct kong_listed *kong_plan_list(struct kong_plan *plan, size_t *ret_count);
