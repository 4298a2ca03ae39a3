/* shape.h - how a stored entity looks to a client, and what a client's form stands for in the store.
 * Owns:    nothing.
 * Thread:  one owner.
 * Errors:  none. */
#pragma once

#include "state.h"

/* Appends one entity's JSON. */
void shape_print(struct sandbox *sandbox, const struct table *table, const struct entity *entity, struct buf *out);
void shape_answer(struct sandbox *sandbox, const struct table *table, const struct entity *entity,
                  struct sandbox_answer *answer, int status);

/* "ttl": 60 becomes the moment at which it ends. */
void shape_ttl_in(const struct table *table, struct json *body);
void shape_ttl_out(const struct table *table, struct json *fields); /* and back */
/* Shorthands of a change, before it is merged. */
void shape_service_url(const struct table *table, struct json *changes);
void shape_shorthands(const struct schema *schema, struct json *changes);
