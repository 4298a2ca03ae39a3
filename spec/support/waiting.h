/* waiting.h - runs a loop until something has happened; gives up after a time that only a broken test reaches. */
#pragma once

#include "net/loop.h"

#define WAITING_MAX_MS 20000

static inline void waiting_gave_up(void *user)
{
    *(bool *)user = true;
}

/* False when it did not happen. */
static inline bool wait_until(struct loop *loop, const int *count, int wanted)
{
    bool gave_up = false;
    struct loop_timer *guard = loop_timer_new(loop, waiting_gave_up, &gave_up);
    loop_timer_start(guard, WAITING_MAX_MS);
    while (*count < wanted && !gave_up)
        loop_run_once(loop, true);
    loop_timer_free(guard);
    return !gave_up;
}
