/* Keeps the records of entities, and which objects each came from. */
#include <stdlib.h>
#include <string.h>

#include "census_parts.h"

static size_t place_of(const struct census_entities *entities, const char *key, bool *ret_there)
{
    size_t low = 0, high = entities->count;
    /* Deltas come sorted: most often it is the last one. */
    if (high != 0 && strcmp(entities->items[high - 1]->key, key) < 0)
        low = high;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(entities->items[middle]->key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_there = low < entities->count && strcmp(entities->items[low]->key, key) == 0;
    return low;
}

struct census_entity *census_find_entity(const struct census *census, enum kong_kind_id kind, const char *key)
{
    const struct census_entities *entities = &census->entity_kinds[kind].entities;
    bool there;
    size_t at = place_of(entities, key, &there);
    return there ? entities->items[at] : NULL;
}

static struct census_entity *make(struct census *census, const struct kong_kind *kind, const char *key)
{
    struct census_entities *entities = &census->entity_kinds[kind->id].entities;
    bool there;
    size_t at = place_of(entities, key, &there);
    if (there)
        return entities->items[at];
    struct census_entity *entity = xcalloc(1, sizeof(*entity));
    entity->kind = kind;
    entity->key = xstrdup(key);
    entity->state = CENSUS_PENDING;
    vec_push(entities, entity);
    memmove(entities->items + at + 1, entities->items + at, (entities->count - 1 - at) * sizeof(*entities->items));
    entities->items[at] = entity;
    census->entity_counts[entity->state]++;
    census->entity_kinds[kind->id].counts[entity->state]++;
    return entity;
}

static void unlink_objects(struct census *census, struct census_entity *entity)
{
    for (size_t i = 0; i < entity->link_count; i++) {
        struct census_link *link = &entity->links[i];
        struct census_object *object = link->object;
        struct census_link *last = object->entities.items[--object->entities.count];
        object->entities.items[link->at] = last;
        last->at = link->at;
        object->counts[entity->state]--;
        census_look(census, object);
    }
    free(TAKE(entity->links));
    entity->link_count = 0;
}

static void link_objects(struct census *census, struct census_entity *entity, const struct kong_source *sources,
                         size_t count)
{
    entity->links = xcalloc(count, sizeof(*entity->links));
    for (size_t i = 0; i < count; i++) {
        struct census_object *object = census_object_of(census, &sources[i], true);
        if (object == NULL)
            continue;
        struct census_link *link = &entity->links[entity->link_count++];
        *link = (struct census_link){object, entity, object->entities.count};
        vec_push(&object->entities, link);
        object->counts[entity->state]++;
        census_look(census, object);
    }
}

/* By the rule file that made it, by its rule, and by the files that adjusted it. */
static void count_origin(struct census *census, const struct kong_entity *entity, int by)
{
    if (entity == NULL || entity->origin.file == NULL)
        return;
    census_count(&census->files, entity->origin.file, by);
    if (entity->origin.rule != NULL)
        census_count(&census->rules, entity->origin.rule, by);
    const char *at = entity->origin.overrides != NULL ? entity->origin.overrides : "";
    for (size_t length; *at != '\0'; at += length + (at[length] == ',')) {
        length = strcspn(at, ",");
        AUTO(text) char *file = xstrndup(at, length);
        census_count(&census->overrides, file, by);
    }
}

/* Takes `wanted` in place of what was wanted before. */
static void set_entity(struct census *census, struct census_entity *entity, struct kong_entity *wanted)
{
    struct kong_entity *before = entity->entity;
    const char *key = entity->key;
    count_origin(census, before, -1);
    count_origin(census, wanted, 1);
    unlink_objects(census, entity);
    entity->entity = kong_entity_ref(wanted);
    entity->key = wanted->key;
    link_objects(census, entity, wanted->origin.sources, wanted->origin.source_count);
    if (before == NULL)
        free((char *)key);
    kong_entity_unref(before);
}

static void drop(struct census *census, struct census_entity *entity)
{
    struct census_entities *entities = &census->entity_kinds[entity->kind->id].entities;
    bool there;
    size_t at = place_of(entities, entity->key, &there);
    require_that(there && entities->items[at] == entity);
    entities->count--;
    memmove(entities->items + at, entities->items + at + 1, (entities->count - at) * sizeof(*entities->items));
    census->entity_counts[entity->state]--;
    census->entity_kinds[entity->kind->id].counts[entity->state]--;
    unlink_objects(census, entity);
    if (entity->entity == NULL)
        free((char *)entity->key);
    count_origin(census, entity->entity, -1);
    kong_entity_unref(entity->entity);
    free(entity);
    census_changed(census);
}

static void set_state(struct census *census, struct census_entity *entity, enum census_state state)
{
    enum census_state before = entity->state;
    if (state == before)
        return;
    census->entity_counts[before]--;
    census->entity_kinds[entity->kind->id].counts[before]--;
    entity->state = state;
    census->entity_counts[state]++;
    census->entity_kinds[entity->kind->id].counts[state]++;
    for (size_t i = 0; i < entity->link_count; i++) {
        struct census_object *object = entity->links[i].object;
        object->counts[before]--;
        object->counts[state]++;
        census_look(census, object);
    }
    census_changed(census);
}

/* As the plan has it now. */
static void look_at(struct census *census, const struct census_change *change)
{
    const struct kong_item *item = kong_state_find(census->options.state, change->kind->id, change->key);
    struct census_entity *entity = census_find_entity(census, change->kind->id, change->key);
    bool is_wanted = item != NULL && item->entity != NULL;
    if (!is_wanted && (item == NULL || item->actual == NULL)) {
        if (entity != NULL)
            drop(census, entity);
        return;
    }
    if (is_wanted) {
        entity = make(census, item->kind, change->key);
        set_entity(census, entity, item->entity);
    }
    if (entity == NULL)
        return;
    entity->wanted = is_wanted;
    set_state(census, entity, census_state_of_item(item));
}

void census_delta(struct census *census, const struct rules_delta *delta)
{
    for (size_t i = 0; census != NULL && i < delta->change_count; i++)
        vec_push(&census->waiting, ((struct census_change){delta->changes[i].kind, xstrdup(delta->changes[i].key)}));
}

bool census_work(struct census *census, size_t most)
{
    if (census == NULL)
        return false;
    for (; most > 0 && census->waiting_at < census->waiting.count; most--) {
        struct census_change *change = &census->waiting.items[census->waiting_at++];
        look_at(census, change);
        free(change->key);
    }
    if (census->waiting_at < census->waiting.count)
        return true;
    vec_done(&census->waiting);
    census->waiting_at = 0;
    return false;
}

/* The gateway has it, nobody wants it: its tags say whose it was. */
static struct census_entity *make_found(struct census *census, const struct kong_item *item)
{
    struct census_entity *entity = make(census, item->kind, item->key);
    struct err err = ERR_INIT;
    AUTO(json) struct json *fields = NULL;
    struct kong_source source;
    if (json_parse(item->actual->text, strlen(item->actual->text), &fields, &err) == 0 &&
        kong_source_of_tags(json_find(fields, "tags"), &source)) {
        link_objects(census, entity, &source, 1);
        kong_source_done(&source);
    }
    return entity;
}

void census_item(struct census *census, const struct kong_item *item)
{
    if (census == NULL)
        return;
    struct census_entity *entity = census_find_entity(census, item->kind->id, item->key);
    if (item->entity == NULL && (item->actual == NULL || !item->actual->owned)) {
        if (entity != NULL)
            drop(census, entity);
        return;
    }
    if (entity == NULL && item->entity == NULL)
        entity = make_found(census, item);
    if (entity != NULL)
        set_state(census, entity, census_state_of_item(item));
}

void census_answered(struct census *census, const struct kong_item *item, const struct census_answer *answer)
{
    struct census_entity *entity = census != NULL ? census_find_entity(census, item->kind->id, item->key) : NULL;
    if (entity != NULL)
        entity->answer = *answer;
}
