/* kube/reflector.h - one kind (in one namespace, or in all) kept up to date: discovery, list, watch, and again.
 * Owns:    the names that it has delivered, to tell what is gone after a list; delivered objects are the callback's.
 * Thread:  loop thread; callbacks must not free the reflector.
 * Errors:  never ends by itself. What cannot be read is frozen: nothing is reported gone, it is tried again with
 *          growing delay.
 *
 * `gone` is only reported for a DELETED event or for what a complete list leaves out; and for kinds that come from a
 * definition (CRD) only after discovery has confirmed that the definition is not being removed. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kube/client.h"
#include "kube/discovery.h"
#include "store/object.h"

#define KUBE_PAGE_OBJECTS       500
#define KUBE_FRAME_MAX          (1u << 20)                       /* of a list, what is not its items */
#define KUBE_LINE_MAX           (OBJECT_BYTES_MAX + (64u << 10)) /* one watch event */
#define KUBE_LIST_IDLE_MS       30000
#define KUBE_WATCH_IDLE_MS      150000 /* bookmarks come about every 60 s */
#define KUBE_WATCH_SECONDS      300    /* asked for: this, and up to as much again */
#define KUBE_RETRY_FIRST_MS     800
#define KUBE_RETRY_LAST_MS      30000
#define KUBE_FAILURES_TO_FREEZE 3 /* in a row, of those that may be a moment's trouble */
#define KUBE_STALE_LISTS_MAX                                                                                           \
    5 /* lists older than what was seen before: refused so often, then believed (a restored cluster) */
#define KUBE_GONE_HOLD_MS 1000 /* how long a definition's controller may need to show in discovery */

enum kube_state {
    KUBE_STARTING, /* the first list is not complete */
    KUBE_SYNCED,
    KUBE_WAITING, /* the server does not know the kind and never did since we started */
    KUBE_FROZEN,  /* cannot be read at present: what is known stays */
};

const char *kube_state_text(enum kube_state state);

struct kube_events {
    void (*object)(void *user, struct object *object); /* takes it */
    void (*gone)(void *user, const struct store_kind *kind, const char *namespace, const char *name);
    /* An object that cannot be taken: its last good version stays. */
    void (*bad)(void *user, const struct store_kind *kind, const char *namespace, const char *name,
                const struct err *why);
    /* KUBE_SYNCED follows the deliveries of each completed list after another state. */
    void (*state)(void *user, const struct store_kind *kind, enum kube_state state, const char *reason);
    void *user;
};

struct kube_reflector_options {
    struct kube_client *client;
    struct kube_discovery *discovery;
    const struct store_kinds *kinds;
    const struct store_kind *kind;
    const char *namespace;      /* NULL: all */
    const char *label_selector; /* NULL: none */
    bool paged_lists;           /* do not ask for streaming lists */
    bool metadata_only;         /* objects have apiVersion, kind and metadata only */
    uint64_t relist_ms;         /* a complete list so often; 0: only when needed */
    uint64_t watch_idle_ms;     /* 0: KUBE_WATCH_IDLE_MS */
    uint64_t retry_first_ms;    /* 0: KUBE_RETRY_FIRST_MS */
    struct kube_events events;
};

struct kube_reflector_status {
    enum kube_state state;
    const char *reason; /* "" unless waiting or frozen; borrowed until the next event */
    bool synced_once;
    size_t objects;
    uint64_t events, bad, lists, watches, errors;
    uint64_t last_event_ms; /* monotonic; 0: never */
    uint64_t last_list_ms;
};

struct kube_reflector;

/* Copies the options; starts at once. */
struct kube_reflector *kube_reflector_new(const struct kube_reflector_options *options);
void kube_reflector_free(struct kube_reflector *reflector);
struct kube_reflector_status kube_reflector_status(const struct kube_reflector *reflector);
/* Whether the object is known not to exist: the kind can be read, the namespace is watched, and it is not there. */
bool kube_reflector_lacks(const struct kube_reflector *reflector, const char *namespace, const char *name);
