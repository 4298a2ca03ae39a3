/* Block mappings and sequences line by line; scalars and flow collections that stand on one line; comments.  No
 * anchors, tags, block scalars, escapes, tabs or other characters than ASCII. */
#include "yaml_plain.h"

#include <string.h>

#include "base/json.h"
#include "yaml_keys.h"
#include "yaml_scalar.h"

#define PLAIN_DEPTH_MAX 40
#define PLAIN_KEY_MAX   500 /* libyaml has its own limit, which is higher */
#define NO_LINE         (-1)

struct plain {
    const char *at, *stop; /* what is left of the present line, without spaces and comment lines around */
    const char *next;      /* the line after it */
    const char *end;
    struct buf *out;
    int indent; /* of the present line; NO_LINE: there is none left */
    int line;   /* from 0 */
    int depth;
};

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Goes to the next line that is neither blank nor a comment. */
static void next_line(struct plain *plain)
{
    while (plain->next < plain->end) {
        const char *start = plain->next;
        const char *stop = memchr(start, '\n', (size_t)(plain->end - start));
        if (stop == NULL)
            stop = plain->end;
        plain->next = stop < plain->end ? stop + 1 : stop;
        plain->line++;
        const char *at = start;
        while (at < stop && *at == ' ')
            at++;
        if (at == stop || *at == '#')
            continue;
        while (stop[-1] == ' ')
            stop--;
        plain->at = at;
        plain->stop = stop;
        plain->indent = (int)(at - start);
        return;
    }
    plain->indent = NO_LINE;
}

static const char *skip_spaces(const char *at, const char *stop)
{
    while (at < stop && *at == ' ')
        at++;
    return at;
}

/* Nothing but a comment is left; `at` is behind something. */
static bool is_rest_blank(const char *at, const char *stop)
{
    const char *rest = skip_spaces(at, stop);
    return rest == stop || (*rest == '#' && rest > at);
}

/* The closing quote of a text without escapes that opens at `at`, or NULL. */
static const char *closing_quote(const char *at, const char *stop)
{
    const char *close = memchr(at + 1, *at, (size_t)(stop - at - 1));
    if (close == NULL || (*at == '"' && memchr(at, '\\', (size_t)(close - at)) != NULL))
        return NULL;
    return *at == '\'' && close + 1 < stop && close[1] == '\'' ? NULL : close;
}

/* The end of the key that begins at `at`: its colon, which a space or the line's end follows; or NULL. */
static const char *end_of_key(const char *at, const char *stop)
{
    const char *colon = at;
    if (at < stop && *at == '"') {
        const char *close = closing_quote(at, stop);
        if (close == NULL)
            return NULL;
        colon = close + 1;
    } else if (at < stop && is_word(*at)) {
        while (colon < stop && (is_word(*colon) || *colon == '-' || *colon == '.' || *colon == '/'))
            colon++;
    } else {
        return NULL;
    }
    if (colon >= stop || *colon != ':' || colon - at > PLAIN_KEY_MAX)
        return NULL;
    return colon + 1 == stop || colon[1] == ' ' ? colon : NULL;
}

/* False when it stands twice, or over the limit. */
static bool write_key(struct plain *plain, struct yaml_keys *keys, const char *at, const char *colon)
{
    struct buf *out = plain->out;
    if (keys->count != 0 && buf_append_char(out, ',') != 0)
        return false;
    size_t start = out->length;
    if (*at == '"')
        json_print_string(at + 1, (size_t)(colon - at) - 2, out);
    else
        yaml_scalar_print_key(at, (size_t)(colon - at), out);
    return out->length > start && yaml_keys_add(keys, out, start) && buf_append_char(out, ':') == 0;
}

static bool write_scalar(struct plain *plain, const char *at, const char *stop, bool quoted)
{
    size_t before = plain->out->length;
    if (quoted)
        json_print_string(at, (size_t)(stop - at), plain->out);
    else
        yaml_scalar_print(at, (size_t)(stop - at), plain->out);
    return plain->out->length > before;
}

static bool begins_plain(const char *at, const char *stop)
{
    if (is_word(*at) || strchr("/.^$~+(", *at) != NULL)
        return true;
    return *at == '-' && at + 1 < stop && is_word(at[1]);
}

static const char *without_spaces(const char *at, const char *stop)
{
    while (stop > at && stop[-1] == ' ')
        stop--;
    return stop;
}

static const char *read_flow(struct plain *plain, const char *at, const char *stop);

/* The functions of flow collections return where they stopped, or NULL. */
static const char *read_flow_scalar(struct plain *plain, const char *at, const char *stop)
{
    if (*at == '"' || *at == '\'') {
        const char *close = closing_quote(at, stop);
        return close != NULL && write_scalar(plain, at + 1, close, true) ? close + 1 : NULL;
    }
    if (!begins_plain(at, stop))
        return NULL;
    const char *c = at;
    for (; c < stop && *c != ',' && *c != ']' && *c != '}'; c++) {
        if (strchr("[{#?&*!|>%@`", *c) != NULL)
            return NULL;
        if (*c == ':' && (c + 1 == stop || (!is_word(c[1]) && c[1] != '/')))
            return NULL;
    }
    return write_scalar(plain, at, without_spaces(at, c), false) ? c : NULL;
}

static const char *read_flow_member(struct plain *plain, struct yaml_keys *keys, const char *at, const char *stop)
{
    const char *colon = end_of_key(at, stop);
    if (colon == NULL || !write_key(plain, keys, at, colon))
        return NULL;
    at = skip_spaces(colon + 1, stop);
    return at < stop ? read_flow(plain, at, stop) : NULL;
}

static const char *read_flow_items(struct plain *plain, struct yaml_keys *keys, const char *at, const char *stop)
{
    bool mapping = *at == '{';
    char close = mapping ? '}' : ']';
    buf_append_char(plain->out, *at);
    at = skip_spaces(at + 1, stop);
    for (bool first = true; first ? at < stop && *at != close : true; first = false) {
        if (!first && !mapping)
            buf_append_char(plain->out, ',');
        at = mapping ? read_flow_member(plain, keys, at, stop) : read_flow(plain, at, stop);
        if (at == NULL)
            return NULL;
        at = skip_spaces(at, stop);
        if (at < stop && *at == close)
            break;
        if (at >= stop || *at != ',')
            return NULL;
        at = skip_spaces(at + 1, stop);
        if (at >= stop)
            return NULL;
    }
    return at < stop && buf_append_char(plain->out, close) == 0 ? at + 1 : NULL;
}

static const char *read_flow(struct plain *plain, const char *at, const char *stop)
{
    if (*at != '{' && *at != '[')
        return read_flow_scalar(plain, at, stop);
    if (plain->depth == PLAIN_DEPTH_MAX)
        return NULL;
    plain->depth++;
    struct yaml_keys keys = {0};
    at = read_flow_items(plain, &keys, at, stop);
    yaml_keys_done(&keys);
    plain->depth--;
    return at;
}

static bool read_plain_scalar(struct plain *plain, const char *at, const char *stop)
{
    if (!begins_plain(at, stop))
        return false;
    const char *c = at;
    for (; c < stop; c++) {
        if (*c == ':' && (c + 1 == stop || c[1] == ' '))
            return false;
        if (*c == '#' && c[-1] == ' ')
            break;
    }
    return write_scalar(plain, at, without_spaces(at, c), false);
}

/* A value that begins on the present line and must end there; what follows may not stand deeper than `indent`, or it would belong to
 * the value. */
static bool read_inline(struct plain *plain, const char *at, int indent)
{
    const char *stop = plain->stop;
    bool good;
    if (*at == '"' || *at == '\'') {
        const char *close = closing_quote(at, stop);
        good = close != NULL && is_rest_blank(close + 1, stop) && write_scalar(plain, at + 1, close, true);
    } else if (*at == '{' || *at == '[') {
        const char *rest = read_flow(plain, at, stop);
        good = rest != NULL && is_rest_blank(rest, stop);
    } else {
        good = read_plain_scalar(plain, at, stop);
    }
    if (good)
        next_line(plain);
    return good && plain->indent <= indent;
}

static bool is_dash(const struct plain *plain)
{
    return plain->indent != NO_LINE && *plain->at == '-' && (plain->at + 1 == plain->stop || plain->at[1] == ' ');
}

static bool read_block(struct plain *plain);

/* What stands below a key or a dash without a value on its line. */
static bool read_below(struct plain *plain, int indent, bool of_key)
{
    next_line(plain);
    if (plain->indent > indent || (of_key && plain->indent == indent && is_dash(plain)))
        return read_block(plain);
    return buf_append(plain->out, "null", 4) == 0;
}

static bool read_members(struct plain *plain, struct yaml_keys *keys)
{
    int indent = plain->indent;
    while (plain->indent == indent) {
        const char *colon = end_of_key(plain->at, plain->stop);
        if (colon == NULL || !write_key(plain, keys, plain->at, colon))
            return false;
        const char *value = skip_spaces(colon + 1, plain->stop);
        bool below = value == plain->stop || *value == '#';
        if (!(below ? read_below(plain, indent, true) : read_inline(plain, value, indent)))
            return false;
    }
    return plain->indent < indent;
}

static bool read_mapping(struct plain *plain)
{
    buf_append_char(plain->out, '{');
    struct yaml_keys keys = {0};
    bool good = read_members(plain, &keys);
    yaml_keys_done(&keys);
    return good && buf_append_char(plain->out, '}') == 0;
}

static bool read_item(struct plain *plain, int indent)
{
    const char *value = skip_spaces(plain->at + 1, plain->stop);
    if (value == plain->stop || *value == '#')
        return read_below(plain, indent, false);
    if (end_of_key(value, plain->stop) == NULL)
        return read_inline(plain, value, indent);
    plain->indent += (int)(value - plain->at);
    plain->at = value;
    return read_mapping(plain);
}

static bool read_sequence(struct plain *plain)
{
    int indent = plain->indent;
    buf_append_char(plain->out, '[');
    for (bool first = true; plain->indent == indent && is_dash(plain); first = false) {
        if (!first)
            buf_append_char(plain->out, ',');
        if (!read_item(plain, indent))
            return false;
    }
    return plain->indent <= indent && buf_append_char(plain->out, ']') == 0;
}

static bool read_block(struct plain *plain)
{
    if (plain->depth == PLAIN_DEPTH_MAX)
        return false;
    plain->depth++;
    bool good = is_dash(plain) ? read_sequence(plain) : read_mapping(plain);
    plain->depth--;
    return good;
}

/* Printable ASCII, and no "..." line. */
static bool is_simple(const char *text, size_t length)
{
    unsigned char odd = 0;
    for (size_t i = 0; i < length; i++)
        odd |= (unsigned char)((unsigned char)(text[i] - 0x20) > 0x5e && text[i] != '\n');
    return odd == 0 && memmem(text, length, "\n...", 4) == NULL && (length < 3 || memcmp(text, "...", 3) != 0);
}

bool yaml_plain_read(const char *text, size_t length, struct buf *out, int *ret_line)
{
    if (!is_simple(text, length))
        return false;
    struct plain plain = {.next = text, .end = text + length, .out = out, .line = -1};
    next_line(&plain);
    if (plain.indent == 0 && plain.stop - plain.at >= 3 && memcmp(plain.at, "---", 3) == 0) {
        if (!is_rest_blank(plain.at + 3, plain.stop))
            return false;
        next_line(&plain);
    }
    *ret_line = plain.line;
    return plain.indent == NO_LINE || (read_block(&plain) && plain.indent == NO_LINE);
}
