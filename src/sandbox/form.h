/* form.h - fields of a form as Kong reads them.   Owns: nothing; the caller frees.   Thread: any.   Errors: none. */
#pragma once

#include "base/json.h"
#include "net/query.h"

/* "a.b" nests, "a[]" and "a[1]" list, numbers and booleans by their looks. */
struct json *form_as_body(const struct query *query);
