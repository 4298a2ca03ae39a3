/* A strict reader of JSON that keeps nothing.  Every object that comes in is read by it, so it counts. */
#include "base/json_scan.h"

#include <ctype.h>
#include <string.h>

#include "base/json.h"

static bool skip_value(struct json_cursor *scan);

static void skip_space(struct json_cursor *scan)
{
    while (scan->at < scan->end && (*scan->at == ' ' || *scan->at == '\n' || *scan->at == '\t' || *scan->at == '\r'))
        scan->at++;
}

static bool take_char(struct json_cursor *scan, char c)
{
    skip_space(scan);
    if (scan->at >= scan->end || *scan->at != c)
        return false;
    scan->at++;
    return true;
}

/* Four digits, which are not those of NUL: no text here may hold one. */
static bool skip_code(struct json_cursor *scan)
{
    unsigned int code = 0;
    for (int i = 0; i < 4; i++) {
        scan->at++;
        if (scan->at >= scan->end || !isxdigit((unsigned char)*scan->at))
            return false;
        code = code * 16 + (*scan->at != '0');
    }
    return code != 0;
}

static bool skip_escape(struct json_cursor *scan)
{
    scan->at++;
    if (scan->at >= scan->end || *scan->at == '\0')
        return false;
    if (scan->escapes && *scan->at == 'u')
        return skip_code(scan);
    return strchr("\"\\/bfnrt", *scan->at) != NULL;
}

static bool skip_string(struct json_cursor *scan)
{
    if (!take_char(scan, '"'))
        return false;
    for (const char *at = scan->at, *end = scan->end; at < end; at++) {
        unsigned char c = (unsigned char)*at;
        if (c > '\\') /* small letters, which is most of them */
            continue;
        if (c == '"') {
            scan->at = at + 1;
            return true;
        }
        if (c == '\\') {
            scan->at = at;
            if (!skip_escape(scan))
                return false;
            at = scan->at;
        } else if (c < ' ' && scan->escapes) {
            return false;
        }
    }
    return false;
}

static size_t skip_digits(struct json_cursor *scan)
{
    const char *start = scan->at;
    while (scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9')
        scan->at++;
    return (size_t)(scan->at - start);
}

static bool skip_number(struct json_cursor *scan)
{
    if (scan->at < scan->end && *scan->at == '-')
        scan->at++;
    const char *first = scan->at;
    size_t digits = skip_digits(scan);
    if (digits == 0 || (*first == '0' && digits > 1))
        return false;
    if (scan->at < scan->end && *scan->at == '.') {
        scan->at++;
        if (skip_digits(scan) == 0)
            return false;
    }
    if (scan->at < scan->end && (*scan->at == 'e' || *scan->at == 'E')) {
        scan->at++;
        if (scan->at < scan->end && (*scan->at == '+' || *scan->at == '-'))
            scan->at++;
        return skip_digits(scan) != 0;
    }
    return true;
}

static bool skip_word(struct json_cursor *scan, const char *word)
{
    size_t length = strlen(word);
    if ((size_t)(scan->end - scan->at) < length || memcmp(scan->at, word, length) != 0)
        return false;
    scan->at += length;
    return true;
}

static bool skip_member(struct json_cursor *scan)
{
    return skip_string(scan) && take_char(scan, ':') && skip_value(scan);
}

/* Elements or members up to the closing character; the opening one has been read. */
static bool skip_items(struct json_cursor *scan, bool (*skip_item)(struct json_cursor *scan), char close)
{
    if (++scan->depth > JSON_DEPTH_MAX)
        return false;
    if (!take_char(scan, close)) {
        do {
            if (!skip_item(scan))
                return false;
        } while (take_char(scan, ','));
        if (!take_char(scan, close))
            return false;
    }
    scan->depth--;
    return true;
}

static bool skip_value(struct json_cursor *scan)
{
    skip_space(scan);
    if (scan->at >= scan->end)
        return false;
    switch (*scan->at) {
    case '"':
        return skip_string(scan);
    case '{':
        scan->at++;
        return skip_items(scan, skip_member, '}');
    case '[':
        scan->at++;
        return skip_items(scan, skip_value, ']');
    case 't':
        return skip_word(scan, "true");
    case 'f':
        return skip_word(scan, "false");
    case 'n':
        return skip_word(scan, "null");
    default:
        return skip_number(scan);
    }
}

static bool take_member(struct json_cursor *scan, json_member_fn *take, void *user)
{
    skip_space(scan);
    const char *start = scan->at;
    if (!skip_string(scan))
        return false;
    struct json_span name = {start + 1, (size_t)(scan->at - start - 2)};
    if (memchr(name.text, '\\', name.length) != NULL || !take_char(scan, ':'))
        return false;
    skip_space(scan);
    struct json_span value = {scan->at, 0};
    if (!skip_value(scan))
        return false;
    value.length = (size_t)(scan->at - value.text);
    return take(user, name, value);
}

bool json_scan_object(struct json_span object, json_member_fn *take, void *user)
{
    struct json_cursor scan = {.at = object.text, .end = object.text + object.length, .depth = 1};
    if (!take_char(&scan, '{'))
        return false;
    if (!take_char(&scan, '}')) {
        do {
            if (!take_member(&scan, take, user))
                return false;
        } while (take_char(&scan, ','));
        if (!take_char(&scan, '}'))
            return false;
    }
    skip_space(&scan);
    return scan.at == scan.end;
}

bool json_scan_is_string(struct json_span value)
{
    return value.length >= 2 && value.text[0] == '"';
}

bool json_scan_text(struct json_span value, struct json_span *ret_text)
{
    if (!json_scan_is_string(value) || memchr(value.text, '\\', value.length) != NULL)
        return false;
    *ret_text = (struct json_span){value.text + 1, value.length - 2};
    return true;
}

bool json_span_is(struct json_span span, const char *text)
{
    return strlen(text) == span.length && memcmp(span.text, text, span.length) == 0;
}

enum json_type json_cursor_type(struct json_cursor *cursor)
{
    skip_space(cursor);
    if (cursor->broken || cursor->at >= cursor->end)
        return JSON_NULL;
    switch (*cursor->at) {
    case '{':
        return JSON_OBJECT;
    case '[':
        return JSON_ARRAY;
    case '"':
        return JSON_STRING;
    case 't':
    case 'f':
        return JSON_BOOL;
    case 'n':
        return JSON_NULL;
    default:
        return JSON_NUMBER;
    }
}

/* Says `good`, and remembers when it is not. */
static bool go_on(struct json_cursor *cursor, bool good)
{
    cursor->broken = cursor->broken || !good;
    return !cursor->broken;
}

bool json_cursor_skip(struct json_cursor *cursor, struct json_span *ret_value)
{
    skip_space(cursor);
    const char *start = cursor->at;
    if (!go_on(cursor, !cursor->broken && skip_value(cursor)))
        return false;
    *ret_value = (struct json_span){start, (size_t)(cursor->at - start)};
    return true;
}

bool json_cursor_enter(struct json_cursor *cursor)
{
    enum json_type type = json_cursor_type(cursor);
    if (!go_on(cursor, (type == JSON_OBJECT || type == JSON_ARRAY) && cursor->depth < JSON_DEPTH_MAX))
        return false;
    cursor->at++;
    cursor->depth++;
    return true;
}

/* True before one more; false behind the closing character, or when something else stands there. */
static bool has_more(struct json_cursor *cursor, bool first, char close)
{
    if (cursor->broken)
        return false;
    if (take_char(cursor, close)) {
        cursor->depth--;
        return false;
    }
    return go_on(cursor, first || take_char(cursor, ','));
}

bool json_cursor_member(struct json_cursor *cursor, bool first, struct json_span *ret_name)
{
    if (!has_more(cursor, first, '}'))
        return false;
    skip_space(cursor);
    const char *start = cursor->at;
    if (!go_on(cursor, skip_string(cursor)))
        return false;
    *ret_name = (struct json_span){start + 1, (size_t)(cursor->at - start - 2)};
    return go_on(cursor, take_char(cursor, ':'));
}

bool json_cursor_item(struct json_cursor *cursor, bool first)
{
    return has_more(cursor, first, ']');
}

bool json_cursor_at_end(struct json_cursor *cursor)
{
    skip_space(cursor);
    return !cursor->broken && cursor->at == cursor->end;
}
