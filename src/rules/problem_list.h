/* problem_list.h - what is reported from one place: problems in a row.
 * Owns:    a reference to each.
 * Thread:  the translator.
 * Errors:  none. */
#pragma once

#include "base/vec.h"
#include "kong/problem.h"

struct problem_list {
    VEC(struct problem *);
};

void problem_list_done(struct problem_list *list); /* empty again */
bool problem_list_equal(const struct problem_list *left, const struct problem_list *right);
