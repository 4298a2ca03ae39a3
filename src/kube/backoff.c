/* How long to wait after the n-th failure in a row. */
#include "backoff.h"

#include <sys/random.h>

#include "base/clock.h"

uint64_t kube_backoff_random(uint64_t bound)
{
    uint64_t number = 0;
    if (getrandom(&number, sizeof(number), GRND_NONBLOCK) != (ssize_t)sizeof(number))
        number = clock_monotonic_us();
    return bound == 0 ? 0 : number % bound;
}

uint64_t kube_backoff_next(struct backoff *backoff)
{
    uint64_t step = backoff->first_ms;
    for (int i = 0; i < backoff->failures && step < backoff->last_ms; i++)
        step *= 2;
    if (step > backoff->last_ms)
        step = backoff->last_ms;
    if (backoff->failures < 64)
        backoff->failures++;
    return step - kube_backoff_random(step / 2 + 1);
}

uint64_t kube_backoff_next_or(struct backoff *backoff, uint64_t at_least_ms)
{
    uint64_t delay = kube_backoff_next(backoff);
    return delay > at_least_ms ? delay : at_least_ms;
}

void kube_backoff_reset(struct backoff *backoff)
{
    backoff->failures = 0;
}
