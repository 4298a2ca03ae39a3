/* Splits a list's answer as it comes, so that no page has to be in memory as a whole. */
#include "items.h"

void kube_items_init(struct items_reader *reader, size_t item_limit, size_t frame_limit)
{
    reader->frame = (struct buf)BUF_INIT(frame_limit);
    reader->current = (struct buf)BUF_INIT(item_limit);
}

void kube_items_done(struct items_reader *reader)
{
    buf_done(&reader->frame);
    buf_done(&reader->current);
}

const struct buf *kube_items_frame(const struct items_reader *reader)
{
    return reader->closed ? &reader->frame : NULL;
}

static bool at_items_key(const struct items_reader *reader)
{
    static const char key[] = "\"items\"";
    return reader->depth == 1 && reader->key_end - reader->key_start == sizeof(key) - 1 &&
           memcmp(reader->frame.data + reader->key_start, key, sizeof(key) - 1) == 0;
}

/* How many bytes of a string can be passed without looking at each. */
static size_t plain_run(const char *data, size_t length)
{
    size_t run = 0;
    while (run < length && data[run] != '"' && data[run] != '\\')
        run++;
    return run;
}

static int keep(struct items_reader *reader, const char *data, size_t length)
{
    return buf_append(reader->in_items ? &reader->current : &reader->frame, data, length);
}

static int string_bytes(struct items_reader *reader, const char *data, size_t length, size_t *ret_used)
{
    size_t run = reader->escaped ? 0 : plain_run(data, length);
    if (run > 0) {
        *ret_used = run;
        return keep(reader, data, run);
    }
    *ret_used = 1;
    int rc = keep(reader, data, 1);
    if (reader->escaped)
        reader->escaped = false;
    else if (data[0] == '\\')
        reader->escaped = true;
    else
        reader->in_string = false;
    if (rc == 0 && !reader->in_string && !reader->in_items && reader->depth == 1)
        reader->key_end = reader->frame.length;
    return rc;
}

static int open_bracket(struct items_reader *reader, char character)
{
    if (reader->depth == 0 && (character != '{' || reader->closed))
        return -ERR_PARSE;
    if (reader->in_items && reader->depth == 2 && character != '{')
        return -ERR_PARSE;
    bool items = character == '[' && !reader->begun && at_items_key(reader);
    int rc = keep(reader, &character, 1);
    reader->depth++;
    if (rc != 0 || !items)
        return rc;
    reader->begun = reader->in_items = true;
    return reader->begin(reader->user, reader->frame.data, reader->frame.length);
}

static int close_bracket(struct items_reader *reader, char character)
{
    if (reader->depth == 0)
        return -ERR_PARSE;
    reader->depth--;
    if (reader->in_items && reader->depth == 1)
        reader->in_items = false;
    int rc = keep(reader, &character, 1);
    if (rc == 0 && reader->in_items && reader->depth == 2) {
        rc = reader->item(reader->user, reader->current.data, reader->current.length);
        buf_clear(&reader->current);
    }
    reader->closed = reader->depth == 0;
    return rc;
}

static bool is_space(char character)
{
    return character == ' ' || character == '\t' || character == '\r' || character == '\n';
}

static int one_byte(struct items_reader *reader, char character)
{
    if (is_space(character))
        return 0;
    if (character == '{' || character == '[')
        return open_bracket(reader, character);
    if (character == '}' || character == ']')
        return close_bracket(reader, character);
    if (reader->depth == 0)
        return -ERR_PARSE;
    if (reader->in_items && reader->depth == 2)
        return character == ',' ? 0 : -ERR_PARSE;
    if (character == '"') {
        reader->in_string = true;
        if (reader->depth == 1 && !reader->in_items)
            reader->key_start = reader->frame.length;
    } else if (character == ',' && reader->depth == 1) {
        reader->key_start = reader->key_end = 0;
    }
    return keep(reader, &character, 1);
}

int kube_items_feed(struct items_reader *reader, const char *data, size_t length)
{
    int rc = 0;
    for (size_t used = 1; rc == 0 && length > 0; data += used, length -= used, used = 1)
        rc = reader->in_string ? string_bytes(reader, data, length, &used) : one_byte(reader, data[0]);
    return rc;
}
