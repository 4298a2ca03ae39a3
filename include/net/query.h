/* net/query.h - queries and forms: what stands behind the '?' of a URL, or in a body.
 * Owns:    a query owns its pairs.
 * Thread:  any.
 * Errors:  what cannot be decoded is taken as it is. */
#pragma once

#include <stddef.h>

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
/* At most `most`; `otherwise` when it is absent or no number. */
size_t query_number(const struct query *query, const char *name, size_t otherwise, size_t most);
