/* Statuses, bodies and messages of the Admin API, errors above all: clients read them by code, name and fields. */
#include "answer.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lua_text.h"

#define CODE_SCHEMA     2
#define CODE_FOREIGN    4
#define CODE_UNIQUE     5
#define CODE_NOT_FOUND  6
#define CODE_NAME       10
#define CODE_UNRESOLVED 13

void answer_text(struct sandbox_answer *answer, int status, const char *content_type, const char *body, size_t length)
{
    answer->status = status;
    http_headers_add(&answer->headers, "Content-Type", content_type);
    buf_append(&answer->body, body, length);
}

void sandbox_answer_done(struct sandbox_answer *answer)
{
    http_headers_done(&answer->headers);
    buf_done(&answer->body);
}

void answer_json(struct sandbox_answer *answer, int status, struct json *body)
{
    answer->status = status;
    http_headers_add(&answer->headers, "Content-Type", "application/json; charset=utf-8");
    json_print(body, &answer->body);
    json_free(body);
}

void answer_message(struct sandbox_answer *answer, int status, const char *message)
{
    struct json *body = json_new_object();
    json_set_text(body, "message", message);
    answer_json(answer, status, body);
}

void answer_html(struct sandbox_answer *answer, int status, const char *title)
{
    AUTO(text)
    char *page = xasprintf("<html>\r\n<head><title>%d %s</title></head>\r\n<body>\r\n<center><h1>%d %s</h1>"
                           "</center>\r\n</body>\r\n</html>\r\n",
                           status, title, status, title);
    answer_text(answer, status, "text/html; charset=utf-8", page, strlen(page));
}

void answer_not_found(struct sandbox_answer *answer)
{
    answer_message(answer, 404, "Not found");
}

void answer_no_content(struct sandbox_answer *answer)
{
    answer->status = 204;
}

void answer_error(struct sandbox_answer *answer, int status, int code, const char *name, const char *message,
                  struct json *fields)
{
    struct json *body = json_new_object();
    json_set_number(body, "code", code);
    json_set_text(body, "name", name);
    json_set_text(body, "message", message);
    if (fields != NULL)
        json_set(body, "fields", fields);
    answer_json(answer, status, body);
}

static void add_message(struct buf *out, size_t *count, const char *field, const char *part, const struct json *error)
{
    buf_append_text(out, (*count)++ != 0 ? "; " : "");
    if (field != NULL)
        buf_append_text(out, field);
    if (part != NULL)
        buf_printf(out, ".%s", part);
    if (field != NULL)
        buf_append_text(out, ": ");
    if (json_text(error) != NULL)
        buf_append_text(out, json_text(error));
    else
        lua_text_print(error, out);
}

static void add_field_messages(struct buf *out, size_t *count, const char *field, const struct json *error)
{
    if (json_text(error) != NULL) {
        add_message(out, count, field, NULL, error);
    } else if (json_is(error, JSON_ARRAY)) {
        int index = 0;
        json_each (item, error) {
            AUTO(text) char *part = xasprintf("%d", ++index);
            if (json_type(item) != JSON_NULL)
                add_message(out, count, field, part, item);
        }
    } else {
        size_t members;
        const struct json **sorted = lua_text_sorted(error, &members);
        for (size_t i = 0; i < members; i++)
            add_message(out, count, field, json_name(sorted[i]), sorted[i]);
        free(sorted);
    }
}

void answer_schema_violation(struct sandbox_answer *answer, struct json *errors)
{
    AUTO(buf) struct buf list = BUF_OWN;
    size_t count = 0, members;
    json_each (text, json_find(errors, "@entity"))
        add_message(&list, &count, NULL, NULL, text);
    const struct json **sorted = lua_text_sorted(errors, &members);
    for (size_t i = 0; i < members; i++) {
        if (strcmp(json_name(sorted[i]), "@entity") != 0)
            add_field_messages(&list, &count, json_name(sorted[i]), sorted[i]);
    }
    free(sorted);
    AUTO(text)
    char *message = count == 1 ? xasprintf("schema violation (%s)", buf_text(&list))
                               : xasprintf("%zu schema violations (%s)", count, buf_text(&list));
    answer_error(answer, 400, CODE_SCHEMA, "schema violation", message, errors);
}

void answer_field_violation(struct sandbox_answer *answer, const char *field, const char *text)
{
    struct json *errors = json_new_object();
    json_set_text(errors, field, text);
    answer_schema_violation(answer, errors);
}

void answer_unique_violation(struct sandbox_answer *answer, struct json *fields)
{
    AUTO(buf) struct buf key = BUF_OWN;
    lua_text_print_key(fields, &key);
    AUTO(text) char *message = xasprintf("UNIQUE violation detected on '%s'", buf_text(&key));
    answer_error(answer, 409, CODE_UNIQUE, "unique constraint violation", message, fields);
}

static struct json *one_field(const char *name, struct json *value)
{
    struct json *fields = json_new_object();
    json_set(fields, name, value);
    return fields;
}

void answer_missing_reference(struct sandbox_answer *answer, const char *field, const char *table, const char *id)
{
    AUTO(text)
    char *message = xasprintf("the foreign key '{id=\"%s\"}' does not reference an existing '%s' entity.", id, table);
    answer_error(answer, 400, CODE_FOREIGN, "foreign key violation", message,
                 one_field(field, one_field("id", json_new_text(id))));
}

void answer_unresolved_reference(struct sandbox_answer *answer, const char *field, const char *table, const char *by,
                                 const char *value)
{
    AUTO(text)
    char *text = xasprintf("the foreign key cannot be resolved with '{%s=\"%s\"}' for an existing '%s' entity", by,
                           value, table);
    AUTO(text) char *message = xasprintf("foreign key unresolved (%s.%s: %s)", field, by, text);
    answer_error(answer, 400, CODE_UNRESOLVED, "foreign keys unresolved", message,
                 one_field(field, one_field(by, json_new_text(text))));
}

void answer_still_referenced(struct sandbox_answer *answer, const char *table, const char *by)
{
    AUTO(text) char *message = xasprintf("an existing '%s' entity references this '%s' entity", by, table);
    answer_error(answer, 400, CODE_FOREIGN, "foreign key violation", message,
                 one_field("@referenced_by", json_new_text(by)));
}

void answer_no_entity(struct sandbox_answer *answer, const char *field, const char *value)
{
    AUTO(text)
    char *message = xasprintf("could not find the entity with %s'{%s=\"%s\"}'",
                              strcmp(field, "id") == 0 ? "primary key " : "", field, value);
    answer_error(answer, 404, CODE_NOT_FOUND, "not found", message, one_field(field, json_new_text(value)));
}

void answer_invalid_unique(struct sandbox_answer *answer, const char *field, const char *text)
{
    AUTO(text) char *name = xasprintf("invalid unique %s", field);
    answer_error(answer, 400, CODE_NAME, name, text, NULL);
}
