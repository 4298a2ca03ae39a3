/* YAML to JSON text: libyaml's events are written straight out as JSON, one document at a time.
 * Aliases repeat the text of their anchor, so what explodes runs into the document's byte limit. */
#include "base/yaml.h"

#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "base/map.h"
#include "base/vec.h"
#include "yaml_keys.h"
#include "yaml_marks.h"
#include "yaml_plain.h"
#include "yaml_scalar.h"

#define QUOTE_ALIAS " (quote values that begin with *)"

struct anchor {
    char *text;
    size_t length;
};

struct frame {
    bool mapping;
    bool expects_value; /* in a mapping: the key was written */
    bool merges;        /* the value to come belongs to "<<" */
    size_t members;
    size_t start;       /* offset in `out` where this node's text begins */
    size_t value_start; /* of the value under way, for merges */
    char *anchor;
    struct yaml_keys keys;
    struct buf merged; /* texts of "<<" values, one after another with NULs between */
};

struct place {
    size_t offset; /* in the JSON */
    int line;
};

struct reader {
    yaml_parser_t parser;
    struct buf out;
    struct frame frames[YAML_DEPTH_MAX];
    int depth;
    struct map anchors; /* name -> struct anchor */
    size_t anchor_bytes;
    size_t limit;
    size_t first_line; /* of what the parser was given, in the whole text */
    int line;
    bool have_node;
    struct yaml_input source;    /* of the document under way */
    struct yaml_failure failure; /* set with an error */
    bool notes_places;
    struct {
        VEC(struct place);
    } places;
    struct err *err;
};

static void anchor_free(void *value)
{
    struct anchor *anchor = value;
    free(anchor->text);
    free(anchor);
}

static void frame_done(struct frame *frame)
{
    free(frame->anchor);
    yaml_keys_done(&frame->keys);
    buf_done(&frame->merged);
}

static size_t line_of(const struct reader *reader, const yaml_mark_t *mark)
{
    return reader->first_line + mark->line + 1;
}

static void failed_at(struct reader *reader, const yaml_mark_t *mark)
{
    reader->failure.line = (int)line_of(reader, mark);
}

static int fail(struct reader *reader, const yaml_mark_t *mark, enum err_code code, const char *text)
{
    failed_at(reader, mark);
    return err_set(reader->err, code, "line %zu, column %zu: %s", line_of(reader, mark), mark->column + 1, text);
}

static struct frame *top(struct reader *reader)
{
    return reader->depth > 0 ? &reader->frames[reader->depth - 1] : NULL;
}

static int too_big(struct reader *reader, const yaml_mark_t *mark)
{
    failed_at(reader, mark);
    return err_set(reader->err, ERR_TOO_BIG,
                   "line %zu: the document grows over %zu bytes (do aliases repeat too much?)", line_of(reader, mark),
                   reader->limit);
}

/* A key, an element or the whole begins here in the JSON. */
static void note_place(struct reader *reader, const yaml_mark_t *mark)
{
    if (!reader->notes_places)
        return;
    struct place place = {reader->out.length, (int)line_of(reader, mark)};
    vec_push(&reader->places, place);
}

/* Commas and colons in front of a node that comes as a value or element. */
static int begin_node(struct reader *reader, const yaml_event_t *event)
{
    struct frame *frame = top(reader);
    if (!reader->have_node) {
        reader->have_node = true;
        reader->line = (int)line_of(reader, &event->start_mark);
    }
    if (frame == NULL) {
        note_place(reader, &event->start_mark);
        return 0;
    }
    if (frame->mapping) {
        if (!frame->expects_value)
            return fail(reader, &event->start_mark, ERR_PARSE, "a mapping's key must be a scalar");
        frame->value_start = reader->out.length;
        return 0;
    }
    if (frame->members++ != 0 && buf_append_char(&reader->out, ',') != 0)
        return too_big(reader, &event->start_mark);
    note_place(reader, &event->start_mark);
    return 0;
}

static int keep_anchor(struct reader *reader, const char *name, size_t start, const yaml_mark_t *mark)
{
    if (name == NULL)
        return 0;
    size_t length = reader->out.length - start;
    reader->anchor_bytes += length;
    if (reader->anchor_bytes > reader->limit)
        return too_big(reader, mark);
    struct anchor *anchor = xmalloc(sizeof(*anchor));
    anchor->text = xmemdup(buf_text(&reader->out) + start, length);
    anchor->length = length;
    map_put(&reader->anchors, name, anchor);
    return 0;
}

/* After a value: a "<<" value is moved aside, to be merged when its mapping ends. */
static void end_node(struct reader *reader)
{
    struct frame *frame = top(reader);
    if (frame == NULL || !frame->mapping)
        return;
    frame->expects_value = false;
    if (frame->merges) {
        frame->merges = false;
        buf_append(&frame->merged, buf_text(&reader->out) + frame->value_start,
                   reader->out.length - frame->value_start + 1);
        reader->out.length = frame->value_start;
        reader->out.data[reader->out.length] = '\0';
        while (reader->places.count != 0 && reader->places.items[reader->places.count - 1].offset >= frame->value_start)
            reader->places.count--;
    }
}

static int write_key(struct reader *reader, struct frame *frame, const char *text, size_t length, bool plain,
                     const yaml_mark_t *mark)
{
    frame->expects_value = true;
    if (plain && length == 2 && memcmp(text, "<<", 2) == 0) {
        frame->merges = true;
        return 0;
    }
    if (frame->members++ != 0)
        buf_append_char(&reader->out, ',');
    size_t start = reader->out.length;
    note_place(reader, mark);
    if (plain)
        yaml_scalar_print_key(text, length, &reader->out);
    else
        json_print_string(text, length, &reader->out);
    if (reader->out.length == start)
        return too_big(reader, mark);
    if (!yaml_keys_add(&frame->keys, &reader->out, start)) {
        failed_at(reader, mark);
        return err_set(reader->err, ERR_PARSE, "line %zu, column %zu: the key '%.*s' stands twice in one mapping",
                       line_of(reader, mark), mark->column + 1, (int)(length > 100 ? 100 : length), text);
    }
    return buf_append_char(&reader->out, ':') != 0 ? too_big(reader, mark) : 0;
}

static int write_scalar(struct reader *reader, const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    const char *tag = (const char *)event->data.scalar.tag;
    bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (memchr(text, '\0', length) != NULL)
        return fail(reader, &event->start_mark, ERR_PARSE, "a NUL character is not allowed");

    struct frame *frame = top(reader);
    if (frame != NULL && frame->mapping && !frame->expects_value)
        return write_key(reader, frame, text, length, plain, &event->start_mark);

    int rc = begin_node(reader, event);
    if (rc != 0)
        return rc;
    size_t start = reader->out.length;
    if (tag != NULL && strcmp(tag, YAML_STR_TAG) == 0)
        json_print_string(text, length, &reader->out);
    else if (tag != NULL && strcmp(tag, YAML_INT_TAG) != 0 && strcmp(tag, YAML_BOOL_TAG) != 0 &&
             strcmp(tag, YAML_FLOAT_TAG) != 0 && strcmp(tag, YAML_NULL_TAG) != 0 && strcmp(tag, "!") != 0)
        return fail(reader, &event->start_mark, ERR_PARSE, "this tag is not supported");
    else if ((plain && tag == NULL) || (tag != NULL && strcmp(tag, "!") != 0))
        yaml_scalar_print(text, length, &reader->out);
    else
        json_print_string(text, length, &reader->out);
    if (reader->out.length == start) /* the limit refused it */
        return too_big(reader, &event->start_mark);
    rc = keep_anchor(reader, (const char *)event->data.scalar.anchor, start, &event->start_mark);
    end_node(reader);
    return rc;
}

static int open_frame(struct reader *reader, const yaml_event_t *event, bool mapping)
{
    const char *tag = (const char *)(mapping ? event->data.mapping_start.tag : event->data.sequence_start.tag);
    const char *anchor = (const char *)(mapping ? event->data.mapping_start.anchor : event->data.sequence_start.anchor);
    if (tag != NULL && strcmp(tag, mapping ? YAML_MAP_TAG : YAML_SEQ_TAG) != 0)
        return fail(reader, &event->start_mark, ERR_PARSE, "this tag is not supported");
    if (reader->depth == YAML_DEPTH_MAX)
        return fail(reader, &event->start_mark, ERR_TOO_BIG, "nested too deep");
    int rc = begin_node(reader, event);
    if (rc != 0)
        return rc;
    struct frame *frame = &reader->frames[reader->depth++];
    *frame =
        (struct frame){.mapping = mapping, .start = reader->out.length, .anchor = xstrdup(anchor), .merged = BUF_OWN};
    return buf_append_char(&reader->out, mapping ? '{' : '[') != 0 ? too_big(reader, &event->start_mark) : 0;
}

static int merge_members(struct reader *reader, struct frame *frame, const struct json *source, const yaml_mark_t *mark)
{
    if (!json_is(source, JSON_OBJECT))
        return fail(reader, mark, ERR_PARSE, "the value of '<<' must be a mapping or a list of mappings");
    json_each (member, source) {
        const char *name = json_name(member);
        size_t before = reader->out.length;
        if (frame->members != 0)
            buf_append_char(&reader->out, ',');
        size_t start = reader->out.length;
        json_print_string(name, strlen(name), &reader->out);
        if (reader->out.length - start < strlen(name) + 2)
            return too_big(reader, mark);
        if (!yaml_keys_add(&frame->keys, &reader->out, start)) {
            reader->out.length = before; /* the mapping's own value wins */
            reader->out.data[before] = '\0';
            continue;
        }
        frame->members++;
        buf_append_char(&reader->out, ':');
        json_print(member, &reader->out);
    }
    return reader->out.length >= reader->limit ? too_big(reader, mark) : 0;
}

static int merge_texts(struct reader *reader, struct frame *frame, const yaml_mark_t *mark)
{
    int rc = 0;
    for (size_t at = 0; rc == 0 && at < frame->merged.length; at += strlen(frame->merged.data + at) + 1) {
        struct json *value = NULL;
        rc = json_parse(frame->merged.data + at, strlen(frame->merged.data + at), &value, reader->err);
        if (rc != 0)
            return rc;
        if (json_is(value, JSON_ARRAY)) {
            json_each (item, value) {
                if (rc == 0)
                    rc = merge_members(reader, frame, item, mark);
            }
        } else {
            rc = merge_members(reader, frame, value, mark);
        }
        json_free(value);
    }
    return rc;
}

static int close_frame(struct reader *reader, const yaml_event_t *event)
{
    struct frame *frame = top(reader);
    int rc = merge_texts(reader, frame, &event->start_mark);
    if (rc == 0 && buf_append_char(&reader->out, frame->mapping ? '}' : ']') != 0)
        rc = too_big(reader, &event->start_mark);
    if (rc == 0)
        rc = keep_anchor(reader, frame->anchor, frame->start, &event->start_mark);
    frame_done(frame);
    reader->depth--;
    if (rc == 0)
        end_node(reader);
    return rc;
}

static int write_alias(struct reader *reader, const yaml_event_t *event)
{
    const char *name = (const char *)event->data.alias.anchor;
    int rc = begin_node(reader, event);
    if (rc != 0)
        return rc;
    const struct anchor *anchor = map_find(&reader->anchors, name);
    if (anchor == NULL) {
        failed_at(reader, &event->start_mark);
        return err_set(reader->err, ERR_PARSE, "line %zu, column %zu: the alias '*%s' names no finished anchor%s",
                       line_of(reader, &event->start_mark), event->start_mark.column + 1, name, QUOTE_ALIAS);
    }
    if (buf_append(&reader->out, anchor->text, anchor->length) != 0)
        return too_big(reader, &event->start_mark);
    end_node(reader);
    return 0;
}

static void reset_document(struct reader *reader)
{
    while (reader->depth > 0)
        frame_done(&reader->frames[--reader->depth]);
    map_done(&reader->anchors);
    map_init(&reader->anchors, anchor_free);
    reader->anchor_bytes = 0;
    reader->have_node = false;
    reader->places.count = 0;
    buf_clear(&reader->out);
}

static int deliver(struct reader *reader, yaml_document_fn *on_document, void *user)
{
    bool empty = reader->out.length == 0 || strcmp(buf_text(&reader->out), "null") == 0;
    struct yaml_document document = {reader->out.data, reader->out.length, reader->line, reader->source};
    int rc = empty ? 0 : on_document(user, &document, reader->err);
    if (rc != 0)
        reader->failure.line = reader->line;
    reset_document(reader);
    return rc;
}

/* What people most often meant to write. */
static const char *hint_for(const yaml_parser_t *parser)
{
    static const struct {
        const char *problem, *hint;
    } hints[] = {
        {"alphabetic or numeric character while scanning an alias", QUOTE_ALIAS},
        {"alphabetic or numeric character while scanning an anchor", " (quote values that begin with &)"},
        {"that cannot start any token", " (quote values that begin with @, `, % or a tab)"},
        {"mapping values are not allowed in this context", " (quote values that contain a colon and a space)"},
    };
    AUTO(text)
    char *problem = xasprintf("%s %s", parser->problem != NULL ? parser->problem : "",
                              parser->context != NULL ? parser->context : "");
    for (size_t i = 0; i < COUNT_OF(hints); i++) {
        if (strstr(problem, hints[i].problem) != NULL)
            return hints[i].hint;
    }
    return "";
}

static int parser_failed(struct reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    const yaml_mark_t *mark = &parser->problem_mark;
    bool elsewhere = parser->context != NULL && parser->context_mark.line < mark->line;
    AUTO(text)
    char *begin =
        elsewhere ? xasprintf(", which begins in line %zu", line_of(reader, &parser->context_mark)) : xstrdup("");
    failed_at(reader, mark);
    return err_set(reader->err, ERR_PARSE, "line %zu, column %zu: %s%s%s%s%s", line_of(reader, mark), mark->column + 1,
                   parser->problem != NULL ? parser->problem : "broken YAML", parser->context != NULL ? " " : "",
                   parser->context != NULL ? parser->context : "", begin, hint_for(parser));
}

static int take_event(struct reader *reader, const yaml_event_t *event, yaml_document_fn *on_document, void *user)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return write_scalar(reader, event);
    case YAML_ALIAS_EVENT:
        return write_alias(reader, event);
    case YAML_MAPPING_START_EVENT:
        return open_frame(reader, event, true);
    case YAML_SEQUENCE_START_EVENT:
        return open_frame(reader, event, false);
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        return close_frame(reader, event);
    case YAML_DOCUMENT_END_EVENT:
        return deliver(reader, on_document, user);
    default:
        return 0;
    }
}

static int read_with_libyaml(struct reader *reader, const char *text, size_t length, yaml_document_fn *on_document,
                             void *user)
{
    if (yaml_parser_initialize(&reader->parser) == 0)
        return err_set(reader->err, ERR_PARSE, "the YAML reader cannot be made");
    yaml_parser_set_encoding(&reader->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader->parser, (const unsigned char *)text, length);
    int rc = 0;
    for (bool more = true; more;) {
        yaml_event_t event;
        if (yaml_parser_parse(&reader->parser, &event) == 0) {
            rc = parser_failed(reader);
            break;
        }
        rc = take_event(reader, &event, on_document, user);
        more = rc == 0 && event.type != YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&reader->parser);
    reset_document(reader);
    return rc;
}

size_t yaml_next_document(const char *text, size_t length, size_t from)
{
    while (from < length) {
        const char *found = memmem(text + from, length - from, "\n---", 4);
        if (found == NULL)
            return length;
        from = (size_t)(found - text) + 1;
        if (from + 3 == length || strchr(" \t\r\n", text[from + 3]) != NULL)
            return from;
    }
    return length;
}

static bool has_directive(const char *text, size_t length)
{
    return length != 0 && (text[0] == '%' || memmem(text, length, "\n%", 2) != NULL);
}

static size_t count_lines(const char *text, size_t length)
{
    size_t lines = 0;
    for (size_t i = 0; i < length; i++)
        lines += text[i] == '\n';
    return lines;
}

/* A chart's template that nobody has rendered shows by its braces. */
static void hint_at_template(struct reader *reader, const char *text, size_t length)
{
    const char *end = text;
    for (size_t line = reader->first_line; line < (size_t)reader->failure.line && end < text + length; line++) {
        const char *stop = memchr(end, '\n', (size_t)(text + length - end));
        end = stop != NULL ? stop + 1 : text + length;
    }
    if (memmem(text, (size_t)(end - text), "{{", 2) == NULL)
        return;
    size_t used = strlen(reader->err->text);
    snprintf(reader->err->text + used, sizeof(reader->err->text) - used, " (is it a template that was not rendered?)");
}

/* Directives hold beyond their own document, so where one may stand the rest is read in one go.  Else the parser is given
 * one document with the "---" behind it, which is what it would see there. */
static int read_documents(struct reader *reader, const struct yaml_input *input, yaml_document_fn *on_document,
                          void *user)
{
    const char *text = input->text;
    size_t length = input->length;
    int rc = 0;
    for (size_t at = 0, end; rc == 0 && at < length; at = end) {
        int line = 0;
        end = yaml_next_document(text, length, at);
        reader->source = (struct yaml_input){text + at, end - at, input->limit, reader->first_line};
        if (yaml_plain_read(text + at, end - at, &reader->out, &line)) {
            reader->line = (int)reader->first_line + line + 1;
            rc = deliver(reader, on_document, user);
        } else {
            buf_clear(&reader->out);
            if (has_directive(text + at, end - at)) {
                end = length;
                reader->source = (struct yaml_input){0};
            }
            size_t shown = end < length ? end + 3 : end;
            rc = read_with_libyaml(reader, text + at, shown - at, on_document, user);
        }
        if (rc != 0 && err_is(rc, ERR_PARSE))
            hint_at_template(reader, text + at, end - at);
        reader->failure.more_text = end < length;
        reader->first_line += count_lines(text + at, end - at);
    }
    return rc;
}

static struct reader *reader_new(const struct yaml_input *input, struct err *err)
{
    struct reader *reader = xcalloc(1, sizeof(*reader));
    reader->out = (struct buf)BUF_INIT(input->limit);
    reader->limit = input->limit;
    reader->first_line = input->lines_before;
    reader->err = err;
    map_init(&reader->anchors, anchor_free);
    return reader;
}

static void reader_free(struct reader *reader)
{
    reset_document(reader);
    map_done(&reader->anchors);
    buf_done(&reader->out);
    vec_done(&reader->places);
    free(reader);
}

int yaml_each_document(const struct yaml_input *input, yaml_document_fn *on_document, void *user,
                       struct yaml_failure *ret_failure, struct err *err)
{
    struct reader *reader = reader_new(input, err);
    AUTO(buf) struct buf unmarked = BUF_OWN;
    struct yaml_input plain = *input;
    if (yaml_without_marks(input->text, input->length, &unmarked)) {
        plain.text = buf_text(&unmarked);
        plain.length = unmarked.length;
    }
    int rc = read_documents(reader, &plain, on_document, user);
    if (ret_failure != NULL)
        *ret_failure = reader->failure;
    reader_free(reader);
    return rc;
}

struct search {
    const struct reader *reader;
    const size_t *offsets;
    int *lines;
    size_t count;
};

static int look_up_lines(void *user, const struct yaml_document *document, struct err *err)
{
    const struct search *search = user;
    size_t at = 0, place_count = search->reader->places.count;
    const struct place *places = search->reader->places.items;
    for (size_t i = 0; i < search->count; i++) {
        while (at + 1 < place_count && places[at + 1].offset <= search->offsets[i])
            at++;
        search->lines[i] = at < place_count ? places[at].line : document->line;
    }
    return 0;
}

void yaml_find_lines(const struct yaml_document *document, const size_t *offsets, int *ret_lines, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ret_lines[i] = document->line;
    if (document->source.text == NULL)
        return;
    struct err ignored = ERR_INIT;
    struct reader *reader = reader_new(&document->source, &ignored);
    reader->notes_places = true;
    struct search search = {reader, offsets, ret_lines, count};
    int rc = read_with_libyaml(reader, document->source.text, document->source.length, look_up_lines, &search);
    (void)rc; /* it was read before: what fails leaves the document's line */
    reader_free(reader);
}

struct one_document {
    struct json *value;
};

static int take_one(void *user, const struct yaml_document *document, struct err *err)
{
    struct one_document *one = user;
    if (one->value != NULL)
        return err_set(err, ERR_PARSE, "line %d: only one YAML document is expected", document->line);
    return json_parse(document->text, document->length, &one->value, err);
}

int yaml_parse(const char *text, size_t length, struct json **ret_value, struct err *err)
{
    struct one_document one = {NULL};
    struct yaml_input input = {text, length, YAML_DOCUMENT_BYTES_MAX, 0};
    int rc = yaml_each_document(&input, take_one, &one, NULL, err);
    if (rc != 0) {
        json_free(one.value);
        return rc;
    }
    *ret_value = one.value;
    return 0;
}
