/* timing.h - how long the page keeps the loop from its other work: CPU time, which does not depend on what else runs.   Owns: nothing.   Thread: loop thread.   Errors: none. */
#pragma once

#include "base/clock.h"

struct timing {
    uint64_t count, total_us, longest_us;
};

static inline void timing_add(struct timing *timing, uint64_t since_us)
{
    uint64_t took_us = clock_thread_us() - since_us;
    timing->count++;
    timing->total_us += took_us;
    timing->longest_us = took_us > timing->longest_us ? took_us : timing->longest_us;
}
