/* Decodes queries and forms. */
#include "query.h"

#include <stdlib.h>
#include <string.h>

#include "net/http.h"

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

static struct json *typed(const char *text)
{
    char *end;
    double number = strtod(text, &end);
    if (text[0] == '\0')
        return json_new_null();
    if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
        return json_new_bool(text[0] == 't');
    return *end == '\0' && strspn(text, "-0123456789.") == strlen(text) ? json_new_number(number) : json_new_text(text);
}

struct json *query_as_body(const struct query *query)
{
    struct json *body = json_new_object();
    for (size_t i = 0; i < query->count; i++) {
        struct json *object = body;
        const char *name = query->pairs[i].name;
        for (const char *dot; (dot = strchr(name, '.')) != NULL; name = dot + 1) {
            AUTO(text) char *part = xstrndup(name, (size_t)(dot - name));
            struct json *next = json_find(object, part);
            if (!json_is(next, JSON_OBJECT)) {
                next = json_new_object();
                json_set(object, part, next);
            }
            object = next;
        }
        AUTO(text) char *last = xstrdup(name);
        char *bracket = strchr(last, '[');
        if (bracket == NULL) {
            json_set(object, last, typed(query->pairs[i].value));
            continue;
        }
        *bracket = '\0';
        struct json *list = json_find(object, last);
        if (!json_is(list, JSON_ARRAY)) {
            list = json_new_array();
            json_set(object, last, list);
        }
        json_append(list, typed(query->pairs[i].value));
    }
    return body;
}
