/* Reading forms. */
#include "form.h"

#include <stdlib.h>
#include <string.h>

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

struct json *form_as_body(const struct query *query)
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
