/* history.h - the last syncs, and how long all of them took.
 * Owns:    nothing beside itself.
 * Thread:  loop thread.
 * Errors:  none. */
#pragma once

#include "gateway/admin.h"
#include "plan/plan.h"
#include "sync/overview.h"

struct history {
    struct sync_record records[SYNCS_KEPT]; /* a ring; the one that is under way is not in it */
    size_t count, next;
    struct sync_record open;
    uint64_t since_ms; /* of the open one, on the monotonic clock; 0: none is open */
    bool conflict;     /* in it */
    bool is_retry;     /* nothing but what was refused is tried again */
    struct sync_figures figures;
};

void history_init(struct history *history);
void history_begin(struct history *history, double wall, uint64_t now_ms); /* unless one is under way */
/* An operation has ended; it begins a sync where nobody has (a retry, a drift that is set right). */
void history_operation(struct history *history, const struct kong_op *op, const struct kong_answer *answer, double wall,
                       uint64_t now_ms);
void history_end(struct history *history, bool converged, uint64_t now_ms);
void history_cut(struct history *history, uint64_t now_ms);
size_t history_list(const struct history *history, uint64_t now_ms, struct sync_record ret_syncs[SYNCS_KEPT]);
