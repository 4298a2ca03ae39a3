/* status_shape.h - what the status of one object should say: pure functions of what is known, one row of a table for each kind.
 * Owns:    nothing.
 * Thread:  any.
 * Errors:  none. */
#pragma once

#include "base/json.h"
#include "rules/rules.h"

#define STATUS_MESSAGE_MAX   1024 /* bytes of a condition's message */
#define STATUS_REASON_MAX    256
#define STATUS_ADDRESSES_MAX 16
#define STATUS_LISTENERS_MAX 64

/* What has become of an object in the gateway. */
enum status_outcome {
    STATUS_NONE,       /* nothing comes from it */
    STATUS_PENDING,    /* not known yet, or under way: nothing is taken back for that */
    STATUS_PROGRAMMED, /* all that comes from it is in place */
    STATUS_FAILED,     /* a part of it is refused, or could not be translated */
};

struct status_view {
    const struct json *object; /* as last seen */
    const struct json *before; /* its status, with what was sent since; NULL: none */
    const char *namespace;
    int64_t generation;
    const struct rules_condition *const *conditions; /* of the rules, sorted by subject and type */
    size_t condition_count;
    enum status_outcome outcome;
    bool live;                    /* a route that comes from it is in place */
    const char *controller;       /* as routes and policies name us */
    const char *instance;         /* the lease's name */
    const struct json *addresses; /* [{ip} or {hostname}]; may be empty */
    const char *now;              /* for lastTransitionTime */
    /* Of another object, for policies. */
    enum status_outcome (*outcome_of)(void *user, const char *kind, const char *namespace, const char *name);
    void *user;
};

struct status_row;

/* A merge patch of the status, which the caller frees; NULL: there is nothing to say. */
typedef struct json *status_shape_fn(const struct status_row *row, const struct status_view *view);

enum status_addresses { STATUS_ADDRESSES_NONE, STATUS_ADDRESSES_TCP, STATUS_ADDRESSES_UDP, STATUS_ADDRESSES_BOTH };

struct status_row {
    const char *kind;
    status_shape_fn *shape; /* NULL: it has no status of ours, but those of others depend on it */
    enum status_addresses addresses;
    bool exact;             /* others write the same lists: the patch holds for one version of the object only */
    const char *list, *ref; /* of lists with an entry for each parent */
    size_t most;            /* entries of that list */
};

const struct status_row *status_row_find(const char *kind); /* NULL: no row */

status_shape_fn status_shape_conditions;    /* Programmed, of Kong's own kinds */
status_shape_fn status_shape_load_balancer; /* addresses, of ingresses */
status_shape_fn status_shape_class;
status_shape_fn status_shape_gateway;
status_shape_fn status_shape_parents;
status_shape_fn status_shape_ancestors;        /* of the Gateway API's policies */
status_shape_fn status_shape_service_policies; /* ancestors that are Services, with Programmed of their own */
status_shape_fn status_shape_controllers;

/* The id of "Service" or "KongServiceFacade", as ancestors name them. */
const char *status_service_kind(const char *kind);

/* status_condition.c */
struct status_condition {
    const char *type, *status, *reason, *message;
};
const struct json *status_condition_find(const struct json *conditions, const char *type);
/* In place.  The time changes with the status only. */
void status_condition_set(struct json *conditions, const struct status_view *view,
                          const struct status_condition *condition);
/* Conditions about a subject: what the rules say, over `before`, of which only those types stay that `keep_others` or the rules name. */
struct json *status_conditions_about(const struct status_view *view, const char *subject, const struct json *before,
                                     bool keep_others);
const struct rules_condition *status_rule_condition(const struct status_view *view, const char *subject,
                                                    const char *type);
