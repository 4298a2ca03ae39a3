/* tell/journal.h - the log of what was done at the gateway: a line for each entity, as long as they are few.
 * Owns:    a timer; what it counts.
 * Thread:  loop thread.
 * Errors:  none.
 *
 * A bulk of changes is not a bulk of lines: beyond an allowance entities are counted, and the next "converged" tells how many.  At debug
 * each has its line.  The last "converged" of a burst is always told. */
#pragma once

#include "base/log.h"
#include "net/loop.h"

#define JOURNAL_LINE_MS  100  /* one entity for each such time, in the long run … */
#define JOURNAL_BURST    100  /* … and so many at once */
#define JOURNAL_PAUSE_MS 1000 /* between two that tell of being converged */

struct journal;

struct journal_totals {
    unsigned long long created, updated, deleted;
};

struct journal *journal_new(struct loop *loop, const struct log *log); /* both borrowed */
void journal_free(struct journal *journal);                            /* NULL is fine */

/* `verb`: a constant message such as "created"; `entity`: kind and name, nothing secret. */
void journal_done(struct journal *journal, const char *verb, const char *entity, long long took_ms);
void journal_converged(struct journal *journal, const struct journal_totals *totals);
