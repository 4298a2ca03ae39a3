/* kubectl's "kind: List", and the lists that an API server gives for one kind, whose items do not say what they are. */
#include "parts.h"

#include <string.h>

#define LISTS_MAX 16 /* within one another */

struct list {
    struct json_span api_version, kind, items; /* no text: it is not there */
};

static bool ends_with_list(struct json_span kind)
{
    return kind.length >= 4 && memcmp(kind.text + kind.length - 4, "List", 4) == 0;
}

/* kubectl's list, or one of one kind with items; *ret_list has no items when they are absent or null, and then holds nothing. */
static bool read_list(struct json_span text, struct list *ret_list)
{
    struct json_cursor cursor = JSON_CURSOR(text.text, text.length);
    struct json_span name, value;
    struct list list = {0};
    if (memmem(text.text, text.length, "List\"", 5) == NULL || json_cursor_type(&cursor) != JSON_OBJECT)
        return false;
    bool more = json_cursor_enter(&cursor);
    for (bool first = true; more && json_cursor_member(&cursor, first, &name); first = false) {
        more = json_cursor_skip(&cursor, &value);
        struct json_span *target = json_span_is(name, "apiVersion") ? &list.api_version
                                   : json_span_is(name, "kind")     ? &list.kind
                                                                    : NULL;
        if (target != NULL)
            json_scan_text(value, target);
        if (json_span_is(name, "items"))
            list.items = value;
    }
    bool is_list = json_span_is(list.kind, "List") || (ends_with_list(list.kind) && list.items.text != NULL);
    if (list.items.text != NULL && json_span_is(list.items, "null"))
        list.items.text = NULL;
    *ret_list = list;
    return !cursor.broken && is_list;
}

static void find(struct json_span text, const struct list *above, int depth, struct parts *parts)
{
    struct list list;
    bool is_list = read_list(text, &list);
    bool opens = is_list && depth < LISTS_MAX && (list.items.text == NULL || *list.items.text == '[');
    if (!opens) {
        struct part part = {.text = text,
                            .fault = !is_list            ? NULL
                                     : depth < LISTS_MAX ? "items: expected an array"
                                                         : "lists are nested too deep"};
        if (above->kind.length > 4) { /* kubectl's own list says nothing of its items */
            part.api_version = above->api_version;
            part.kind = (struct json_span){above->kind.text, above->kind.length - 4};
        }
        vec_push(parts, part);
        return;
    }
    struct json_cursor cursor = JSON_CURSOR(list.items.text, list.items.length);
    struct json_span item;
    bool more = list.items.text != NULL && json_cursor_enter(&cursor);
    for (bool first = true; more && json_cursor_item(&cursor, first); first = false) {
        more = json_cursor_skip(&cursor, &item);
        if (more)
            find(item, &list, depth + 1, parts);
    }
}

void parts_find(const struct document *document, struct parts *ret_parts)
{
    find((struct json_span){document->text, document->length}, &(struct list){0}, 0, ret_parts);
    size_t count = ret_parts->count;
    if (count == 1 && ret_parts->items[0].text.text == document->text) {
        ret_parts->items[0].line = document->line;
        return;
    }
    size_t *offsets = xcalloc(count + 1, sizeof(*offsets));
    int *lines = xcalloc(count + 1, sizeof(*lines));
    for (size_t i = 0; i < count; i++)
        offsets[i] = (size_t)(ret_parts->items[i].text.text - document->text);
    if (count != 0)
        document_find_lines(document, offsets, lines, count);
    for (size_t i = 0; i < count; i++)
        ret_parts->items[i].line = lines[i];
    free(offsets);
    free(lines);
}

static void note_member(bool *ret_has, struct json_span name, const char *wanted)
{
    *ret_has = *ret_has || json_span_is(name, wanted);
}

char *parts_text(const struct part *part, size_t *ret_added)
{
    struct json_cursor cursor = JSON_CURSOR(part->text.text, part->text.length);
    struct json_span name, value;
    bool has_version = part->api_version.length == 0, has_kind = part->kind.length == 0;
    bool object = json_cursor_type(&cursor) == JSON_OBJECT;
    *ret_added = 0;
    if (!object)
        return xstrndup(part->text.text, part->text.length);
    bool more = json_cursor_enter(&cursor), empty = true;
    for (; more && json_cursor_member(&cursor, empty, &name); empty = false) {
        note_member(&has_version, name, "apiVersion");
        note_member(&has_kind, name, "kind");
        more = json_cursor_skip(&cursor, &value);
    }
    struct buf text = BUF_OWN;
    buf_append_char(&text, '{');
    if (!has_version)
        buf_printf(&text, "\"apiVersion\":\"%.*s\",", (int)part->api_version.length, part->api_version.text);
    if (!has_kind)
        buf_printf(&text, "\"kind\":\"%.*s\",", (int)part->kind.length, part->kind.text);
    *ret_added = text.length - 1;
    if (empty && text.length > 1)
        text.length--;
    buf_append(&text, part->text.text + 1, part->text.length - 1);
    return buf_take(&text);
}
