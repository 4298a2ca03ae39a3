/* entity_checks.h - the checks across fields that a schema lists under "entity_checks".
 * Owns:    nothing.
 * Thread:  any.
 * Errors:  added to `errors`: texts below "@entity", and by field. */
#pragma once

#include "schema.h"

void entity_checks_run(const struct schema_fields *fields, struct json *object, struct json *errors);

/* Adds a text below "@entity". */
void entity_checks_add(struct json *errors, const char *text);
