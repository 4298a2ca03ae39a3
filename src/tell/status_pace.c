/* Decides when a status is written. */
#include "status_pace.h"

void status_pace_changed(struct status_pace *pace, uint64_t now_ms)
{
    pace->changed_ms = now_ms;
    if (pace->unwritten_ms == 0)
        pace->unwritten_ms = now_ms;
}

/* The allowance is a bucket: each write spends STATUS_PACE_MS, which time gives back, STATUS_BURST of them at most. */
static uint64_t allowed_at(const struct status_pace *pace, uint64_t now_ms)
{
    uint64_t room = (STATUS_BURST - 1) * STATUS_PACE_MS;
    return pace->spent_ms > now_ms + room ? pace->spent_ms - room : now_ms;
}

uint64_t status_pace_due(const struct status_pace *pace, bool pending, uint64_t now_ms)
{
    if (pace->unwritten_ms == 0)
        return now_ms;
    uint64_t quiet = pace->changed_ms + STATUS_QUIET_MS;
    uint64_t latest = pace->unwritten_ms + (pending ? STATUS_PENDING_MS : STATUS_LATEST_MS);
    uint64_t due = pending || quiet > latest ? latest : quiet;
    uint64_t allowed = allowed_at(pace, now_ms);
    return due > allowed ? due : allowed;
}

void status_pace_wrote(struct status_pace *pace, uint64_t now_ms)
{
    uint64_t from = pace->spent_ms > now_ms ? pace->spent_ms : now_ms;
    pace->spent_ms = from + STATUS_PACE_MS;
    pace->unwritten_ms = 0;
}

void status_pace_settled(struct status_pace *pace)
{
    pace->unwritten_ms = 0;
}
