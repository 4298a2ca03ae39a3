/* schema_walk.h - look-ups in one schema; a record's field has the same shape as a whole schema.
 * Owns: nothing.   Thread: any.   Errors: NULL when there is none. */
#pragma once

#include <stdbool.h>

#include "base/json.h"

const struct json *schema_field(const struct json *schema, const char *name);
const struct json *schema_shorthand(const struct json *schema, const char *name);
bool schema_has_shorthand(const struct json *schema, const char *name);
bool schema_is(const struct json *field, const char *type);
bool schema_nests(const struct json *field); /* its values have fields, elements or values of their own */
void schema_move_shorthands(const struct json *schema, struct json *fields); /* to the fields that replaced them */
void schema_sort_set(struct json *set);                                      /* sorted and without doubles */
