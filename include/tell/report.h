/* tell/report.h - how a problem is told: a line in the log and an Event when it begins, a line when it ends.
 * Owns:    nothing but copies of its options.
 * Thread:  loop thread.
 * Errors:  none. */
#pragma once

#include "base/log.h"
#include "gateway/session.h"
#include "kong/problem.h"
#include "kube/event.h"

struct report;

struct report_options {
    const struct log *log;
    struct kube_recorder *recorder; /* NULL: no Events */
    bool kic;                       /* Events have KIC's reasons instead of the problems' codes */
    /* Where an object was read; may be NULL. */
    struct problem_place (*place)(const void *user, const struct kong_source *about);
    const void *user;
    const char *pod_namespace, *pod_name; /* our own, for news about the gateway; "": unknown */
};

/* Copies the options. */
struct report *report_new(const struct report_options *options);
void report_free(struct report *report);

/* Whether the configuration is in the gateway at `url`; told when that changes.  `error` NULL: it is. */
void report_gateway(struct report *report, const char *url, const char *error);
/* What somebody else has written to the gateway is set right: an Event at each object that the entity comes from. */
void report_drift(struct report *report, const struct kong_drift *drift);
void report_begins(struct report *report, const struct problem *problem);
void report_ends(struct report *report, const struct problem *problem);
