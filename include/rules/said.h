/* rules/said.h - what the rules say of Kubernetes objects: problems and conditions, kept and told by object.
 * Owns:    a condition owns its texts, in one block; a `struct rules_said` owns a reference to each of what it lists.
 * Thread:  conditions are immutable and may be shared between threads, like problems.
 * Errors:  none. */
#pragma once

#include <stdatomic.h>

#include "kong/problem.h"

/* What a rule reports by ctx:condition. */
struct rules_condition {
    atomic_int references;
    struct kong_source about;
    const char *subject; /* "" for the object itself, else which part of its status (a listener, a parent) */
    const char *type;
    const char *status; /* "True", "False", "Unknown" */
    const char *reason;
    const char *message;
    const char *detail; /* JSON of further status fields, or "" */
};

struct rules_condition_texts {
    const char *subject, *type, *status, *reason, *message, *detail; /* NULL counts as "" */
};

struct rules_condition *rules_condition_new(const struct kong_source *about, const struct rules_condition_texts *texts);
struct rules_condition *rules_condition_ref(struct rules_condition *condition);
void rules_condition_unref(struct rules_condition *condition); /* NULL is fine */
/* By object, subject, type, and then the rest. */
int rules_condition_compare(const struct rules_condition *left, const struct rules_condition *right);

/* All that is said of one object, each thing once, sorted; both empty: nothing any more. */
struct rules_said {
    struct kong_source about;
    struct problem **problems;
    size_t problem_count;
    struct rules_condition **conditions;
    size_t condition_count;
};

void rules_said_done(struct rules_said *said);
