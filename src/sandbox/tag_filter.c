/* Reads tag filters and merges the indexes of the tags that one names. */
#include "tag_filter.h"

#include <stdlib.h>
#include <string.h>

void tag_filter_cleanup(struct tag_filter *filter)
{
    for (size_t i = 0; i < filter->count; i++)
        free(filter->tags[i]);
    filter->count = 0;
}

static bool refuse(struct call *call, const char *text)
{
    struct json *options = json_new_object();
    json_set_text(options, "tags", text);
    struct json *body = json_new_object();
    AUTO(text) char *message = xasprintf("invalid option (tags: %s)", text);
    json_set_number(body, "code", 11);
    json_set_text(body, "name", "invalid options");
    json_set_text(body, "message", message);
    json_set(body, "options", options);
    answer_json(call->answer, 400, body);
    return false;
}

static bool read_value(struct tag_filter *filter, struct call *call, const char *text)
{
    const char *both = strchr(text, ',');
    const char *either = strchr(text, '/');
    if (text[0] == '\0')
        return refuse(call, "cannot be null");
    if (both != NULL && either != NULL)
        return refuse(call, "invalid filter syntax");
    filter->any = either != NULL;
    for (const char *rest = text;; rest++) {
        size_t length = strcspn(rest, ",/");
        if (length == 0 || filter->count == TAG_FILTER_MAX)
            return refuse(call, "invalid filter syntax");
        filter->tags[filter->count++] = xstrndup(rest, length);
        rest += length;
        if (*rest == '\0')
            return true;
    }
}

bool tag_filter_read(struct tag_filter *filter, struct call *call)
{
    const char *text = query_find(&call->query, "tags");
    return text == NULL || read_value(filter, call, text);
}

static void add_cursor(struct tag_walk *walk, const struct entity_index *index, const char *after)
{
    if (index == NULL)
        return;
    walk->cursors[walk->cursor_count].index = index;
    walk->cursors[walk->cursor_count++].at = sandbox_store_index_after(index, after);
}

void tag_walk_start(struct tag_walk *walk, const struct tag_filter *filter, const struct table *table,
                    const struct entity_index *parent, bool nested, const char *after)
{
    walk->filter = filter;
    walk->cursor_count = 0;
    if (nested) {
        add_cursor(walk, parent, after);
    } else if (filter->count == 0) {
        add_cursor(walk, &table->all, after);
    } else if (filter->any) {
        for (size_t i = 0; i < filter->count; i++)
            add_cursor(walk, sandbox_store_tagged(table, filter->tags[i]), after);
    } else {
        add_cursor(walk, sandbox_store_tagged(table, filter->tags[0]), after);
    }
}

static bool has_tag(const struct entity *entity, const char *tag)
{
    json_each (item, json_find(entity->fields, "tags")) {
        if (strcmp(json_text(item), tag) == 0)
            return true;
    }
    return false;
}

static bool passes(const struct tag_filter *filter, const struct entity *entity)
{
    for (size_t i = 0; i < filter->count; i++) {
        if (has_tag(entity, filter->tags[i]) == filter->any)
            return filter->any;
    }
    return filter->count == 0 || !filter->any;
}

/* The least of the cursors' entities; moves every cursor past it. */
static const struct entity *step(struct tag_walk *walk)
{
    const struct entity *least = NULL;
    for (size_t i = 0; i < walk->cursor_count; i++) {
        const struct entity_index *index = walk->cursors[i].index;
        size_t at = walk->cursors[i].at;
        if (at < index->count && (least == NULL || strcmp(index->items[at]->id, least->id) < 0))
            least = index->items[at];
    }
    for (size_t i = 0; least != NULL && i < walk->cursor_count; i++) {
        const struct entity_index *index = walk->cursors[i].index;
        if (walk->cursors[i].at < index->count && index->items[walk->cursors[i].at] == least)
            walk->cursors[i].at++;
    }
    return least;
}

const struct entity *tag_walk_next(struct tag_walk *walk)
{
    const struct entity *entity;
    while ((entity = step(walk)) != NULL && !passes(walk->filter, entity))
        continue;
    return entity;
}
