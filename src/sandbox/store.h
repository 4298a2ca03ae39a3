/* store.h - the sandbox's memory: entities by id, by unique fields, by tag and by what they refer to.
 * Owns:    a table owns its entities and indexes.
 * Thread:  one owner.
 * Errors:  none; whoever puts has asked about uniqueness and references before. */
#pragma once

#include <stdint.h>

#include "base/json.h"
#include "base/map.h"
#include "kinds.h"
#include "schema.h"

#define FOREIGN_MAX 4
#define UNIQUE_MAX  4

struct entity {
    char id[37];
    struct json *fields;
    uint64_t made; /* counts up: younger entities have larger ones */
};

/* Entities in the order of their ids. */
struct entity_index {
    struct entity **items;
    size_t count, room;
};

struct foreign {
    const struct schema_field *field;
    struct table *target;
    struct map index; /* target id → struct entity_index */
};

struct unique {
    const struct schema_field *field;
    struct map index; /* value → struct entity */
};

struct table {
    const struct kind *kind;
    const struct schema *schema;
    struct entity_index all;
    struct map by_id;     /* struct entity */
    struct map composite; /* struct entity */
    struct map by_tag;    /* struct entity_index */
    struct foreign foreign[FOREIGN_MAX];
    size_t foreign_count;
    struct unique unique[UNIQUE_MAX];
    size_t unique_count;
};

void sandbox_store_table_init(struct table *table, const struct kind *kind, const struct schema *schema);
void sandbox_store_table_done(struct table *table);

struct entity *sandbox_store_find(const struct table *table, const char *id);
struct entity *sandbox_store_find_unique(const struct table *table, const char *field, const char *value);
/* The entity that has the same values in the kind's composite fields, or NULL. */
struct entity *sandbox_store_find_composite(const struct table *table, const struct json *fields);
/* Borrowed until the table changes; NULL: none. */
const struct entity_index *sandbox_store_tagged(const struct table *table, const char *tag);
const struct entity_index *sandbox_store_referring(const struct table *table, const char *field, const char *target_id);

/* Takes `fields`, which hold "id"; replaces the entity of that id. */
struct entity *sandbox_store_put(struct table *table, struct json *fields, uint64_t made);
void sandbox_store_remove(struct table *table, struct entity *entity);

/* Position of the first entity whose id is greater than `id`. */
size_t sandbox_store_index_after(const struct entity_index *index, const char *id);
/* The id that a foreign field holds, or NULL. */
const char *sandbox_store_reference(const struct json *fields, const char *field);
