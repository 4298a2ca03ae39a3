/* kong/problem_codes.h - the stable codes of problems, each with its cause and its remedy.
 * Owns:    static rows, sorted by code.
 * Thread:  any.
 * Errors:  none. A code is part of the interface (conditions, events, metrics): rows are added, never renamed.
 *          docs/problems.md is printed from here. */
#pragma once

#include <stddef.h>

#include "kong/problem.h"

struct problem_code {
    const char *code;
    enum problem_severity severity; /* as a rule; whoever reports may choose another */
    const char *cause;
    const char *remedy;
    bool awaits; /* something is missing that may be on its way: what the object becomes is not sent at once */
};

const struct problem_code *problem_codes(size_t *ret_count);
const struct problem_code *problem_code_find(const char *code); /* NULL when there is none */
