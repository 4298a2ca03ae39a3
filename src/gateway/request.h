/* request.h - the Admin API request that carries out one operation.
 * Owns:    its texts.
 * Thread:  loop.
 * Errors:  none. */
#pragma once

#include "plan/plan.h"

struct request {
    const char *method;
    char *path;
    char *body; /* NULL: none */
};

void request_make(const struct kong_state *state, const struct kong_op *op, struct request *ret_request);
void request_done(struct request *request);

/* The entity as the gateway now has it, from its answer; NULL when the answer is none.  The caller frees. */
struct json *request_result(const struct kong_op *op, const struct json *answer);

/* Where to look for whoever has the unique value that `op` needs: one entity, or a list (*ret_list) to search; NULL:
 * nowhere (else). `attempt` counts from 0; `fields` are those of Kong's error.  The caller frees. */
char *request_holder_path(const struct kong_op *op, const struct json *fields, int attempt, bool *ret_list);
/* Whether an entity of that list is the one. */
bool request_is_holder(const struct kong_op *op, const struct json *object);
