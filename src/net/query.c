/* Decodes queries and forms. */
#include "net/query.h"

#include <stdlib.h>
#include <string.h>

#include "net/http.h"

#define DIGITS_MAX 12 /* of a number; a longer one is as good as any */

static char *decoded(const char *text, size_t length)
{
    char *copy = xstrndup(text, length);
    for (char *c = copy; *c != '\0'; c++) {
        if (*c == '+')
            *c = ' ';
    }
    char *plain = xstrdup(copy);
    if (http_decode(copy)) {
        free(plain);
        return copy;
    }
    free(copy);
    return plain;
}

void query_parse(struct query *query, const char *text, size_t length)
{
    const char *end = text + length;
    while (text < end && query->count < QUERY_PAIRS_MAX) {
        const char *next = memchr(text, '&', (size_t)(end - text));
        next = next != NULL ? next : end;
        const char *equals = memchr(text, '=', (size_t)(next - text));
        const char *name_end = equals != NULL ? equals : next;
        if (next > text) {
            query->pairs = xrealloc(query->pairs, (query->count + 1) * sizeof(*query->pairs));
            query->pairs[query->count++] = (struct query_pair){
                decoded(text, (size_t)(name_end - text)),
                equals != NULL ? decoded(equals + 1, (size_t)(next - equals - 1)) : xstrdup(""),
            };
        }
        text = next + 1;
    }
}

void query_done(struct query *query)
{
    for (size_t i = 0; i < query->count; i++) {
        free(query->pairs[i].name);
        free(query->pairs[i].value);
    }
    free(query->pairs);
    *query = (struct query){NULL, 0};
}

const char *query_find(const struct query *query, const char *name)
{
    for (size_t i = 0; i < query->count; i++) {
        if (strcmp(query->pairs[i].name, name) == 0)
            return query->pairs[i].value;
    }
    return NULL;
}

size_t query_number(const struct query *query, const char *name, size_t otherwise, size_t most)
{
    const char *value = query_find(query, name);
    if (value == NULL || value[0] == '\0' || value[strspn(value, "0123456789")] != '\0')
        return otherwise;
    size_t number = strlen(value) <= DIGITS_MAX ? strtoul(value, NULL, 10) : most;
    return number < most ? number : most;
}
