/* tell/problems.h - which problems stand, by who reports them, and what is told when one begins or ends.
 * Owns:    a reference to every problem that stands.
 * Thread:  loop thread.
 * Errors:  none.
 *
 * A reporter (the rules about one object, one entity in the gateway, the source, the brake) says all that it has to say at
 * a time; what several say in the same words is one problem.  A problem that is over within PROBLEMS_TELL_AFTER_MS is not
 * told: it was a passing state. */
#pragma once

#include "kong/problem.h"
#include "net/loop.h"
#include "tell/report.h"

#define PROBLEMS_TELL_AFTER_MS 1000

struct problems;

struct problems *problems_new(struct loop *loop);
/* Whom to tell of problems that begin from now on; borrowed. */
void problems_use_report(struct problems *problems, struct report *report);
/* Whom to tell of each that begins to stand, and that does not stand any more, at once; the problem lives until it was told that it is
 * over. */
typedef void problems_fn(void *user, struct problem *problem, bool stands);
void problems_listen(struct problems *problems, problems_fn *changed, void *user);
void problems_free(struct problems *problems); /* NULL is fine */

/* All that `reporter` says now; borrowed. */
void problems_set(struct problems *problems, const char *reporter, struct problem *const *list, size_t count);

struct problems_count {
    size_t errors, warnings, notes;
};
struct problems_count problems_count(const struct problems *problems);
/* Those that stand, sorted; the caller frees the array and unrefs each. */
struct problem **problems_list(const struct problems *problems, size_t *ret_count);
