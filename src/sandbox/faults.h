/* faults.h - what a sandbox does wrong on purpose, so that clients' promises can be tested.
 * Owns:    its rows.
 * Thread:  one owner.
 * Errors:  a row that cannot be understood refuses the whole list. */
#pragma once

#include <regex.h>

#include "base/json.h"
#include "sandbox/sandbox.h"

enum fault_action { FAULT_FAIL, FAULT_HANG, FAULT_DELAY, FAULT_DROP, FAULT_LIE };

struct fault {
    char *method;  /* NULL: any */
    regex_t path;  /* POSIX extended, against path and query */
    int64_t skip;  /* requests that match and are spared first */
    int64_t times; /* left; negative: without end */
    enum fault_action action;
    int status;
    char *body; /* JSON */
    char *retry_after;
    uint64_t delay_ms;
    bool after; /* the request takes effect before the fault strikes */
    uint64_t struck;
};

struct faults {
    struct fault *items;
    size_t count;
};

/* {"faults": [{"method", "path", "times", "skip", "action": "fail"|"hang"|"delay"|"drop"|"lie", "status", "body",
 * "delay_ms", "retry_after", "after"}]}; replaces what was there.  "delay" handles the request and answers late. */
int faults_set(struct faults *faults, const struct json *list, struct err *err);
void faults_clear(struct faults *faults);
struct json *faults_json(const struct faults *faults);

/* The first row that strikes this request, or NULL; counts. */
struct fault *faults_strike(struct faults *faults, const char *method, const char *target);
