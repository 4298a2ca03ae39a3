/* Canonical JSON text, equality and order of JSON values. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"

static bool needs_escape(unsigned char c)
{
    return c < 0x20 || c == '"' || c == '\\' || c == 0x7f;
}

/* Without a branch per byte, so that many are looked at in one step. */
static bool is_plain(const char *text, size_t length)
{
    unsigned int odd = 0;
    for (size_t i = 0; i < length; i++)
        odd |= needs_escape((unsigned char)text[i]);
    return odd == 0;
}

/* What stands behind the backslash, or 'u'. */
static char escape_of(unsigned char c)
{
    switch (c) {
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return c == '"' || c == '\\' ? (char)c : 'u';
    }
}

static size_t escaped_length(const char *text, size_t length)
{
    size_t total = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        total += !needs_escape(c) ? 1 : escape_of(c) == 'u' ? 6 : 2;
    }
    return total;
}

static char *write_escaped(char *at, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    *at++ = '\\';
    *at++ = escape_of(c);
    if (at[-1] == 'u') {
        *at++ = '0';
        *at++ = '0';
        *at++ = hex[c >> 4];
        *at++ = hex[c & 15];
    }
    return at;
}

/* All of it or, over the limit, nothing. */
void json_print_string(const char *text, size_t length, struct buf *out)
{
    bool plain = is_plain(text, length);
    size_t size = (plain ? length : escaped_length(text, length)) + 2;
    char *at = buf_extend(out, size);
    if (at == NULL)
        return;
    at[0] = at[size - 1] = '"';
    at++;
    if (plain) {
        memcpy(at, text, length);
        return;
    }
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (needs_escape(c))
            at = write_escaped(at, c);
        else
            *at++ = (char)c;
    }
}

void json_print_integer(int64_t number, struct buf *out)
{
    char text[24];
    size_t at = sizeof(text);
    uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;
    do {
        text[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest != 0);
    if (number < 0)
        text[--at] = '-';
    buf_append(out, text + at, sizeof(text) - at);
}

void json_print_number(double number, struct buf *out)
{
    char text[40];
    if (number == floor(number) && fabs(number) <= 9007199254740992.0) {
        json_print_integer((int64_t)number, out);
        return;
    }
    if (!isfinite(number)) {
        snprintf(text, sizeof(text), "null");
    } else {
        /* the shortest form that reads back as the same number */
        for (int digits = 15; digits <= 17; digits++) {
            snprintf(text, sizeof(text), "%.*g", digits, number);
            if (strtod(text, NULL) == number)
                break;
        }
    }
    buf_append_text(out, text);
}

static int by_name(const void *left, const void *right)
{
    return strcmp(json_name(*(struct json *const *)left), json_name(*(struct json *const *)right));
}

/* Members sorted by name; the caller frees. */
static struct json **sorted_members(const struct json *object, size_t *ret_count)
{
    size_t count = json_count(object);
    struct json **members = xcalloc(count + 1, sizeof(struct json *));
    size_t at = 0;
    json_each (member, object)
        members[at++] = member;
    qsort(members, count, sizeof(*members), by_name);
    *ret_count = count;
    return members;
}

static void new_line(struct buf *out, int indent)
{
    if (indent < 0)
        return;
    buf_append_char(out, '\n');
    for (int i = 0; i < indent; i++)
        buf_append(out, "  ", 2);
}

static void print(const struct json *value, struct buf *out, int indent);

static void print_object(const struct json *object, struct buf *out, int indent)
{
    size_t count;
    struct json **members = sorted_members(object, &count);
    int inner = indent < 0 ? -1 : indent + 1;
    buf_append_char(out, '{');
    for (size_t i = 0; i < count; i++) {
        if (i != 0)
            buf_append_char(out, ',');
        new_line(out, inner);
        const char *name = json_name(members[i]);
        json_print_string(name, strlen(name), out);
        buf_append(out, ": ", indent < 0 ? 1 : 2);
        print(members[i], out, inner);
    }
    if (count != 0)
        new_line(out, indent);
    buf_append_char(out, '}');
    free(members);
}

static void print_array(const struct json *array, struct buf *out, int indent)
{
    int inner = indent < 0 ? -1 : indent + 1;
    bool first = true;
    buf_append_char(out, '[');
    json_each (item, array) {
        if (!first)
            buf_append_char(out, ',');
        first = false;
        new_line(out, inner);
        print(item, out, inner);
    }
    if (!first)
        new_line(out, indent);
    buf_append_char(out, ']');
}

static void print(const struct json *value, struct buf *out, int indent)
{
    switch (json_type(value)) {
    case JSON_NULL:
        buf_append(out, "null", 4);
        break;
    case JSON_BOOL:
        buf_append_text(out, json_truth(value, false) ? "true" : "false");
        break;
    case JSON_NUMBER:
        json_print_number(json_number(value, 0), out);
        break;
    case JSON_STRING:
        json_print_string(json_text(value), strlen(json_text(value)), out);
        break;
    case JSON_ARRAY:
        print_array(value, out, indent);
        break;
    case JSON_OBJECT:
        print_object(value, out, indent);
        break;
    }
}

void json_print(const struct json *value, struct buf *out)
{
    print(value, out, -1);
}

char *json_print_text(const struct json *value)
{
    struct buf out = BUF_OWN;
    print(value, &out, -1);
    return buf_take(&out);
}

/* Only texts hold characters beyond ASCII, where an escape means the same. */
void json_print_pretty(const struct json *value, struct buf *out)
{
    AUTO(buf) struct buf raw = BUF_OWN;
    print(value, &raw, 0);
    const char *text = buf_text(&raw), *end = text + raw.length;
    for (const char *at = text; at < end;) {
        size_t size = (unsigned char)*at < 0x7f ? 1 : text_utf8_length(at, (size_t)(end - at));
        if ((unsigned char)*at < 0x7f || (size != 0 && !text_is_control(at, size)))
            buf_append(out, at, size);
        else
            text_append_shown_bytes(out, size != 0 ? at : "\xef\xbf\xbd", size != 0 ? size : 3);
        at += size != 0 ? size : 1;
    }
}

static int compare_objects(const struct json *left, const struct json *right)
{
    size_t left_count, right_count;
    struct json **a = sorted_members(left, &left_count);
    struct json **b = sorted_members(right, &right_count);
    int order = (left_count > right_count) - (left_count < right_count);
    for (size_t i = 0; order == 0 && i < left_count; i++) {
        order = strcmp(json_name(a[i]), json_name(b[i]));
        if (order == 0)
            order = json_compare(a[i], b[i]);
    }
    free(a);
    free(b);
    return order;
}

static int compare_arrays(const struct json *left, const struct json *right)
{
    const struct json *a = json_first(left);
    const struct json *b = json_first(right);
    for (; a != NULL && b != NULL; a = json_after(a), b = json_after(b)) {
        int order = json_compare(a, b);
        if (order != 0)
            return order;
    }
    return (a != NULL) - (b != NULL);
}

int json_compare(const struct json *left, const struct json *right)
{
    enum json_type type = json_type(left);
    if (type != json_type(right))
        return (int)type - (int)json_type(right);
    switch (type) {
    case JSON_BOOL:
        return (int)json_truth(left, false) - (int)json_truth(right, false);
    case JSON_NUMBER:
        return (json_number(left, 0) > json_number(right, 0)) - (json_number(left, 0) < json_number(right, 0));
    case JSON_STRING:
        return strcmp(json_text(left), json_text(right));
    case JSON_ARRAY:
        return compare_arrays(left, right);
    case JSON_OBJECT:
        return compare_objects(left, right);
    default:
        return 0;
    }
}

bool json_equal(const struct json *left, const struct json *right)
{
    return json_compare(left, right) == 0;
}
