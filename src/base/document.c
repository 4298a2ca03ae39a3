/* Which documents are JSON: those that begin with a bracket and are read as JSON without a fault.  YAML has no word for characters
 * beyond the basic plane that JSON writes as pairs, and no second document without a line "---". */
#include "base/document.h"

#include <string.h>

#include "base/json_scan.h"
#include "base/yaml.h"
#include "utf16.h"
#include "yaml_marks.h"

struct reading {
    const struct document_events *events;
    const char *at, *end;
    size_t lines; /* in front of `at` */
    bool stopped; /* nobody knows where the next document begins */
};

static void go_to(struct reading *reading, const char *target)
{
    if (target == reading->end) /* nobody asks for lines behind it */
        reading->at = target;
    for (; reading->at < target; reading->at++)
        reading->lines += *reading->at == '\n';
}

/* Marks of files that somebody has put together count as space. */
static const char *skip_space(const char *at, const char *end)
{
    for (;;) {
        while (at < end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n'))
            at++;
        if (end - at < 3 || memcmp(at, "\xef\xbb\xbf", 3) != 0)
            return at;
        at += 3;
    }
}

static bool is_bracket(const char *at, const char *end)
{
    return at < end && (*at == '{' || *at == '[');
}

/* Behind a line "---", and comments. */
static const char *begin_of_content(const char *at, const char *end)
{
    at = skip_space(at, end);
    if (end - at >= 3 && memcmp(at, "---", 3) == 0)
        at = skip_space(at + 3, end);
    while (at < end && *at == '#') {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        at = stop != NULL ? skip_space(stop, end) : end;
    }
    return at;
}

/* The end of the JSON value at `at`, when one stands there whole and nothing but another one follows before `end`. */
static const char *end_of_json(const char *at, const char *end)
{
    struct json_cursor cursor = JSON_CURSOR(at, (size_t)(end - at));
    struct json_span value;
    if (!is_bracket(at, end) || !json_cursor_skip(&cursor, &value))
        return NULL;
    const char *next = skip_space(cursor.at, end);
    return next == end || is_bracket(next, end) ? cursor.at : NULL;
}

/* Where the next document may begin when this one is broken: a line that opens a mapping at its margin. */
static const char *next_line_with_brace(const char *at, const char *end)
{
    const char *found = memmem(at, (size_t)(end - at), "\n{", 2);
    return found != NULL ? found + 1 : NULL;
}

static void deliver_json(struct reading *reading, const char *stop)
{
    struct document document = {reading->at, (size_t)(stop - reading->at), (int)reading->lines + 1, NULL};
    reading->events->document(reading->events->user, &document);
    go_to(reading, stop);
}

/* A tree says where it is broken; what it puts up with, the scan does not. */
static void refuse_json(struct reading *reading, const char *stop)
{
    struct json *tree = NULL;
    struct err why = ERR_INIT;
    size_t length = (size_t)(stop - reading->at);
    if (json_parse(reading->at, length, &tree, &why) == 0)
        err_set(&why, ERR_PARSE, "this is no JSON (a raw control character, a NUL, or a number in a wrong form)");
    json_free(tree);
    reading->events->broken(reading->events->user, (int)reading->lines + 1, false, &why);
    go_to(reading, stop);
}

/* One document after another up to `end`; `at` is at a bracket, and the first one may be broken. */
static void read_json_sequence(struct reading *reading, const char *end)
{
    while (reading->at < end) {
        const char *stop = end_of_json(reading->at, end);
        if (stop != NULL) {
            deliver_json(reading, stop);
        } else {
            stop = next_line_with_brace(reading->at, end);
            refuse_json(reading, stop != NULL ? stop : end);
        }
        go_to(reading, skip_space(reading->at, end));
    }
}

static int take_yaml(void *user, const struct yaml_document *yaml, struct err *err)
{
    struct reading *reading = user;
    struct document document = {yaml->text, yaml->length, yaml->line, yaml};
    reading->events->document(reading->events->user, &document);
    return 0;
}

/* False when it is broken. */
static bool try_yaml(struct reading *reading, const char *end, struct yaml_failure *ret_failure, struct err *err)
{
    struct yaml_input input = {reading->at, (size_t)(end - reading->at), reading->events->limit, reading->lines};
    return yaml_each_document(&input, take_yaml, reading, ret_failure, err) == 0;
}

static void read_yaml(struct reading *reading, const char *end)
{
    struct err err = ERR_INIT;
    struct yaml_failure failure = {0};
    if (try_yaml(reading, end, &failure, &err)) {
        go_to(reading, end);
        return;
    }
    bool more = failure.more_text || skip_space(end, reading->end) < reading->end;
    reading->events->broken(reading->events->user, failure.line, more, &err);
    reading->stopped = true;
}

/* What begins with a bracket and is no JSON may be YAML's flow style; what neither reads is JSON if another document follows it
 * without a line "---". */
static void read_bracket(struct reading *reading, const char *begin, const char *end)
{
    struct err err = ERR_INIT;
    struct yaml_failure failure = {0};
    bool json = end_of_json(begin, end) != NULL;
    if (!json && next_line_with_brace(begin, end) != NULL && try_yaml(reading, end, &failure, &err))
        go_to(reading, end);
    else if (json || next_line_with_brace(begin, end) != NULL) {
        go_to(reading, begin);
        read_json_sequence(reading, end);
    } else {
        read_yaml(reading, end);
    }
}

static const char *next_separator(const struct reading *reading)
{
    size_t length = (size_t)(reading->end - reading->at);
    return reading->at + yaml_next_document(reading->at, length, 0);
}

/* A line opens a bracket at its margin; without one the text is YAML alone, and is read in one go. */
static bool has_bracket(const char *text, size_t length)
{
    const char *end = text + length;
    if (is_bracket(skip_space(text, end), end))
        return true;
    for (const char *at = text; at != NULL && at < end;) {
        if (is_bracket(at, end) ||
            (*at == '-' && end - at > 4 && memcmp(at, "--- ", 4) == 0 && is_bracket(at + 4, end)))
            return true;
        at = memchr(at, '\n', (size_t)(end - at));
        at = at != NULL ? at + 1 : NULL;
    }
    return false;
}

static void read_text(const char *text, size_t length, const struct document_events *events)
{
    struct reading reading = {.events = events, .at = text, .end = text + length};
    if (!has_bracket(text, length)) {
        read_yaml(&reading, reading.end);
        return;
    }
    while (reading.at < reading.end && !reading.stopped) {
        const char *end = next_separator(&reading), *begin = begin_of_content(reading.at, end);
        /* a directive holds for what follows, too */
        if (*reading.at == '%' || memmem(reading.at, (size_t)(end - reading.at), "\n%", 2) != NULL)
            end = reading.end;
        if (is_bracket(begin, end))
            read_bracket(&reading, begin, end);
        else
            read_yaml(&reading, end);
    }
}

void document_each(const char *text, size_t length, const struct document_events *events)
{
    AUTO(buf) struct buf converted = BUF_OWN;
    AUTO(buf) struct buf unmarked = BUF_OWN;
    if (utf16_convert(text, length, &converted)) {
        text = buf_text(&converted);
        length = converted.length;
    }
    if (yaml_without_marks(text, length, &unmarked)) {
        text = buf_text(&unmarked);
        length = unmarked.length;
    }
    read_text(text, length, events);
}

void document_find_lines(const struct document *document, const size_t *offsets, int *ret_lines, size_t count)
{
    if (document->yaml != NULL) {
        yaml_find_lines(document->yaml, offsets, ret_lines, count);
        return;
    }
    int line = document->line;
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        for (; at < offsets[i] && at < document->length; at++)
            line += document->text[at] == '\n';
        ret_lines[i] = line;
    }
}
