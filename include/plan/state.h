/* plan/state.h - what is wanted and what the gateway holds, side by side.
 * Owns:    its items and actuals, and one reference to every wanted entity.
 * Thread:  one owner (loop).
 * Errors:  none; no I/O. An item stands for one natural key of a kind. Every actual entity belongs to exactly one
 *          item: the one with its natural key, or the wanted one with its id. Items know whom they refer to and who
 *          refers to them, on both sides, so that nothing is ever searched. */
#pragma once

#include <stdint.h>

#include "base/map.h"
#include "base/vec.h"
#include "kong/canonical.h"
#include "kong/entity.h"
#include "kong/types.h"

struct kong_item;
struct kong_actual;

#define KONG_LINKS     (KONG_FOREIGN_MAX + 1) /* the last one: a service's host, which names an upstream */
#define KONG_LINK_HOST KONG_FOREIGN_MAX

/* One reference, in the list of those to the same target. */
struct kong_link {
    void *owner;
    void *target;
    struct kong_link *next;
    struct kong_link **previous;
};

struct kong_actual {
    const struct kong_kind *kind;
    struct kong_item *item;
    char id[37];
    char *text; /* canonical JSON */
    char *foreign_ids[KONG_FOREIGN_MAX];
    struct kong_link links[KONG_LINKS]; /* to struct kong_actual */
    struct kong_link *referrers;
    uint64_t accepted; /* fingerprint of what was sent when the gateway answered with this; 0: unknown */
    bool bare;         /* its text was made before the gateway's schemas were known */
    bool owned;        /* carries our tags: may be changed and deleted */
    bool seen;         /* by the reading that is under way */
};

enum kong_status {
    KONG_SYNCED,   /* nothing to do */
    KONG_ACTIVE,   /* something to do: ready, waiting for another active item, or in flight */
    KONG_INACTIVE, /* something to do that cannot be done now: refused, withheld, held, blocked by such an item */
};

/* Where a delete stands before the brake. */
enum kong_brake {
    KONG_BRAKE_NONE, /* no delete, or not looked at yet */
    KONG_GATHERED,   /* its burst is not over */
    KONG_HELD,       /* until it is approved, or needed again */
    KONG_CLEARED,
};

struct kong_item {
    const struct kong_kind *kind;
    char *key;
    struct kong_entity *entity;         /* NULL: not wanted */
    struct kong_actual *actual;         /* NULL: not there */
    struct kong_link links[KONG_LINKS]; /* to struct kong_item: what the wanted entity refers to */
    struct kong_link *dependents;       /* wanted entities that refer to this one */
    /* the plan's */
    struct kong_link wait; /* to struct kong_item: for whom it waits */
    struct kong_link *waiters;
    enum kong_status status;
    uint64_t batch; /* while active: where it is counted */
    uint64_t
        spread_at_ms;     /* of plugins and withdrawn routes: when all of the gateway knows what was sent; 0: it does */
    uint64_t retry_at_ms; /* while refused */
    unsigned failures;    /* in a row */
    char *code, *text;    /* its problem, or NULL */
    bool compared, differs;
    bool queued, in_flight, again;
    bool deleting; /* in flight, and what is in flight is its delete */
    bool noted;    /* it changed since the last commit */
    bool told;     /* its status or problem has changed, and that was not told yet */
    bool unsure;   /* sent without an answer: to be read before anything else */
    bool refused;  /* by the gateway, until its retry or a change */
    enum kong_brake brake;
    struct plan_loss *loss;         /* while gathered or held: to which object's loss it is counted */
    struct kong_entity *former;     /* what was wanted last, while nothing is: it tells whose it was */
    bool settling;                  /* it waits for an object of its own to be complete */
    bool taken;                     /* another entity of ours has a value that it needs */
    char *yields;                   /* the field whose value it gives up, for another to have it; NULL: none */
    unsigned takers;                /* entities of ours that need a value of it */
    bool stalled;                   /* its delete waits for batches */
    bool ignored;                   /* drift that is only reported */
    bool vouched;                   /* of a parked route: since when it or its plugins are there is known */
    unsigned errors;                /* answers like 500 while the gateway answered others */
    uint64_t barrier;               /* of a delete: it waits for batches up to this */
    uint64_t sent;                  /* fingerprint of what is in flight */
    char *sent_id, *sent_parent_id; /* of a create in flight or without an answer: it may not be wanted any more */
};

struct kong_state {
    const struct kong_schemas *schemas; /* borrowed */
    struct kong_tags ownership;         /* borrowed */
    struct kong_types *types;
    struct map items[KONG_KIND_COUNT];   /* by natural key */
    struct map wanted[KONG_KIND_COUNT];  /* items by the id of their wanted entity */
    struct map actuals[KONG_KIND_COUNT]; /* by id */
    size_t owned[KONG_KIND_COUNT];
    bool unsupported[KONG_KIND_COUNT]; /* of custom entities: see their types */
};

void kong_state_init(struct kong_state *state, const struct kong_schemas *schemas, struct kong_tags ownership);
void kong_state_done(struct kong_state *state);

/* Kinds in an order in which what is referred to comes first. */
const enum kong_kind_id *kong_state_order(size_t *ret_count);

struct kong_item *kong_state_find(const struct kong_state *state, enum kong_kind_id kind, const char *key);
struct kong_item *kong_state_item(struct kong_state *state, const struct kong_kind *kind,
                                  const char *key); /* made when new */
bool kong_state_unsupported(const struct kong_state *state, const struct kong_kind *kind);
struct kong_item *kong_state_find_wanted(const struct kong_state *state, enum kong_kind_id kind, const char *id);
/* The item that an id belongs to among the wanted ones; `item` itself unless another had it first. */
struct kong_item *kong_state_claim_id(struct kong_state *state, struct kong_item *item);
struct kong_actual *kong_state_actual(const struct kong_state *state, enum kong_kind_id kind, const char *id);

/* Refs the entity; NULL: not wanted any more. */
void kong_state_want(struct kong_state *state, struct kong_item *item, struct kong_entity *entity);
/* A wanted item without an actual takes over one with its id that nobody wants: a renamed entity keeps its id. */
bool kong_state_match_id(struct kong_state *state, struct kong_item *item);

/* An entity as the gateway told it.  `item` is whose it is, NULL: found by natural key.  Returns NULL for an object
 * without an id. */
struct kong_actual *kong_state_hold(struct kong_state *state, const struct kong_kind *kind, const struct json *object,
                                    struct kong_item *item, bool *ret_changed);
/* The canonical text of an entity as the gateway told it; `ret_bare`: without all of its schemas. */
char *kong_state_canonical(const struct kong_state *state, const struct kong_kind *kind, const struct json *object,
                           bool *ret_bare);
/* Whether that is what we know.  What was made without schemas is made anew with those that are known by now. */
bool kong_state_same_text(const struct kong_state *state, struct kong_actual *actual, const char *text);
void kong_state_own(struct kong_state *state,
                    struct kong_actual *actual); /* made by us, though it cannot carry a tag */
void kong_state_drop(struct kong_state *state, struct kong_actual *actual);
/* The gateway deletes these along with `actual`: drops them and it, and tells of each item first. */
typedef void kong_item_fn(void *user, struct kong_item *item);
void kong_state_drop_cascade(struct kong_state *state, struct kong_actual *actual, kong_item_fn *gone, void *user);

/* Frees an item that stands for nothing any more and that nobody refers to. */
void kong_state_release(struct kong_state *state, struct kong_item *item);

/* Whether sending the wanted entity would change what is there (cached until either side changes). */
bool kong_state_differs(struct kong_state *state, struct kong_item *item);
void kong_state_foreign_ids(const struct kong_item *item, const char *ret_ids[KONG_FOREIGN_MAX]);
uint64_t kong_state_fingerprint(struct kong_state *state, struct kong_item *item); /* of what would be sent */
bool kong_state_has_ownership(const struct kong_state *state, const struct json *object);
