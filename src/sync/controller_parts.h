/* controller_parts.h - the controller's own state, shared by the files that move it and the file that tells of it.
 * Owns: see sync/controller.h.   Thread: loop thread.   Errors: none. */
#pragma once

#include <string.h>

#include "awaiting.h"
#include "database.h"
#include "gateway/discovery.h"
#include "gateway_options.h"
#include "history.h"
#include "kube/lease.h"
#include "origin.h"
#include "progress.h"
#include "sync/controller.h"
#include "tell/held.h"
#include "tell/journal.h"
#include "tell/problems.h"
#include "tell/report.h"
#include "tell/status.h"

#define CONTROLLER_RELOAD_MS 10000  /* how often files with credentials are read again */
#define CONTROLLER_LOOK_MS   1000   /* how often the gateway's database is looked at for drift */
#define CONTROLLER_REREAD_MS 600000 /* … and the gateway is read again where there is no database */

struct sync_controller {
    struct loop *loop;
    struct sync_controller_options options;
    struct sync_translator *translator;
    struct gateway_options *gateway;
    struct kong_session *session;
    struct database *database; /* NULL: the gateway is read through the Admin API only */
    struct origin *origin;
    struct kube_lease *lease;
    struct kube_recorder *recorder;
    struct report *report;
    struct problems *problems;
    struct held *held;
    struct journal *journal;
    struct awaiting awaiting;
    uint64_t arrivals;
    struct status *status;               /* NULL: none are written */
    struct progress *progress;           /* NULL: nobody to hand over to */
    struct gateway_discovery *discovery; /* NULL: the gateway's addresses are fixed */
    struct kube_client *own_client;      /* where objects come from files, and the gateway's addresses from a cluster */
    struct loop_timer *reload;           /* NULL: no credentials in files */
    const struct store_kind *missing_kind; /* not served, while the gateway holds what was made from it; or NULL */
    bool deletes_permitted;                /* all of the input could be read */
    bool reload_failed;
    bool read_in_term; /* what the gateway holds, since the lead was gained */
    bool unanswered;   /* the last write that ended was not */
    uint64_t answered_writes;
    size_t drift_logged;
    struct json *listens; /* where the gateway says that it listens */
    struct json *types;   /* what it says about types of custom entities; NULL: nothing yet */
    char *gateway_url;    /* the one that answered last */
    char *namespace;      /* of the lease */
    char *identity;
    char *version, *flavor, *role, *about_gateway;
    bool connected, converged, once_converged, leading, translated, gateway_known, completed;
    struct census *census;           /* NULL for one pass */
    struct loop_timer *census_timer; /* it has more to look at */
    struct history history;
    void (*changed)(void *user); /* whoever watches both, or NULL */
    void *changed_user;
    void (*stopped)(void *user);
    void *stopped_user;
};

static inline bool controller_is_kic(const struct sync_controller *controller)
{
    return strcmp(options_text(controller->options.options, OPT_COMPAT), "kic") == 0;
}

/* controller_census.c */
void controller_start_census(struct sync_controller *controller);
void controller_census_delta(struct sync_controller *controller,
                             const struct rules_delta *delta);    /* once the plan has it */
void controller_census_kinds(struct sync_controller *controller); /* whether each can be read may be another */
void controller_census_answer(struct sync_controller *controller, const struct kong_op *op,
                              const struct kong_answer *answer);
void controller_sync_ended(struct sync_controller *controller, bool converged);

/* controller_input.c */
int controller_start_translator(struct sync_controller *controller, struct err *err) MUST_USE;
int controller_start_origin(struct sync_controller *controller, struct err *err) MUST_USE;
void controller_translate_when_known(struct sync_controller *controller);
void controller_permit_deletes(struct sync_controller *controller); /* or not, by what is known of the input */

/* controller_gateway.c */
int controller_start_session(struct sync_controller *controller, struct err *err) MUST_USE;

/* controller_postgres.c */
int controller_start_database(struct sync_controller *controller, struct err *err) MUST_USE;
void controller_postgres_options(struct sync_controller *controller, struct kong_session_options *ret_options,
                                 struct kong_session_callbacks *ret_callbacks);

/* controller_find.c */
int controller_find_gateway(struct sync_controller *controller, struct err *err) MUST_USE;
bool controller_found_gateway(const struct sync_controller *controller); /* there is something to connect to */
void controller_watch_credentials(struct sync_controller *controller);

/* controller_lead.c */
int controller_start_leading(struct sync_controller *controller, struct err *err) MUST_USE;
bool controller_may_write(void *user); /* asked before everything that is written; `user` is the controller */
