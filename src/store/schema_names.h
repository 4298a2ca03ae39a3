/* schema_names.h - the forms of Kubernetes' names.   Owns: nothing.   Thread: any.   Errors: none. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "schema.h"

bool schema_names_fit(enum schema_format format, const char *text, size_t length);
/* What is expected, for people: "a name of lower-case letters, digits, - and ." */
const char *schema_names_expected(enum schema_format format);
