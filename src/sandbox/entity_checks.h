/* entity_checks.h - the checks across fields that a schema lists under "entity_checks".
 * Owns:    nothing.
 * Thread:  any.
 * Errors:  added to `errors`: texts below "@entity", and by field. */
#pragma once

#include "base/json.h"

/* `check` is an entry of the list, by its name; an unknown one finds nothing.  "conditional" is not among them: it judges
 * a value by its field, so it stands where fields are validated. */
void entity_checks_run(const struct json *check, const struct json *object, struct json *errors);

/* Adds a text below "@entity". */
void entity_checks_add(struct json *errors, const char *text);
