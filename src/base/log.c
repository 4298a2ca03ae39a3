/* Log lines: how a message and its pairs are written, and that a line is one write. */
#include "base/log.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"

#define LOG_VALUE_MAX 4096         /* bytes of one value; the rest is cut */
#define LOG_LINE_MAX  (64u * 1024) /* bytes of a line; pairs that do not fit are left out */

static const char *const level_names[] = {"error", "warn", "info", "debug", "trace"};

/* Bytes of the well-formed UTF-8 character at `text`, or 0. */
static size_t utf8_length(const unsigned char *text, size_t left)
{
    static const struct {
        unsigned char first, last, second_low, second_high, length;
    } forms[] = {
        {0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        if (text[0] < forms[i].first || text[0] > forms[i].last)
            continue;
        if (forms[i].length > left)
            return 0;
        if (forms[i].length > 1 && (text[1] < forms[i].second_low || text[1] > forms[i].second_high))
            return 0;
        for (size_t k = 2; k < forms[i].length; k++) {
            if ((text[k] & 0xc0) != 0x80)
                return 0;
        }
        return forms[i].length;
    }
    return 0;
}

/* Control characters, those of C1 (0xc2 0x80 … 0xc2 0x9f) included: they steer terminals. */
static bool is_control(const unsigned char *text, size_t length)
{
    return length == 1 ? text[0] < 0x20 || text[0] == 0x7f : length == 2 && text[0] == 0xc2 && text[1] < 0xa0;
}

static int append_escaped(struct buf *line, const unsigned char *text, size_t length)
{
    if (length == 0)
        return buf_append_text(line, "\\ufffd");
    if (is_control(text, length)) {
        if (text[0] == '\n')
            return buf_append_text(line, "\\n");
        return buf_printf(line, "\\u%04x", length == 1 ? text[0] : text[1]);
    }
    if (text[0] == '"' || text[0] == '\\')
        buf_append_char(line, '\\');
    return buf_append(line, text, length);
}

static void append_quoted(struct buf *line, const char *value)
{
    const unsigned char *text = (const unsigned char *)value;
    size_t left = strlen(value);
    size_t end = left <= LOG_VALUE_MAX ? 0 : left - LOG_VALUE_MAX;
    buf_append_char(line, '"');
    while (left > end) {
        size_t length = utf8_length(text, left);
        append_escaped(line, text, length);
        text += length != 0 ? length : 1;
        left -= length != 0 ? length : 1;
    }
    buf_append_text(line, end != 0 ? "…\"" : "\"");
}

static bool needs_quotes(const char *value)
{
    size_t length = strlen(value);
    if (length == 0 || length > LOG_VALUE_MAX)
        return true;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)value[i];
        if (c <= ' ' || c >= 0x7f || c == '=' || c == '"' || c == '\\')
            return true;
    }
    return false;
}

static void append_pair(struct buf *line, enum log_format format, const char *name, const char *value)
{
    size_t before = line->length;
    if (value == NULL)
        value = "";
    if (format == LOG_JSON) {
        buf_append_text(line, before == 0 ? "{" : ",");
        append_quoted(line, name);
        buf_append_char(line, ':');
        append_quoted(line, value);
    } else {
        if (before != 0)
            buf_append_char(line, ' ');
        buf_append_text(line, name);
        buf_append_char(line, '=');
        if (needs_quotes(value))
            append_quoted(line, value);
        else
            buf_append_text(line, value);
    }
}

void log_write(const struct log *log, enum log_level level, const char *message, ...)
{
    if (log == NULL || level > log->level)
        return;
    char now[CLOCK_TEXT_SIZE];
    clock_format_micro(clock_wall(), now);
    AUTO(buf) struct buf line = BUF_INIT(LOG_LINE_MAX + 8 * LOG_VALUE_MAX);
    append_pair(&line, log->format, "time", now);
    append_pair(&line, log->format, "level", level_names[level]);
    append_pair(&line, log->format, "msg", message);

    va_list pairs;
    va_start(pairs, message);
    for (const char *name; line.length < LOG_LINE_MAX && (name = va_arg(pairs, const char *)) != NULL;)
        append_pair(&line, log->format, name, va_arg(pairs, const char *));
    va_end(pairs);

    buf_append_text(&line, log->format == LOG_JSON ? "}\n" : "\n");
    ssize_t written = write(log->fd, line.data, line.length);
    (void)written;
}

const char *log_number_format(struct log_number *number, long long value)
{
    snprintf(number->text, sizeof(number->text), "%lld", value);
    return number->text;
}

bool log_level_parse(const char *text, enum log_level *ret_level)
{
    for (size_t i = 0; i < COUNT_OF(level_names); i++) {
        if (strcasecmp(text, level_names[i]) == 0) {
            *ret_level = (enum log_level)i;
            return true;
        }
    }
    return false;
}
