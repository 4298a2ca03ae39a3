/* sync/controller.h - the whole way, wired: source → translator → session with the gateway → reports.
 * Owns:    everything that it makes: the translator thread, the source, the session, the lease, the inner sandbox.
 * Thread:  loop thread; callbacks must not free the controller.
 * Errors:  starting fails on what cannot get better by waiting (a broken rule file, kubeconfig, certificate or
 *          folder); everything later is retried, logged once when it changes, and shown by sync_controller_facts. */
#pragma once

#include <stdbool.h>

#include "base/log.h"
#include "config/options.h"
#include "gateway/session.h"
#include "net/loop.h"
#include "sync/translator.h"

struct sync_controller;

struct sync_controller_options {
    const struct options *options; /* borrowed */
    const struct log *log;         /* borrowed */
    const char *source;            /* "kube" or "dir:PATH"; NULL: `inputs` are read once */
    const char *const *inputs;     /* files, folders, "-"; ends with NULL */
    enum kong_policy policy;
    bool once; /* one pass: no lease, no events, no watching on; the first loss of the gateway is final */
    /* Any may be NULL. */
    void (*idle)(void *user,
                 bool converged); /* nothing under way any more; after the first complete translation only */
    void (*failed)(void *user, const struct err *err); /* `once` only */
    void *user;
};

int sync_controller_start(struct loop *loop, const struct sync_controller_options *options,
                          struct sync_controller **ret_controller, struct err *err) MUST_USE;

/* Finishes what is under way, gives the lease back, then calls `done`; only sync_controller_free may follow. */
void sync_controller_stop(struct sync_controller *controller, void (*done)(void *user), void *user);
void sync_controller_free(struct sync_controller *controller); /* NULL is fine */

/* Problems that stand: of the rules, and of the gateway; sorted; the caller frees the array and unrefs each. */
struct problem **sync_controller_problems(struct sync_controller *controller, size_t *ret_count);
/* Where an object was read, if it comes from files. */
struct problem_place sync_controller_place(const struct sync_controller *controller, const struct kong_source *about);
struct kong_session *sync_controller_session(struct sync_controller *controller); /* borrowed */
bool sync_controller_bad_input(const struct sync_controller *controller); /* an input could not be read or parsed */

struct sync_kind_facts {
    const char *kind;
    const char *state; /* "synced", "starting", "waiting", "frozen" */
    const char *reason;
    size_t objects;
};

/* The gateway's database as another way to read what it holds. */
struct sync_database_facts {
    bool configured, used;
    uint64_t readings, looks, troubles;
    double look_seconds; /* the last look that had something to look at, and what was done about it */
};

struct sync_controller_facts {
    bool source_ready; /* every kind has completed its first list */
    bool translated;   /* the first wave has ended */
    bool leading;
    bool connected;      /* a gateway answers */
    bool converged;      /* idle, and nothing waits for a retry or an approval */
    bool once_converged; /* ever */
    const char *gateway; /* what it says about itself, "" when unknown; borrowed until the next event */
    const char *flavor;
    const char *tag;          /* ownership */
    struct kong_held held;    /* by the brake */
    double held_since;        /* Unix time */
    char *const *held_titles; /* of its objects: "Ingress shop/web"; borrowed until the next event */
    size_t held_count;
    size_t problems_error, problems_warn;
    struct sync_translator_facts translator;
    struct kong_session_counters session;
    struct sync_database_facts database;
};

struct sync_controller_facts sync_controller_facts(struct sync_controller *controller);
/* The caller frees the array. */
struct sync_kind_facts *sync_controller_kinds(struct sync_controller *controller, size_t *ret_count);

/* Why the process is not ready, or NULL when it is: every kind listed, translated, and, when leading, the gateway reached once. */
const char *sync_controller_not_ready(struct sync_controller *controller);
