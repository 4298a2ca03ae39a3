/* Values as block-style YAML. */
#include <string.h>

#include "base/yaml.h"
#include "yaml_scalar.h"

static void print_indent(struct buf *out, int indent)
{
    for (int i = 0; i < indent; i++)
        buf_append(out, "  ", 2);
}

static bool is_block(const struct json *value)
{
    return (json_is(value, JSON_OBJECT) || json_is(value, JSON_ARRAY)) && json_first(value) != NULL;
}

/* "|" blocks for texts of several lines (PEM), "|-" without the last newline; only when every line is plain text. */
static bool print_literal(const char *text, struct buf *out, int indent)
{
    size_t length = strlen(text);
    if (strchr(text, '\n') == NULL || text[0] == ' ' || text[0] == '\n' ||
        (length > 1 && strcmp(text + length - 2, "\n\n") == 0))
        return false;
    for (const char *c = text; *c != '\0'; c++) {
        if (((unsigned char)*c < 0x20 && *c != '\n') || *c == 0x7f)
            return false;
    }
    buf_append_text(out, text[length - 1] == '\n' ? "|" : "|-");
    for (const char *line = text; *line != '\0';) {
        size_t size = strcspn(line, "\n");
        buf_append_char(out, '\n');
        if (size != 0)
            print_indent(out, indent);
        buf_append(out, line, size);
        line += size + (line[size] == '\n');
    }
    return true;
}

static void print_text(const char *text, struct buf *out, int indent)
{
    size_t length = strlen(text);
    if (!yaml_scalar_needs_quotes(text, length))
        buf_append(out, text, length);
    else if (!print_literal(text, out, indent))
        json_print_string(text, length, out);
}

static void print_key(const char *text, struct buf *out)
{
    size_t length = strlen(text);
    if (yaml_scalar_needs_quotes(text, length))
        json_print_string(text, length, out);
    else
        buf_append(out, text, length);
}

static int by_name(const void *left, const void *right)
{
    return strcmp(json_name(*(struct json *const *)left), json_name(*(struct json *const *)right));
}

static void print_block(const struct json *value, struct buf *out, int indent, bool first_line_open);

static void print_value(const struct json *value, struct buf *out, int indent, bool in_list)
{
    if (is_block(value)) {
        bool nested = json_is(value, JSON_OBJECT) && in_list;
        if (!nested && !in_list)
            buf_append_char(out, '\n');
        else
            buf_append_char(out, ' ');
        print_block(value, out, json_is(value, JSON_ARRAY) && !in_list ? indent : indent + 1, in_list);
        return;
    }
    buf_append_char(out, ' ');
    if (json_is(value, JSON_STRING))
        print_text(json_text(value), out, indent + 1);
    else
        json_print(value, out);
    buf_append_char(out, '\n');
}

static void print_block(const struct json *value, struct buf *out, int indent, bool first_line_open)
{
    size_t count = json_count(value);
    struct json **items = xcalloc(count + 1, sizeof(struct json *));
    size_t at = 0;
    json_each (item, value)
        items[at++] = item;
    bool mapping = json_is(value, JSON_OBJECT);
    if (mapping)
        qsort(items, count, sizeof(*items), by_name);
    for (size_t i = 0; i < count; i++) {
        if (i != 0 || !first_line_open)
            print_indent(out, indent);
        if (mapping) {
            print_key(json_name(items[i]), out);
            buf_append_char(out, ':');
        } else {
            buf_append_char(out, '-');
        }
        print_value(items[i], out, indent, !mapping);
    }
    free(items);
}

void yaml_print(const struct json *value, struct buf *out)
{
    if (is_block(value)) {
        print_block(value, out, 0, false);
        return;
    }
    if (json_is(value, JSON_STRING))
        print_text(json_text(value), out, 1);
    else
        json_print(value, out);
    buf_append_char(out, '\n');
}
