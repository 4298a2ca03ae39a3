/* status_ledger.h - which objects have a status, and how much of what comes from them is in place in the gateway.
 * Owns:    a record for each object of a kind with a row (sharing the object itself with the store), and a reference to every wanted entity.
 * Thread:  loop thread.
 * Errors:  none.
 * A record lives while its object, an entity or a condition speaks of it. */
#pragma once

#include "base/map.h"
#include "base/vec.h"
#include "kong/problem.h"
#include "plan/state.h"
#include "status_pace.h"
#include "status_shape.h"
#include "store/object.h"

struct status_record {
    const struct status_row *row;
    char *key;
    char *namespace, *name;
    struct object *object; /* NULL: not there */
    uint64_t serial;       /* the translator knows it once it is through with this change */
    struct json *sent;     /* not seen back yet */
    char *sent_version;    /* of the object that it was made for */
    struct {
        VEC(struct rules_condition *);
    } conditions;
    size_t parts, in_place, failed, live; /* entities; `live`: routes in place */
    size_t errors;                        /* of translation */
    bool unknown;                         /* its rule failed: what was said of it stands */
    bool dirty;                           /* in the list of those to look at */
    struct status_pace pace;
    struct {
        VEC(struct status_record *);
    } watchers, watched; /* policies that tell of this one; those that this policy tells of */
};

struct status_ledger {
    const struct store_kinds *kinds;                           /* borrowed */
    struct map records;                                        /* "kind|namespace/name" */
    struct map parts;                                          /* "kind|key" -> struct part */
    struct map touched;                                        /* … to be looked at next; shares the values */
    struct map pending;                                        /* … not settled when last looked at */
    void (*changed)(void *user, struct status_record *record); /* its outcome, or what is said of it, may be another */
    void *user;
};

void status_ledger_init(struct status_ledger *ledger, const struct store_kinds *kinds,
                        void (*changed)(void *user, struct status_record *record), void *user);
void status_ledger_done(struct status_ledger *ledger);

/* NULL when the kind has no row, or nobody speaks of the object and `make` is false. */
struct status_record *status_ledger_record(struct status_ledger *ledger, const char *kind, const char *namespace,
                                           const char *name, bool make);
void status_ledger_release(struct status_ledger *ledger, struct status_record *record); /* unless it is still needed */

/* `entity` NULL: not wanted any more. */
void status_ledger_want(struct status_ledger *ledger, const struct kong_kind *kind, const char *key,
                        struct kong_entity *entity);
void status_ledger_touch(struct status_ledger *ledger, const struct kong_kind *kind, const char *key);
void status_ledger_doubt(struct status_ledger *ledger); /* the gateway was read: everything is looked at again */
/* Compares with the gateway: what was touched, or with `all` everything that is not settled. */
void status_ledger_look(struct status_ledger *ledger, const struct kong_state *state, bool all);

/* In place of what the rules said of the object before. */
void status_ledger_said(struct status_ledger *ledger, const struct rules_said *said);

void status_record_forget_said(struct status_record *record);

enum status_outcome status_record_outcome(const struct status_record *record);
