/* sync/overview.h - what the controller tells of itself for people to look at: the last syncs, the gateways, who leads, the rules.
 * Owns:    nothing; texts and arrays are borrowed until the next event unless said otherwise.
 * Thread:  loop thread.
 * Errors:  none. */
#pragma once

#include "base/histogram.h"
#include "sync/controller.h"
#include "tell/census.h"

#define SYNCS_KEPT 120 /* the last ones */

enum sync_result {
    SYNC_UNDER_WAY,
    SYNC_CONVERGED, /* the gateway is as it is wanted */
    SYNC_PARTLY,    /* all is done that could be: something is refused, withheld or held */
    SYNC_CUT,       /* the lead was lost before its end */
};
const char *sync_result_name(enum sync_result result); /* "converged" */

/* From the first change until nothing is left to do. */
struct sync_record {
    double began;     /* wall time */
    uint64_t took_ms; /* of one under way: up to now */
    uint32_t created, updated, deleted, refused;
    enum sync_result result;
};

struct sync_figures {
    struct histogram good_ms, bad_ms;       /* how long syncs took that ended without, and with a refusal */
    uint64_t good, bad_conflict, bad_other; /* how many; the bad ones by whether a value was taken */
};

/* Copies the last ones, the oldest first; returns how many. */
size_t sync_controller_syncs(struct sync_controller *controller, struct sync_record ret_syncs[SYNCS_KEPT]);
const struct sync_figures *sync_controller_figures(const struct sync_controller *controller);

struct sync_gateway_facts {
    const char *url;
    bool in_use;  /* it has answered last */
    bool resting; /* it failed, and is passed over for a while */
};
/* The caller frees the array. */
struct sync_gateway_facts *sync_controller_gateways(struct sync_controller *controller, size_t *ret_count);

struct sync_self_facts {
    const char *identity;  /* of this process */
    const char *leader;    /* the identity that leads; "" when nobody does, or it is not known */
    const char *version;   /* of the gateway, "" when it is not known */
    const char *role;      /* "traditional", "control_plane" */
    const char *source;    /* "kube", "dir:PATH" */
    const char *policy;    /* "sync" */
    const char *overrides; /* the folder of operators' rules, or "" */
    const char *pack;      /* "kic", or "" */
    const char *lease_namespace, *lease_name;
    bool shares_lead; /* by that Lease */
    bool profiles;    /* rules are measured */
};
struct sync_self_facts sync_controller_self(struct sync_controller *controller);

size_t sync_controller_files(const struct sync_controller *controller, const struct rules_file **ret_files);
const char *sync_controller_ingress_class(const struct sync_controller *controller);
/* NULL for a controller of one pass. */
struct census *sync_controller_census(struct sync_controller *controller);
/* Told whenever something of the census or of the syncs is not as it was. */
void sync_controller_watch(struct sync_controller *controller, void (*changed)(void *user), void *user);
