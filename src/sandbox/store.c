/* Keeps the indexes of a table right: whatever finds an entity is updated when it comes, changes or goes. */
#include "store.h"

#include <string.h>

static void index_free(void *value)
{
    struct entity_index *index = value;
    free(index->items);
    free(index);
}

static void entity_free(void *value)
{
    struct entity *entity = value;
    json_free(entity->fields);
    free(entity);
}

size_t sandbox_store_index_after(const struct entity_index *index, const char *id)
{
    size_t low = 0, high = index->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(index->items[middle]->id, id) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void index_add(struct entity_index *index, struct entity *entity)
{
    size_t at = sandbox_store_index_after(index, entity->id);
    if (at > 0 && index->items[at - 1] == entity)
        return;
    if (index->count == index->room) {
        index->room = index->room != 0 ? index->room * 2 : 4;
        index->items = xrealloc(index->items, index->room * sizeof(struct entity *));
    }
    memmove(index->items + at + 1, index->items + at, (index->count - at) * sizeof(struct entity *));
    index->items[at] = entity;
    index->count++;
}

static void index_drop(struct entity_index *index, const struct entity *entity)
{
    size_t at = sandbox_store_index_after(index, entity->id);
    if (at == 0 || index->items[at - 1] != entity)
        return;
    memmove(index->items + at - 1, index->items + at, (index->count - at) * sizeof(struct entity *));
    index->count--;
}

static void group_add(struct map *groups, const char *key, struct entity *entity)
{
    struct entity_index *index = map_find(groups, key);
    if (index == NULL) {
        index = xcalloc(1, sizeof(*index));
        map_put(groups, key, index);
    }
    index_add(index, entity);
}

static void group_drop(struct map *groups, const char *key, const struct entity *entity)
{
    struct entity_index *index = map_find(groups, key);
    if (index == NULL)
        return;
    index_drop(index, entity);
    if (index->count == 0)
        map_remove(groups, key);
}

void sandbox_store_table_init(struct table *table, const struct kind *kind, const struct schema *schema)
{
    *table = (struct table){.kind = kind, .schema = schema};
    map_init(&table->by_id, entity_free);
    map_init(&table->composite, NULL);
    map_init(&table->by_tag, index_free);
    for (size_t i = 0; i < schema->fields.count; i++) {
        const struct schema_field *field = &schema->fields.items[i];
        if (field->reference != NULL) {
            require_that(table->foreign_count < FOREIGN_MAX);
            table->foreign[table->foreign_count].field = field;
            map_init(&table->foreign[table->foreign_count++].index, index_free);
        } else if (field->unique) {
            require_that(table->unique_count < UNIQUE_MAX);
            table->unique[table->unique_count].field = field;
            map_init(&table->unique[table->unique_count++].index, NULL);
        }
    }
}

void sandbox_store_table_done(struct table *table)
{
    for (size_t i = 0; i < table->foreign_count; i++)
        map_done(&table->foreign[i].index);
    for (size_t i = 0; i < table->unique_count; i++)
        map_done(&table->unique[i].index);
    map_done(&table->by_tag);
    map_done(&table->composite);
    map_done(&table->by_id);
    free(table->all.items);
}

struct entity *sandbox_store_find(const struct table *table, const char *id)
{
    return map_find(&table->by_id, id);
}

struct entity *sandbox_store_find_unique(const struct table *table, const char *field, const char *value)
{
    for (size_t i = 0; i < table->unique_count; i++) {
        if (strcmp(table->unique[i].field->name, field) == 0)
            return map_find(&table->unique[i].index, value);
    }
    return NULL;
}

static char *composite_key(const struct kind *kind, const struct json *fields)
{
    if (kind->composite[0] == NULL)
        return NULL;
    struct buf key = BUF_OWN;
    for (size_t i = 0; i < COMPOSITE_MAX && kind->composite[i] != NULL; i++) {
        json_print(json_find(fields, kind->composite[i]), &key);
        buf_append_char(&key, '\n');
    }
    return buf_take(&key);
}

struct entity *sandbox_store_find_composite(const struct table *table, const struct json *fields)
{
    AUTO(text) char *key = composite_key(table->kind, fields);
    return key != NULL ? map_find(&table->composite, key) : NULL;
}

const struct entity_index *sandbox_store_tagged(const struct table *table, const char *tag)
{
    return map_find(&table->by_tag, tag);
}

const struct entity_index *sandbox_store_referring(const struct table *table, const char *field, const char *target_id)
{
    for (size_t i = 0; i < table->foreign_count; i++) {
        if (strcmp(table->foreign[i].field->name, field) == 0)
            return map_find(&table->foreign[i].index, target_id);
    }
    return NULL;
}

const char *sandbox_store_reference(const struct json *fields, const char *field)
{
    return json_find_text(json_find(fields, field), "id");
}

static void link_entity(struct table *table, struct entity *entity)
{
    for (size_t i = 0; i < table->unique_count; i++) {
        const char *value = json_find_text(entity->fields, table->unique[i].field->name);
        if (value != NULL)
            map_put(&table->unique[i].index, value, entity);
    }
    for (size_t i = 0; i < table->foreign_count; i++) {
        const char *target = sandbox_store_reference(entity->fields, table->foreign[i].field->name);
        if (target != NULL)
            group_add(&table->foreign[i].index, target, entity);
    }
    json_each (tag, json_find(entity->fields, "tags"))
        group_add(&table->by_tag, json_text(tag), entity);
    AUTO(text) char *key = composite_key(table->kind, entity->fields);
    if (key != NULL)
        map_put(&table->composite, key, entity);
}

static void unlink_entity(struct table *table, const struct entity *entity)
{
    for (size_t i = 0; i < table->unique_count; i++) {
        const char *value = json_find_text(entity->fields, table->unique[i].field->name);
        if (value != NULL)
            map_remove(&table->unique[i].index, value);
    }
    for (size_t i = 0; i < table->foreign_count; i++) {
        const char *target = sandbox_store_reference(entity->fields, table->foreign[i].field->name);
        if (target != NULL)
            group_drop(&table->foreign[i].index, target, entity);
    }
    json_each (tag, json_find(entity->fields, "tags"))
        group_drop(&table->by_tag, json_text(tag), entity);
    AUTO(text) char *key = composite_key(table->kind, entity->fields);
    if (key != NULL)
        map_remove(&table->composite, key);
}

struct entity *sandbox_store_put(struct table *table, struct json *fields, uint64_t made)
{
    const char *id = json_find_text(fields, "id");
    struct entity *entity = sandbox_store_find(table, id);
    if (entity != NULL) {
        unlink_entity(table, entity);
        json_free(entity->fields);
        entity->fields = fields;
    } else {
        entity = xcalloc(1, sizeof(*entity));
        *entity = (struct entity){.fields = fields, .made = made};
        memcpy(entity->id, id, strnlen(id, sizeof(entity->id) - 1));
        map_put(&table->by_id, entity->id, entity);
        index_add(&table->all, entity);
    }
    link_entity(table, entity);
    return entity;
}

void sandbox_store_remove(struct table *table, struct entity *entity)
{
    unlink_entity(table, entity);
    index_drop(&table->all, entity);
    char id[sizeof(entity->id)];
    memcpy(id, entity->id, sizeof(id));
    map_remove(&table->by_id, id);
}
