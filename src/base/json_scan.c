/* A strict reader of JSON that keeps nothing.  Every object that comes in is read by it, so it counts. */
#include "base/json_scan.h"

#include <string.h>

#include "base/json.h"

struct scan {
    const char *at;
    const char *end;
    int depth;
};

static bool skip_value(struct scan *scan);

static void skip_space(struct scan *scan)
{
    while (scan->at < scan->end && (*scan->at == ' ' || *scan->at == '\n' || *scan->at == '\t' || *scan->at == '\r'))
        scan->at++;
}

static bool take_char(struct scan *scan, char c)
{
    skip_space(scan);
    if (scan->at >= scan->end || *scan->at != c)
        return false;
    scan->at++;
    return true;
}

static bool skip_string(struct scan *scan)
{
    if (!take_char(scan, '"'))
        return false;
    for (; scan->at < scan->end && *scan->at != '"'; scan->at++) {
        if (*scan->at != '\\')
            continue;
        scan->at++;
        if (scan->at >= scan->end || *scan->at == '\0' || strchr("\"\\/bfnrt", *scan->at) == NULL)
            return false;
    }
    return take_char(scan, '"');
}

static size_t skip_digits(struct scan *scan)
{
    const char *start = scan->at;
    while (scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9')
        scan->at++;
    return (size_t)(scan->at - start);
}

static bool skip_number(struct scan *scan)
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

static bool skip_word(struct scan *scan, const char *word)
{
    size_t length = strlen(word);
    if ((size_t)(scan->end - scan->at) < length || memcmp(scan->at, word, length) != 0)
        return false;
    scan->at += length;
    return true;
}

static bool skip_member(struct scan *scan)
{
    return skip_string(scan) && take_char(scan, ':') && skip_value(scan);
}

/* Elements or members up to the closing character; the opening one has been read. */
static bool skip_items(struct scan *scan, bool (*skip_item)(struct scan *scan), char close)
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

static bool skip_value(struct scan *scan)
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

static bool take_member(struct scan *scan, json_member_fn *take, void *user)
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
    struct scan scan = {object.text, object.text + object.length, 1};
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
