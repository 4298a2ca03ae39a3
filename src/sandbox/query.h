/* query.h - paths, queries and forms: what stands in a URL.
 * Owns:    a query owns its pairs.
 * Thread:  any.
 * Errors:  what cannot be decoded is taken as it is. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"

#define QUERY_PAIRS_MAX 1000

struct query_pair {
    char *name, *value;
};

struct query {
    struct query_pair *pairs;
    size_t count;
};

void query_parse(struct query *query, const char *text, size_t length);
void query_done(struct query *query);
const char *query_find(const struct query *query, const char *name); /* first, or NULL */

/* Form fields as Kong reads them: "a.b" nests, "a[]" and "a[1]" list, numbers and booleans by their looks. */
struct json *query_as_body(const struct query *query);
