/* Log lines: how a message and its pairs are written, and that a line is one write. */
#include "base/log.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"

#define LOG_VALUE_MAX 4096         /* bytes of one value; the rest is cut */
#define LOG_LINE_MAX  (64u * 1024) /* bytes of a line; pairs that do not fit are left out */

static const char *const level_names[] = {"error", "warn", "info", "debug", "trace"};

/* \xff is no escape of JSON. */
static void append_escaped(struct buf *line, const char *text, size_t length)
{
    if (length == 0) {
        buf_append_text(line, "\\ufffd");
        return;
    }
    if (text[0] == '"' || text[0] == '\\')
        buf_append_char(line, '\\');
    text_append_shown_bytes(line, text, length);
}

static void append_quoted(struct buf *line, const char *value)
{
    const char *text = value;
    size_t left = strlen(value);
    size_t end = left <= LOG_VALUE_MAX ? 0 : left - LOG_VALUE_MAX;
    buf_append_char(line, '"');
    while (left > end) {
        size_t length = text_utf8_length(text, left);
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
