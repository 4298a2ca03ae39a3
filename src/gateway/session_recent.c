/* Remembers what of the gateway we have touched lately, so that nobody takes our own writes for those of others. */
#include "base/clock.h"
#include "session_parts.h"

#define UNDER_WAY UINTPTR_MAX

void session_recent_note(struct kong_session *session, const char *id, bool under_way)
{
    if (!session->options.looks || id[0] == '\0')
        return;
    if (session->recent.count >= KONG_RECENT_MAX) { /* then all of it counts as touched */
        map_done(&session->recent);
        map_init(&session->recent, NULL);
        session->recent_lost_ms = clock_monotonic_ms();
    }
    map_put(&session->recent, id, (void *)(under_way ? UNDER_WAY : (uintptr_t)clock_monotonic_ms()));
}

bool session_recent_has(const struct kong_session *session, const char *id, uint64_t since_ms)
{
    uintptr_t touched = (uintptr_t)map_find(&session->recent, id);
    return touched == UNDER_WAY || touched >= since_ms || session->recent_lost_ms >= since_ms;
}

void session_recent_forget(struct kong_session *session, uint64_t before_ms)
{
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&session->recent, &position)) != NULL)
        if ((uintptr_t)entry->value < before_ms)
            map_remove(&session->recent, entry->key);
}
