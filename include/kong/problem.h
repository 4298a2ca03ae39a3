/* kong/problem.h - something that a person must know about a Kubernetes object: a stable code, a severity and a
 * sentence.
 * Owns:    a problem owns its texts.
 * Thread:  any (immutable once made).
 * Errors:  none. The table of codes (cause and remedy for each) is kong/problem_codes.h; docs/problems.md is printed
 *          from it. */
#pragma once

#include <stdatomic.h>

#include "kong/entity.h"

enum problem_severity { PROBLEM_INFO, PROBLEM_WARN, PROBLEM_ERROR };

struct problem {
    atomic_int references;
    enum problem_severity severity;
    char *code; /* "BackendNotFound" */
    char *text;
    struct kong_source about;
    char *file; /* the rule file, and for rule failures its line; "" otherwise */
    int line;
};

struct problem *problem_new(enum problem_severity severity, const char *code, const struct kong_source *about,
                            const char *text);
struct problem *problem_ref(struct problem *problem);
void problem_unref(struct problem *problem);
int problem_compare(const struct problem *left, const struct problem *right); /* by object, code, text, uid */
void problem_sort(struct problem **problems, size_t count);
const char *problem_severity_name(enum problem_severity severity); /* "error" */
