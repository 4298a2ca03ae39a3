/* Decides when a sync begins and ends, and what counts in it. */
#include "history.h"

/* Of milliseconds, as Kong Ingress Controller has them. */
#define SYNC_BUCKET_FIRST  100
#define SYNC_BUCKET_FACTOR 1.33
#define SYNC_BUCKETS       30

const char *sync_result_name(enum sync_result result)
{
    static const char *const names[] = {
        [SYNC_UNDER_WAY] = "under way", [SYNC_CONVERGED] = "converged", [SYNC_PARTLY] = "partly", [SYNC_CUT] = "cut"};
    return names[result];
}

void history_init(struct history *history)
{
    *history = (struct history){0};
    histogram_init(&history->figures.good_ms, SYNC_BUCKET_FIRST, SYNC_BUCKET_FACTOR, SYNC_BUCKETS);
    histogram_init(&history->figures.bad_ms, SYNC_BUCKET_FIRST, SYNC_BUCKET_FACTOR, SYNC_BUCKETS);
}

static void begin(struct history *history, bool is_retry, double wall, uint64_t now_ms)
{
    history->is_retry &= is_retry;
    if (history->since_ms != 0)
        return;
    history->is_retry = is_retry;
    history->open = (struct sync_record){.began = wall};
    history->since_ms = now_ms != 0 ? now_ms : 1;
    history->conflict = false;
}

void history_begin(struct history *history, double wall, uint64_t now_ms)
{
    begin(history, false, wall, now_ms);
}

void history_operation(struct history *history, const struct kong_op *op, const struct kong_answer *answer, double wall,
                       uint64_t now_ms)
{
    if (op->verb == KONG_READ)
        return;
    begin(history, true, wall, now_ms);
    struct sync_record *open = &history->open;
    if (answer->class == KONG_UNAVAILABLE || answer->class == KONG_UNSURE)
        return; /* it is sent again */
    if (answer->class != KONG_DONE && !(op->verb == KONG_DELETE && answer->class == KONG_MISSING)) {
        open->refused++;
        history->conflict |= answer->class == KONG_TAKEN;
        return;
    }
    open->created += op->verb == KONG_CREATE || op->verb == KONG_PARK;
    open->updated += op->verb == KONG_UPDATE || op->verb == KONG_WITHDRAW || op->verb == KONG_YIELD;
    open->deleted += op->verb == KONG_DELETE;
}

static void close_record(struct history *history, enum sync_result result, uint64_t now_ms)
{
    history->open.result = result;
    history->open.took_ms = now_ms - history->since_ms;
    history->since_ms = 0;
    /* What is refused again, and again, is no news. */
    if (history->is_retry && history->open.created + history->open.updated + history->open.deleted == 0)
        return;
    history->records[history->next] = history->open;
    history->next = (history->next + 1) % SYNCS_KEPT;
    history->count += history->count < SYNCS_KEPT;
}

void history_end(struct history *history, bool converged, uint64_t now_ms)
{
    const struct sync_record *open = &history->open;
    if (history->since_ms == 0)
        return;
    bool bad = open->refused != 0;
    histogram_add(bad ? &history->figures.bad_ms : &history->figures.good_ms, (double)(now_ms - history->since_ms));
    history->figures.good += !bad;
    history->figures.bad_conflict += bad && history->conflict;
    history->figures.bad_other += bad && !history->conflict;
    close_record(history, converged ? SYNC_CONVERGED : SYNC_PARTLY, now_ms);
}

void history_cut(struct history *history, uint64_t now_ms)
{
    if (history->since_ms != 0)
        close_record(history, SYNC_CUT, now_ms);
}

size_t history_list(const struct history *history, uint64_t now_ms, struct sync_record ret_syncs[SYNCS_KEPT])
{
    bool is_open = history->since_ms != 0;
    size_t room = SYNCS_KEPT - is_open, count = history->count < room ? history->count : room;
    for (size_t i = 0; i < count; i++)
        ret_syncs[i] = history->records[(history->next + SYNCS_KEPT - count + i) % SYNCS_KEPT];
    if (is_open) {
        ret_syncs[count] = history->open;
        ret_syncs[count++].took_ms = now_ms - history->since_ms;
    }
    return count;
}
