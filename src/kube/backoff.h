/* backoff.h - growing delays with jitter, after client-go: doubling from `first` to `last`.
 * Owns: nothing.   Thread: one owner.   Errors: none. */
#pragma once

#include <stdint.h>

struct backoff {
    uint64_t first_ms;
    uint64_t last_ms;
    int failures;
};

/* The delay after one more failure: between half and all of the step. */
uint64_t kube_backoff_next(struct backoff *backoff);
/* The same, but at least as long as the server asked for. */
uint64_t kube_backoff_next_or(struct backoff *backoff, uint64_t at_least_ms);
void kube_backoff_reset(struct backoff *backoff);
/* A number below `bound`, for jitter only. */
uint64_t kube_backoff_random(uint64_t bound);
