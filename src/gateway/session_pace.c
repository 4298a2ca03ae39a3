/* Decides how long a session waits when no gateway answers. */
#include <sys/random.h>

#include "base/clock.h"
#include "session_parts.h"

static bool has_gateway(const struct kong_session *session)
{
    uint64_t now = clock_monotonic_ms();
    for (size_t i = 0; i < kong_gateways_count(session->gateways); i++)
        if (!kong_gateways_resting(session->gateways, i, now))
            return true;
    return false;
}

void session_pump(struct kong_session *session)
{
    if (session->state != SESSION_STOPPED && !loop_timer_running(session->pump))
        loop_timer_start(session->pump, 0);
}

/* Half of the delay is random, so that many controllers do not come back at once. */
static uint64_t with_jitter(uint64_t delay_ms)
{
    uint32_t random = 0;
    if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
        random = 0;
    return delay_ms / 2 + random % (delay_ms / 2 + 1);
}

void session_answered(struct kong_session *session)
{
    session->pauses = 0;
}

void session_pause(struct kong_session *session, const struct kong_answer *answer)
{
    if (session->state == SESSION_STOPPED)
        return;
    if (session->drained != NULL) {
        session_pump(session);
        return;
    }
    if (answer->retry_after_ms == 0 && session->pauses == 0 && kong_gateways_count(session->gateways) > 1 &&
        has_gateway(session)) {
        session_pump(session); /* another one takes over at once */
        return;
    }
    if (session->paused)
        return;
    unsigned doublings = session->pauses < 10 ? session->pauses : 10;
    uint64_t delay = (uint64_t)KONG_BACKOFF_MS << doublings;
    delay = with_jitter(delay < KONG_BACKOFF_MAX_MS ? delay : KONG_BACKOFF_MAX_MS);
    if (delay < answer->retry_after_ms)
        delay = answer->retry_after_ms;
    session->paused = true;
    session->pauses++;
    session->counters.unavailable++;
    loop_timer_start(session->retry, delay);
    if (session->callbacks.lost != NULL)
        session->callbacks.lost(session->callbacks.user, answer->message);
}
