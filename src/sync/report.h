/* report.h - what people are told: each problem once when it comes and once when it goes, in the log and as an Event.
 * Owns:    the problems that were told.
 * Thread:  loop thread.
 * Errors:  none. */
#pragma once

#include "base/log.h"
#include "kong/problem.h"
#include "kube/event.h"

struct report;

/* `recorder` may be NULL: no Events. */
struct report *report_new(const struct log *log, struct kube_recorder *recorder);
void report_free(struct report *report);

/* All problems that stand now; borrowed. */
void report_problems(struct report *report, struct problem *const *problems, size_t count);
