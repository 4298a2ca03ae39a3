/* plan/body.h - what an operation sends of its entity, whatever way it goes.
 * Owns:    nothing; the caller frees bodies.
 * Thread:  one owner (loop).
 * Errors:  none. */
#pragma once

#include "plan/plan.h"

/* The entity's fields with its id, references and ownership tags; of a route that is parked or withdrawn, a form that
 * matches nothing (of the latter as a patch); of one that yields, all but the value that it gives up.  NULL: a delete or a read sends nothing. */
struct json *kong_op_body(const struct kong_state *state, const struct kong_op *op);
/* The gateway's id of what a foreign field refers to, as far as it is known; borrowed. */
const char *kong_item_parent_id(const struct kong_item *item, size_t field);
/* Whether it is a route in such a form. */
bool kong_actual_is_parked(const struct kong_actual *route);
