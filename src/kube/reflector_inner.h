/* reflector_inner.h - what the parts of a reflector share: its state machine, lists, watches and the names that it
 * knows.
 * Owns:    see kube/reflector.h.
 * Thread:  loop thread.
 * Errors:  as kube/reflector.h. */
#pragma once

#include "backoff.h"
#include "base/map.h"
#include "items.h"
#include "kube/reflector.h"
#include "lines.h"

#define REFLECTOR_VERSION_SIZE  64
#define REFLECTOR_WATCH_GOOD_MS 5000 /* a watch that lived so long was good, even without an event */
#define REFLECTOR_HOLD_AGAIN_MS 5000

/* What the retry timer does. */
enum reflector_step { STEP_ASK, STEP_LIST, STEP_WATCH };

/* An object that was delivered (or was bad), by "namespace/name". */
struct known_object {
    uint64_t version; /* 0: not a number */
    uint64_t list;    /* number of the last list that had it */
};

struct kube_reflector {
    struct kube_reflector_options options; /* texts are ours */
    struct kube_reflector_status status;   /* `reason` is ours */
    struct kube_resource resource;
    enum reflector_step next;
    struct kube_question *question;
    struct kube_request *request;
    struct loop_timer *retry;
    struct loop_timer *quiet; /* a streaming list that says nothing */
    struct loop_timer *relist;
    struct backoff backoff;
    int failures; /* in a row */

    char version[REFLECTOR_VERSION_SIZE]; /* where the watch goes on */
    uint64_t highest;                     /* of the versions that were seen */
    struct map known;
    uint64_t list_number;

    struct items_reader items;
    char list_version[REFLECTOR_VERSION_SIZE]; /* of the list under way */
    char *page;                                /* continue token; NULL on the first page */
    bool unpaged;                              /* the last continue token expired: the next list is in one piece */
    bool list_stale;                           /* it is older than what was seen */
    int stale_lists;                           /* in a row */
    bool list_partial;                         /* it has an item without a name: nothing can be said to be gone */

    bool stream_refused; /* the server has no streaming lists */
    bool stream_listing; /* the watch under way is still a list */
    struct lines lines;
    uint64_t watch_started_ms;
    bool watch_has_data;
    bool watch_gone; /* its version is too old, or it cannot be trusted: list again */
    struct err watch_err;

    struct map held; /* deletions that wait for discovery */
    struct loop_timer *hold;
    struct kube_question *hold_question;
};

/* Calls go down this list only: reflector.c calls what follows, and a watch asks for a list by the timer. */

/* reflector_list.c */
void kube_reflector_list(struct kube_reflector *reflector);

/* reflector_watch.c; as a list too when `listing` */
void kube_reflector_watch(struct kube_reflector *reflector, bool listing);

/* reflector_objects.c */
/* False when the object has no name that can be read. */
bool kube_reflector_take(struct kube_reflector *reflector, const char *text, size_t length);
bool kube_reflector_take_deleted(struct kube_reflector *reflector, const char *text, size_t length);
void kube_reflector_forget_versions(struct kube_reflector *reflector); /* whatever comes next is news */
void kube_reflector_on_hold(void *user);
void kube_reflector_saw(struct kube_reflector *reflector, const char *version, size_t length);
/* A complete list was delivered, with this version: what it left out is gone. */
void kube_reflector_listed(struct kube_reflector *reflector, const char *version);

/* reflector_core.c */
void kube_reflector_set_state(struct kube_reflector *reflector, enum kube_state state, const char *reason);
void kube_reflector_schedule(struct kube_reflector *reflector, enum reflector_step step, uint64_t delay_ms);
void kube_reflector_fail(struct kube_reflector *reflector, enum reflector_step again, const struct kube_answer *answer);
void kube_reflector_absent(struct kube_reflector *reflector, const char *reason);
uint64_t kube_reflector_number(const char *version); /* 0: not a number */
/* Path and query of the kind; the caller frees. */
char *kube_reflector_path(const struct kube_reflector *reflector);
char *kube_reflector_query(const struct kube_reflector *reflector, const char *rest);
