/* tell/held.h - what the brake holds, as people are told of it, and how they approve it.
 * Owns:    the problems about it; timers that remind, and that look for an approval.
 * Thread:  loop thread; `approve` and `changed` may be called from held_changed.
 * Errors:  none.
 *
 * An approval names the hash of what is held.  It is given at the start (--approve), as an annotation of the Lease, or in a file, and
 * needs no restart.  What is held stands in an annotation, too, so that the next leader goes on with the same burst. */
#pragma once

#include "base/log.h"
#include "kube/lease.h"
#include "net/loop.h"
#include "plan/plan.h"

#define HELD_QUIET_MS      3000   /* what changes of it is told when it was the same for so long … */
#define HELD_LATEST_MS     30000  /* … and not later than that */
#define HELD_REMINDER_MS   900000 /* how often the log is told again */
#define HELD_LOOK_MS       1000   /* how often the file is looked for, while something is held */
#define HELD_SAY_MAX       10     /* objects that one problem names */
#define HELD_FILE          ".kongruent-approve"
#define HELD_ANNOTATION    "kongruent.io/held-deletes"
#define APPROVE_ANNOTATION "kongruent.io/approve-deletes"

struct held;

struct held_options {
    struct loop *loop;
    const struct log *log;
    const char *approved; /* a hash that was given at the start, or "" */
    const char *file;     /* where an approval may stand, or NULL */
    bool (*approve)(void *user, const char *hash);
    void (*changed)(void *user); /* held_problems */
    void *user;
};

/* The file in the folder of a source "dir:PATH"; NULL for other sources; the caller frees. */
char *held_file(const char *source);

struct held *held_new(const struct held_options *options); /* copies the texts */
void held_free(struct held *held);
void held_use_lease(struct held *held, struct kube_lease *lease); /* borrowed */

/* What is held has changed; the plan is borrowed until return. */
void held_changed(struct held *held, const struct kong_held *now, struct kong_plan *plan);
void held_lease_seen(struct held *held); /* there may be an approval */
/* What the leader before us has noted, for kong_session_remember_held; 0 when nothing. */
void held_remembered(const struct held *held, size_t *ret_passed, size_t *ret_of);

struct problem *const *held_problems(const struct held *held, size_t *ret_count); /* borrowed until the next change */
const struct kong_held *held_now(const struct held *held);
double held_since(const struct held *held); /* Unix time */
/* The objects, as names for people; borrowed until the next change. */
char *const *held_titles(const struct held *held, size_t *ret_count);
