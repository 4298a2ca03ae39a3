/* Walks the index that fits a request and cuts a page out of it; the cost is that of the page, not of the table. */
#include "list.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/vec.h"
#include "shape.h"
#include "tag_filter.h"

static bool refuse_offset(struct call *call, const char *text, const char *why)
{
    AUTO(text) char *message = xasprintf("'%s' is not a valid offset: %s", text, why);
    answer_error(call->answer, 400, 7, "invalid offset", message, NULL);
    return false;
}

/* base64url of ["id"] or ["id",position]. */
static bool read_offset(struct call *call, const char *text, struct list_page *page)
{
    AUTO(buf) struct buf padded = BUF_OWN;
    AUTO(buf) struct buf plain = BUF_INIT(256);
    for (const char *c = text; *c != '\0'; c++)
        buf_append_char(&padded, *c == '-' ? '+' : *c == '_' ? '/' : *c);
    while (padded.length % 4 != 0)
        buf_append_char(&padded, '=');
    if (!hash_base64_decode(buf_text(&padded), padded.length, &plain))
        return refuse_offset(call, text, "bad json encoding");
    struct err err = ERR_INIT;
    struct json *parsed = NULL;
    if (json_parse(buf_text(&plain), plain.length, &parsed, &err) < 0)
        return refuse_offset(call, text, "bad json encoding");
    AUTO(json) struct json *list = parsed;
    const char *id = json_text(json_at(list, 0));
    if (id == NULL || strlen(id) >= sizeof(page->after))
        return refuse_offset(call, text, "bad json encoding");
    memcpy(page->after, id, strlen(id) + 1);
    page->after_position = json_integer(json_at(list, 1), 0);
    return true;
}

static bool refuse_size(struct call *call, const char *message)
{
    answer_error(call->answer, 400, 9, "invalid size", message, NULL);
    return false;
}

static bool read_size(struct call *call, struct list_page *page)
{
    const char *text = query_find(&call->query, "size");
    if (text == NULL)
        return true;
    char *end;
    double size = strtod(text, &end);
    if (text[0] == '\0' || *end != '\0')
        return refuse_size(call, "size must be a number");
    if (size < 1 || size > LIST_SIZE_MAX || size != (double)(int)size)
        return refuse_size(call, "size must be an integer between 1 and 1000");
    page->size = (size_t)size;
    page->sized = true;
    return true;
}

bool list_read_page(struct call *call, struct list_page *ret_page)
{
    *ret_page = (struct list_page){.size = LIST_SIZE_DEFAULT};
    if (!read_size(call, ret_page))
        return false;
    const char *offset = query_find(&call->query, "offset");
    return offset == NULL || read_offset(call, offset, ret_page);
}

static void print_offset(const char *id, int64_t position, struct buf *out)
{
    AUTO(buf) struct buf plain = BUF_OWN;
    AUTO(buf) struct buf coded = BUF_OWN;
    if (position > 0)
        buf_printf(&plain, "[\"%s\",%lld]", id, (long long)position);
    else
        buf_printf(&plain, "[\"%s\"]", id);
    hash_base64_encode(buf_text(&plain), plain.length, &coded);
    for (const char *c = buf_text(&coded); *c != '\0' && *c != '='; c++)
        buf_append_char(out, *c == '+' ? '-' : *c == '/' ? '_' : *c);
}

/* Ends the page: where the next one is, if there is one. */
static void finish(struct call *call, const char *path, const struct list_page *page, const char *offset)
{
    struct buf *body = &call->answer->body;
    if (offset == NULL) {
        buf_append_text(body, "],\"next\":null}");
        return;
    }
    AUTO(buf) struct buf next = BUF_OWN;
    buf_printf(&next, "%s?offset=%s", path, offset);
    const char *tags = query_find(&call->query, "tags");
    if (tags != NULL) {
        AUTO(text) char *encoded = http_encode(tags);
        buf_printf(&next, "&tags=%s", encoded);
    }
    if (page->sized)
        buf_printf(&next, "&size=%zu", page->size);
    buf_append_text(body, "],\"next\":");
    json_print_string(buf_text(&next), next.length, body);
    buf_append_text(body, ",\"offset\":");
    json_print_string(offset, strlen(offset), body);
    buf_append_char(body, '}');
}

static void begin(struct call *call)
{
    answer_text(call->answer, 200, "application/json; charset=utf-8", "{\"data\":[", 9);
}

static void finish_after(struct call *call, const char *path, const struct list_page *page, const struct entity *last)
{
    AUTO(buf) struct buf offset = BUF_OWN;
    if (last != NULL)
        print_offset(last->id, 0, &offset);
    finish(call, path, page, last != NULL ? buf_text(&offset) : NULL);
}

static bool passes(const struct call *call, const struct table *table, const struct entity *entity)
{
    const char *custom_id = strcmp(table->kind->table, "consumers") == 0 ? query_find(&call->query, "custom_id") : NULL;
    const char *own = json_find_text(entity->fields, "custom_id");
    return custom_id == NULL || (own != NULL && strcmp(own, custom_id) == 0);
}

void list_answer(struct call *call, struct table *table, const char *field, const struct entity *parent,
                 const char *path)
{
    struct list_page page;
    AUTO(tag_filter) struct tag_filter filter = {0};
    if (!list_read_page(call, &page) || !tag_filter_read(&filter, call))
        return;
    struct tag_walk walk;
    tag_walk_start(&walk, &filter, table, field != NULL ? sandbox_store_referring(table, field, parent->id) : NULL,
                   field != NULL, page.after);
    begin(call);
    const struct entity *last = NULL, *entity;
    size_t count = 0;
    while ((entity = tag_walk_next(&walk)) != NULL) {
        if (!passes(call, table, entity))
            continue;
        if (count == page.size)
            break;
        if (count++ != 0)
            buf_append_char(&call->answer->body, ',');
        shape_print(call->sandbox, table, entity, &call->answer->body);
        last = entity;
    }
    finish_after(call, path, &page, entity != NULL ? last : NULL);
}

static int younger_first(const void *left, const void *right)
{
    uint64_t left_made = (*(struct entity *const *)left)->made;
    uint64_t right_made = (*(struct entity *const *)right)->made;
    return left_made < right_made ? 1 : left_made > right_made ? -1 : 0;
}

void list_answer_targets(struct call *call, struct table *targets, const struct entity *upstream, const char *path,
                         bool all)
{
    struct list_page page = {.size = LIST_SIZE_DEFAULT};
    if (!read_size(call, &page))
        return;
    const struct entity_index *index = sandbox_store_referring(targets, "upstream", upstream->id);
    size_t count = index != NULL ? index->count : 0;
    const char *offset = query_find(&call->query, "offset");
    size_t start = offset != NULL ? (size_t)strtoull(offset, NULL, 10) : 0;
    struct entity **sorted = xcalloc(count + 1, sizeof(*sorted));
    if (count != 0)
        memcpy(sorted, index->items, count * sizeof(struct entity *));
    if (!all)
        qsort(sorted, count, sizeof(*sorted), younger_first);
    size_t stop = start < count && count - start > page.size ? start + page.size : count;
    begin(call);
    for (size_t i = start; i < stop; i++) {
        if (i != start)
            buf_append_char(&call->answer->body, ',');
        shape_print(call->sandbox, targets, sorted[i], &call->answer->body);
    }
    free(sorted);
    AUTO(text) char *next = stop < count ? xasprintf("%zu", stop) : NULL;
    finish(call, path, &page, next);
}

struct tag_row {
    const struct table *table;
    const struct entity *entity;
    const char *tag;
    int64_t position; /* within the entity, from 1 */
};

static int by_id_then_position(const void *left, const void *right)
{
    const struct tag_row *left_row = left, *right_row = right;
    int order = strcmp(left_row->entity->id, right_row->entity->id);
    return order != 0 ? order : left_row->position < right_row->position ? -1 : 1;
}

static struct tag_row *collect_tags(struct sandbox *sandbox, const char *tag, size_t *ret_count)
{
    struct {
        VEC(struct tag_row);
    } rows = {0};
    for (size_t i = 0; i < KIND_COUNT; i++) {
        const struct table *table = &sandbox->tables[i];
        const struct entity_index *index = tag != NULL ? sandbox_store_tagged(table, tag) : &table->all;
        for (size_t j = 0; index != NULL && j < index->count; j++) {
            int64_t position = 0;
            json_each (item, json_find(index->items[j]->fields, "tags")) {
                struct tag_row row = {table, index->items[j], json_text(item), ++position};
                if (tag == NULL || strcmp(row.tag, tag) == 0)
                    vec_push(&rows, row);
            }
        }
    }
    if (rows.count != 0)
        qsort(rows.items, rows.count, sizeof(*rows.items), by_id_then_position);
    *ret_count = rows.count;
    return rows.items;
}

void list_answer_tags(struct call *call, const char *tag)
{
    struct list_page page;
    if (!list_read_page(call, &page))
        return;
    size_t count;
    struct tag_row *rows = collect_tags(call->sandbox, tag, &count);
    begin(call);
    size_t shown = 0, i = 0;
    for (; i < count && shown < page.size; i++) {
        int order = strcmp(rows[i].entity->id, page.after);
        if (order < 0 || (order == 0 && (tag != NULL || rows[i].position <= page.after_position)))
            continue;
        struct json *row = json_new_object();
        json_set_text(row, "entity_name", rows[i].table->kind->table);
        json_set_text(row, "entity_id", rows[i].entity->id);
        json_set_text(row, "tag", rows[i].tag);
        if (shown++ != 0)
            buf_append_char(&call->answer->body, ',');
        json_print(row, &call->answer->body);
        json_free(row);
    }
    AUTO(buf) struct buf offset = BUF_OWN;
    AUTO(text) char *path = tag != NULL ? xasprintf("/tags/%s", tag) : xstrdup("/tags");
    page.sized = page.sized && tag == NULL;
    if (i < count)
        print_offset(rows[i - 1].entity->id, tag != NULL ? 0 : rows[i - 1].position, &offset);
    finish(call, path, &page, i < count ? buf_text(&offset) : NULL);
    free(rows);
}
