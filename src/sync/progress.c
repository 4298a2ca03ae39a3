/* Judging progress, and holding the lease back without it. */
#include "progress.h"

#include "base/clock.h"

struct progress {
    struct progress_options options;
    struct progress_state state;
    struct loop_timer *timer;
};

static bool is_silent(struct progress_state *state, const struct progress_facts *facts, uint64_t now_ms)
{
    bool moved = facts->answers != state->answers;
    state->answers = facts->answers;
    if (moved)
        state->limit_ms = PROGRESS_LIMIT_MS;
    if (!facts->leading || !facts->work_waits || moved)
        state->since_ms = 0;
    else if (state->since_ms == 0)
        state->since_ms = now_ms;
    return state->since_ms != 0 && now_ms - state->since_ms >= state->limit_ms;
}

static void give_up(struct progress_state *state)
{
    state->held_back = true;
    state->back_until_ms = 0;
    state->limit_ms = state->limit_ms * 2 < PROGRESS_LIMIT_MAX_MS ? state->limit_ms * 2 : PROGRESS_LIMIT_MAX_MS;
}

bool progress_judge(struct progress_state *state, const struct progress_facts *facts, uint64_t now_ms)
{
    if (state->limit_ms == 0)
        state->limit_ms = PROGRESS_LIMIT_MS;
    bool hangs = facts->wave_since_ms != 0 && now_ms - facts->wave_since_ms >= PROGRESS_WAVE_MS;
    bool silent = is_silent(state, facts, now_ms);
    if (!state->held_back && (silent || hangs)) {
        give_up(state);
        return true;
    }
    if (!state->held_back)
        return false;
    if (facts->leading && state->since_ms == 0 && !hangs) { /* it moved before the lead was lost */
        state->held_back = false;
        return false;
    }
    if (!facts->leading && state->back_until_ms == 0)
        state->back_until_ms = now_ms + PROGRESS_STAND_BACK_MS;
    if (!facts->leading && !hangs && now_ms >= state->back_until_ms)
        state->held_back = false;
    return state->held_back;
}

static void on_check(void *user)
{
    struct progress *progress = user;
    bool before = progress->state.held_back;
    struct progress_facts facts = progress->options.look(progress->options.user);
    bool now = progress_judge(&progress->state, &facts, clock_monotonic_ms());
    if (now && !before)
        log_error(progress->options.log, "no progress: the lease is not renewed, so that another one may try",
                  "translating", facts.wave_since_ms != 0 ? "yes" : "no", "leading", facts.leading ? "yes" : "no");
    else if (before && !now)
        log_info(progress->options.log, "the lease is applied for again");
    kube_lease_hold_back(progress->options.lease, now);
    loop_timer_start(progress->timer, PROGRESS_CHECK_MS);
}

struct progress *progress_new(const struct progress_options *options)
{
    struct progress *progress = xcalloc(1, sizeof(*progress));
    progress->options = *options;
    progress->timer = loop_timer_new(options->loop, on_check, progress);
    loop_timer_start(progress->timer, PROGRESS_CHECK_MS);
    return progress;
}

void progress_free(struct progress *progress)
{
    if (progress == NULL)
        return;
    loop_timer_free(progress->timer);
    free(progress);
}
