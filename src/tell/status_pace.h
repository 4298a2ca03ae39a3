/* status_pace.h - when a status that has changed is written: when what is said of the object has been quiet for a moment, and no more often
 * than its allowance permits.  A state that is about to change is not written.
 * Owns: nothing.   Thread: any.   Errors: none; pure functions of the times that they are given. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define STATUS_QUIET_MS   100  /* nothing was said for so long */
#define STATUS_LATEST_MS  1000 /* after this it is written although more is said */
#define STATUS_PENDING_MS 3000 /* how long what comes from it may be on its way to the gateway */
#define STATUS_PACE_MS    1000 /* one write for each such time, in the long run … */
#define STATUS_BURST      5    /* … and so many at once */

struct status_pace {
    uint64_t changed_ms;   /* when something was said last */
    uint64_t unwritten_ms; /* since when something waits to be written; 0: nothing does */
    uint64_t spent_ms;     /* the time up to which the allowance is spent */
};

void status_pace_changed(struct status_pace *pace, uint64_t now_ms);
/* When it may be written; not later than now: at once. */
uint64_t status_pace_due(const struct status_pace *pace, bool pending, uint64_t now_ms);
void status_pace_wrote(struct status_pace *pace, uint64_t now_ms);
void status_pace_settled(struct status_pace *pace); /* there was nothing to write */
