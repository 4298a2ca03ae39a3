/* Decides which of the things that were done at the gateway get a line of their own. */
#include "tell/journal.h"

#include "base/clock.h"

struct journal {
    const struct log *log;
    struct loop_timer *timer;
    uint64_t spent_ms; /* the time up to which the allowance of lines is spent */
    uint64_t told_ms;  /* when "converged" was told last */
    unsigned long long untold;
    struct journal_totals totals;
};

static void tell_converged(void *user)
{
    struct journal *journal = user;
    journal->told_ms = clock_monotonic_ms();
    const struct journal_totals *totals = &journal->totals;
    log_info(journal->log, "converged", "created", LOG_NUMBER(totals->created), "updated", LOG_NUMBER(totals->updated),
             "deleted", LOG_NUMBER(totals->deleted), "without_line", LOG_NUMBER(journal->untold));
    journal->untold = 0;
}

struct journal *journal_new(struct loop *loop, const struct log *log)
{
    struct journal *journal = xcalloc(1, sizeof(*journal));
    journal->log = log;
    journal->timer = loop_timer_new(loop, tell_converged, journal);
    return journal;
}

void journal_free(struct journal *journal)
{
    if (journal == NULL)
        return;
    loop_timer_free(journal->timer);
    free(journal);
}

static bool allowed(struct journal *journal)
{
    uint64_t now = clock_monotonic_ms();
    uint64_t from = journal->spent_ms > now ? journal->spent_ms : now;
    if (from + JOURNAL_LINE_MS > now + JOURNAL_BURST * JOURNAL_LINE_MS)
        return false;
    journal->spent_ms = from + JOURNAL_LINE_MS;
    return true;
}

void journal_done(struct journal *journal, const char *verb, const char *entity, long long took_ms)
{
    bool line = allowed(journal);
    journal->untold += !line;
    log_write(journal->log, line ? LOG_INFO : LOG_DEBUG, verb, "entity", entity, "ms", LOG_NUMBER(took_ms), NULL);
}

void journal_converged(struct journal *journal, const struct journal_totals *totals)
{
    journal->totals = *totals;
    if (loop_timer_running(journal->timer))
        return;
    uint64_t now = clock_monotonic_ms();
    uint64_t next = journal->told_ms != 0 ? journal->told_ms + JOURNAL_PAUSE_MS : 0;
    if (next <= now)
        tell_converged(journal);
    else
        loop_timer_start(journal->timer, next - now);
}
