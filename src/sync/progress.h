/* progress.h - whether a leader gets anything done; if not, it must not keep others from trying (its lease is held back).
 * Owns:    a timer.
 * Thread:  loop thread.
 * Errors:  none.
 * Stuck is: work waits and the gateway has answered nothing for PROGRESS_LIMIT_MS, or one wave of translation has run for
 * PROGRESS_WAVE_MS.  Having lost the lead for that, it stands back for PROGRESS_STAND_BACK_MS, so that others come first; each time in
 * a row its patience doubles, for where the gateway is away for everybody a change of leaders helps nobody. */
#pragma once

#include "base/log.h"
#include "kube/lease.h"
#include "net/loop.h"

#define PROGRESS_CHECK_MS      2000
#define PROGRESS_LIMIT_MS      60000
#define PROGRESS_LIMIT_MAX_MS  600000
#define PROGRESS_WAVE_MS       120000
#define PROGRESS_STAND_BACK_MS 25000 /* longer than a lease, and the pause between two tries to get it */

struct progress_facts {
    bool leading;
    bool work_waits;
    uint64_t answers;       /* a count that moves with progress */
    uint64_t wave_since_ms; /* monotonic; 0: none is running */
};

struct progress;

struct progress_options {
    struct loop *loop;
    const struct log *log;
    struct kube_lease *lease; /* borrowed */
    struct progress_facts (*look)(void *user);
    void *user;
};

struct progress *progress_new(const struct progress_options *options);
void progress_free(struct progress *progress); /* NULL is fine */

/* The judgement alone; also for tests. */
struct progress_state {
    uint64_t answers, since_ms; /* since when there are no more of them while work waits; 0: there is progress */
    uint64_t limit_ms;          /* 0: PROGRESS_LIMIT_MS */
    uint64_t back_until_ms;     /* stands back; 0: does not */
    bool held_back;
};
/* Whether the lease is to be held back now; moves the state. */
bool progress_judge(struct progress_state *state, const struct progress_facts *facts, uint64_t now_ms);
