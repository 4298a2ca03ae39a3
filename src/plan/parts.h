/* parts.h - the inside of a plan, for the files that decide parts of it.
 * Owns: see kong/plan.h.   Thread: one owner.   Errors: none. */
#pragma once

#include "plan/plan.h"

/* A Kubernetes object: how much is wanted of it, and what is going on with it. */
struct plan_object {
    const char *key; /* of its map entry */
    size_t standing; /* principal entities that are wanted of it */
    struct plan_loss *loss;
    struct plan_settling *settling;
};

enum plan_loss_state { PLAN_GATHERED, PLAN_PASSED, PLAN_HELD };

/* An object that yields nothing any more.  Entities of several such objects are counted to one, the root. */
struct plan_loss {
    struct plan_object *object;
    struct kong_source source;
    enum plan_loss_state state;
    bool root;
    bool gone;   /* the object was deleted itself */
    bool needed; /* a delete that waits is of this object */
};

struct plan_burst {
    bool open;
    bool found; /* by the reading at the beginning of a term: nothing of it goes before it is judged */
    uint64_t begun_ms, news_ms;
    size_t passed_before, of_before; /* of the part that another leader has judged */
};

struct plan_tally {
    size_t lost;     /* objects */
    size_t direct;   /* roots that were deleted themselves */
    size_t indirect; /* roots that are still there */
    size_t waiting;  /* of the direct ones, those that wait */
    size_t passed;   /* of all, those whose entities may go */
};

/* An object that waits for others. */
struct plan_settling {
    struct plan_object *object;
    uint64_t since_ms;
    struct {
        VEC(struct kong_item *);
    } items; /* that wait for it */
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
    struct map objects; /* by kong_source_key */
    size_t standing;    /* of them, those that yield something */
    struct map losses;  /* objects that yield nothing any more, by kong_source_key */
    struct map braked;  /* items whose delete is gathered or held, by kind and key */
    struct plan_burst burst;
    struct kong_held held; /* without its counts */
    struct map settling;   /* objects that wait for others, by kong_source_key */
    uint64_t arrival_ms;   /* when an object arrived last */
    struct map taken;    /* entities that need a value that another of ours has, by kind and key -> struct plan_taken */
    struct map refused;  /* items that are retried by time, by kind and key */
    struct map problems; /* items with a problem, by kind and key */
    struct map spreading; /* plugins that not all of the gateway knows yet, by kind and key */
    uint64_t now_ms;      /* as last told */
    bool held_changed;
    struct {
        VEC(struct kong_item *);
    } told;         /* items to tell of */
    bool brake_due; /* a delete has come up, or is not needed any more */
    enum { PLAN_TERM_RUNS, PLAN_TERM_UNREAD, PLAN_TERM_READ } term;
    bool object_returned; /* one that was lost yields something again */
    bool has_read;        /* once: what differs from now on is drift */
    bool report_drift;    /* in the reading that is under way */
    size_t drifted;
    size_t active, in_flight;
};

/* Calls go down this list only: plan.c and read.c call what follows, nothing here calls them. */

/* What an item needs now; each returns true with *ret_verb when it is ready, and settles the item's status otherwise.
 */
bool plan_upsert_ready(struct kong_plan *plan, struct kong_item *item, enum kong_verb *ret_verb); /* upsert.c */
/* By itself, whatever it waits for: sets its problem. */
bool plan_upsert_barred(struct kong_plan *plan, struct kong_item *item);
void plan_upsert_dangles(struct kong_plan *plan, struct kong_item *item, const struct kong_item *target);
void plan_upsert_withheld(struct kong_plan *plan, struct kong_item *route, const struct kong_item *guard);
bool plan_delete_ready(struct kong_plan *plan, struct kong_item *item, enum kong_verb *ret_verb); /* delete.c */

/* guard.c: the first guard of a route that is not in place, or NULL; `ret_lost` when it will not be by itself. */
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

/* unique.c */
/* The item's place in the gateway is not what it was: whoever needs a value of it tries again. */
void plan_unique_changed(struct kong_plan *plan, struct kong_item *item);
void plan_unique_forget(struct kong_plan *plan, struct kong_item *item); /* it needs no such value any more */
/* Notes who has the value; where that closes a circle, one of it is to give its value up. */
void plan_unique_taken(struct kong_plan *plan, struct kong_item *item, struct kong_item *by, const char *field);
void plan_unique_done(struct kong_plan *plan);

/* settle.c */
bool plan_settle_waits(struct kong_plan *plan, struct kong_item *item); /* an object of its own waits for others */
void plan_settle_wake(struct kong_plan *plan);
uint64_t plan_settle_wakes_at(const struct kong_plan *plan); /* 0: never */
void plan_settle_done(struct kong_plan *plan);

/* brake.c */
void plan_brake_check(struct kong_plan *plan, uint64_t now_ms);                    /* with every commit */
bool plan_brake_wants(const struct kong_plan *plan, const struct kong_item *item); /* a delete that policy permits */
void plan_brake_add(struct kong_plan *plan, struct kong_item *item);               /* a delete that has come up */
void plan_brake_forget(struct kong_plan *plan, struct kong_item *item);            /* no delete any more, or done */
void plan_brake_release(struct kong_plan *plan);                                   /* lets go what is held */
uint64_t plan_brake_wakes_at(const struct kong_plan *plan);                        /* 0: never */

/* loss.c: which objects the deletes belong to. */
bool plan_loss_assign(struct kong_plan *plan, struct kong_item *item); /* false: an object of its own still stands */
struct plan_tally plan_loss_tally(const struct kong_plan *plan, bool held);
void plan_loss_look_again(struct kong_plan *plan); /* which of those that wait were deleted themselves by now */
void plan_loss_prune(struct kong_plan *plan);      /* forgets those of which no delete waits any more */
void plan_loss_pass_idle(struct kong_plan *plan);  /* the same, but they stay counted in their burst */
void plan_loss_forget(struct kong_plan *plan, bool held);
void plan_loss_done(struct kong_plan *plan);
size_t plan_loss_rank(const struct kong_item *item); /* items with few objects say most clearly whose loss it is */

/* held.c: the items that the brake holds, and those that go only along with them, by address; to be done by the caller. */
void plan_held_items(const struct kong_plan *plan, struct map *ret_items);

/* object.c */
struct plan_object *plan_object_find(const struct kong_plan *plan, const struct kong_source *source);
struct plan_object *plan_object_get(struct kong_plan *plan, const struct kong_source *source); /* made when new */
void plan_object_release(struct kong_plan *plan, struct plan_object *object); /* unless something is known of it */
/* What is wanted of its objects becomes more (1) or less (-1). */
void plan_object_count(struct kong_plan *plan, const struct kong_entity *entity, int by);

/* core.c */
void plan_queue(struct kong_plan *plan, struct kong_item *item);
void plan_wake(struct kong_plan *plan, struct kong_item *item); /* those who wait for it are looked at again */
void plan_set_status(struct kong_plan *plan, struct kong_item *item, enum kong_status status);
void plan_wait(struct kong_plan *plan, struct kong_item *item, struct kong_item *for_item);
void plan_problem(struct kong_plan *plan, struct kong_item *item, const char *code, const char *text); /* NULL: none */
void plan_note(struct kong_plan *plan, struct kong_item *item); /* to be looked at by the next commit */
void plan_note_type(struct kong_plan *plan, const struct kong_type *type);
void plan_try_again(struct kong_plan *plan,
                    struct kong_item *item);                    /* one that was refused; its next delay is longer */
void plan_sort(struct kong_item **items, size_t *count);        /* by dependency and key, without doubles */
void plan_tell(struct kong_plan *plan, struct kong_item *item); /* whoever listens hears of it */
