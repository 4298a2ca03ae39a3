/* gateway/session.h - keeps one configuration (all gateways before one database) as it is wanted.
 * Owns:    the connection, the mirror of what the gateway holds, a reference to every wanted entity.
 * Thread:  loop thread; callbacks come from the loop, or from the call that caused them, must not free the session,
 *          and may stop it except in `operation`.
 * Errors:  the gateway's are never the caller's: they are retried, or become problems. Only making a session can fail.
 *
 * Life: kong_session_new; kong_session_want and kong_session_commit with every delta of the rules (at any time, also
 * while stopped); kong_session_complete once all of what is wanted is known: nothing is written before;
 * kong_session_start when this process leads, kong_session_stop when it does not any more (requests under way are cut).
 * A start reads what the gateway holds, then sends the difference, and every later commit sends its own.  `idle` says
 * when there is nothing left to do. One-shot: policy KONG_POLICY_OBSERVE, start, and print kong/report.h's plan on
 * `idle`; or KONG_POLICY_SYNC and stop on `idle`. */
#pragma once

#include "gateway/admin.h"
#include "net/loop.h"
#include "plan/plan.h"

#define KONG_CONCURRENCY        10
#define KONG_CONCURRENCY_MAX    64
#define KONG_BACKOFF_MS         500 /* without a gateway that answers */
#define KONG_BACKOFF_MAX_MS     30000
#define KONG_ERRORS_MAX         3 /* answers like 500 to one entity, while others are answered, until that is set aside */
#define KONG_UNREAD_RETRY_MS    20000 /* until the gateway is asked again for a kind that it did not let us list */
#define KONG_UPDATE_FREQUENCY_S 5     /* Kong's default, where a gateway does not say how often it looks for news */
#define KONG_SPREAD_MAX_S       3600
#define KONG_SPREAD_PERCENT     120 /* of what the gateway says: its clocks are late when it has much to do */
#define KONG_SPREAD_MARGIN_MS   1000
#define KONG_VERIFY_UPSTREAMS                                                                                          \
    200                        /* upstreams whose targets are looked at in one reading for drift; then the next ones */
#define KONG_RECENT_MAX 100000 /* entities touched by us that are remembered between two looks (gateway/look.h) */
#define KONG_LOST_AFTER 3      /* pauses in a row after which the gateway's content is read again */

struct kong_session;

/* What the gateway says about itself; texts may be empty. */
struct kong_gateway_info {
    const char *version;                                   /* "3.9.3" */
    const char *edition;                                   /* "community" */
    const char *flavor;                                    /* router_flavor */
    const char *database;                                  /* "postgres" */
    const char *role;                                      /* "traditional", "control_plane" */
    const struct json *plugins;                            /* available_on_server */
    const struct json *proxy_listeners, *stream_listeners; /* arrays of {port, ssl, …}; NULL: it did not say */
    uint64_t spread_ms; /* how long its nodes may take to learn of what was written */
};

/* Something of ours that others have changed, deleted or made. */
struct kong_drift {
    const char *title;                /* "route default.shop", without secrets */
    const struct kong_entity *entity; /* what is wanted; NULL: nothing */
    bool gone, stray;                 /* deleted; or made, and nobody wants it */
    bool kept;                        /* by policy: it is not set right */
};

typedef void kong_read_done_fn(void *user, bool complete); /* not: the Admin API is asked after all */

struct kong_session_callbacks {
    void *user;
    /* Any may be NULL. */
    void (*connected)(void *user, const struct kong_gateway_info *info); /* borrowed until return */
    void (*lost)(void *user, const char *text);             /* no gateway answers; it is tried again by itself */
    void (*read)(void *user, size_t entities);              /* the mirror is complete */
    void (*item)(void *user, const struct kong_item *item); /* its status or problem has changed; see kong_plan_tell */
    /* Kinds that the gateway does not let us list; borrowed until return. */
    void (*unread)(void *user, struct problem *const *problems, size_t count);
    void (*operation)(void *user, const struct kong_op *op, const struct kong_answer *answer); /* each one that ended */
    void (*drifted)(void *user, const struct kong_drift *drift); /* borrowed until return */
    void (*held)(void *user, const struct kong_held *held);      /* what the brake holds has changed */
    void (*idle)(
        void *user,
        bool converged); /* nothing under way; converged: and nothing left that waits for a retry or an approval */
    /* Another way of reading what the gateway holds (its database).  True: it will call each(reader, object) for every
     * entity of the kind (or type) that carries our tags, as in the Admin API or as it is stored, and done(reader) once,
     * from the loop.  False: the Admin API is asked. */
    bool (*read_kind)(void *user, const struct kong_kind *kind, kong_each_fn *each, kong_read_done_fn *done,
                      void *reader);
    /* The session stops, and with it what was asked of its Admin API: no each and no done from now on. */
    void (*read_cancel)(void *user);
    /* Asked before each operation; false: none is sent now, and the next commit, kick or answer asks again. */
    bool (*may_write)(void *user);
};

struct kong_session_options {
    struct kong_admin_options admin;
    struct kong_plan_options plan;
    const char *const *tags; /* ownership: an entity is ours when it carries all of them */
    size_t tag_count;
    int concurrency;           /* 0: KONG_CONCURRENCY */
    bool spread_by_gateway;    /* plan.spread_ms is what the gateway says of itself */
    uint64_t reread_ms;        /* how often the gateway is read again to find drift; 0: never */
    bool report_drift;         /* drift is reported and not set right */
    bool looks;                /* single entities are looked at between readings: gateway/look.h */
    bool skip_ca_certificates; /* neither read nor written */
};

struct kong_session_counters {
    struct kong_admin_counters requests;
    struct kong_plan_counters plan;
    uint64_t created, updated, deleted, refused; /* operations that ended so */
    uint64_t reads;                              /* of the whole mirror */
    uint64_t drifted;                            /* entities found changed by others */
    uint64_t unavailable;                        /* pauses */
    double last_success;                         /* wall time of the last idle and converged, 0: never */
    double last_progress;                        /* wall time of the last answer */
};

int kong_session_new(struct loop *loop, struct kong_gateways *gateways, const struct kong_session_options *options,
                     const struct kong_session_callbacks *callbacks, struct kong_session **ret_session,
                     struct err *err) MUST_USE;
void kong_session_free(struct kong_session *session); /* NULL is fine; no callback afterwards */

void kong_session_want(struct kong_session *session, const struct kong_kind *kind, const char *key,
                       struct kong_entity *entity);
void kong_session_commit(struct kong_session *session);
void kong_session_complete(struct kong_session *session);

/* An object names something that is missing (and may be on its way), or nothing any more: see kong/plan.h. */
void kong_session_await(struct kong_session *session, const struct kong_source *object, bool missing);
void kong_session_arrival(struct kong_session *session); /* of an object that was not there before */

/* Not permitted: nothing is deleted, because not all that is wanted is known.  Permitted unless said otherwise. */
void kong_session_permit_deletes(struct kong_session *session, bool permitted);
/* Whether an entity of ours carries this tag ("k8s-kind:HTTPRoute").  Looks at all of them. */
bool kong_session_holds_tag(struct kong_session *session, const char *tag);

void kong_session_start(struct kong_session *session);
/* Before a start: what another leader held when it stopped (kong_plan_begin_term). */
void kong_session_remember_held(struct kong_session *session, size_t passed, size_t of);
void kong_session_stop(struct kong_session *session);
/* Starts no new operation, lets those under way end, stops, and then calls `done`, from the loop. */
void kong_session_drain(struct kong_session *session, void (*done)(void *user), void *user);
/* Read what the gateway holds again (a drift check on demand; also after the set of gateways was empty). */
void kong_session_reread(struct kong_session *session);
void kong_session_set_reread(struct kong_session *session, uint64_t reread_ms); /* in place of the option */
void kong_session_kick(struct kong_session *session); /* the gateways have changed: do not wait out a pause */

bool kong_session_approve(struct kong_session *session, const char *hash);
struct kong_plan *kong_session_plan(struct kong_session *session); /* borrowed, for reports */
const struct kong_schemas *kong_session_schemas(const struct kong_session *session);
/* Custom entities: {type: {foreign field: what it refers to}}, of the types that were read.  Where something wanted asks
 * for a type, the session is not idle before it is told what is wanted instead.  The caller frees. */
struct json *kong_session_types(const struct kong_session *session);
struct kong_admin *kong_session_admin(struct kong_session *session); /* borrowed, for questions of one's own */
struct kong_session_counters kong_session_counters(const struct kong_session *session);
/* Something is to be done that the gateway could answer: waiting for its nodes to learn of a plugin is no work. */
bool kong_session_has_work(const struct kong_session *session);
