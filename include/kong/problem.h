/* kong/problem.h - something that a person must know about a Kubernetes object: a stable code, a severity and a
 * sentence.
 * Owns:    a problem owns its texts.
 * Thread:  any (immutable once made).
 * Errors:  none. The table of codes (cause and remedy for each) is kong/problem_codes.h; docs/problems.md is printed
 *          from it. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#include "base/buf.h"
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
    bool located; /* file and line are those of the manifest instead */
};

/* Where an object was read. */
struct problem_place {
    const char *file; /* "" when that is not known */
    int line;         /* 0: the file as a whole */
};

struct problem *problem_new(enum problem_severity severity, const char *code, const struct kong_source *about,
                            const char *text);
struct problem *problem_ref(struct problem *problem);
void problem_unref(struct problem *problem);
int problem_compare(const struct problem *left, const struct problem *right); /* by object, code, text, uid */
void problem_sort(struct problem **problems, size_t count);
/* Tells the same of another place; copies. */
void problem_set_place(struct problem *problem, const char *file, int line);
/* What is shown: the problem's own place, or that of its object, or that of the rule. */
struct problem_place problem_place(const struct problem *problem, struct problem_place object);
/* "severity CODE Kind namespace/name: text (file:line)" and a line end.  The only place where a problem becomes a line: whatever its
 * texts hold, it stays one, and nothing of it acts on a terminal. */
void problem_print(const struct problem *problem, struct problem_place object, struct buf *out);
const char *problem_severity_name(enum problem_severity severity); /* "error" */
