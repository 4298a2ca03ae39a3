/* A route is not live without the plugins that stand before it: which those are, and whose change changes them. */
#include "wanted_parts.h"

#include <string.h>

#include "base/shared_text.h"

struct guard_list {
    VEC(char *);
};

static void add_guard(struct guard_list *guards, const char *key)
{
    vec_push(guards, xstrdup(key));
}

static void add_plugins(struct guard_list *guards, const struct wanted *wanted)
{
    for (const struct wanted_link *link = wanted->dependents; link != NULL; link = link->next) {
        if (link->from->kind->id == KONG_PLUGIN && link->from->available)
            add_guard(guards, link->from->key);
    }
    const struct kong_entity *entity = wanted->winner != NULL ? wanted->winner->entity : NULL;
    for (size_t i = 0; entity != NULL && i < entity->guard_count; i++)
        add_guard(guards, entity->guards[i]);
}

static int by_text(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static void copy_origin(struct kong_origin *target, const struct kong_origin *source)
{
    *target = *source;
    target->sources = xcalloc(source->source_count, sizeof(*target->sources));
    for (size_t i = 0; i < source->source_count; i++)
        kong_source_copy(&target->sources[i], &source->sources[i]);
    shared_text_ref(source->rule);
    shared_text_ref(source->step);
    shared_text_ref(source->file);
    shared_text_ref(source->overrides);
}

struct kong_entity *wanted_guarded_route(const struct wanted *wanted)
{
    struct kong_entity *entity = wanted->winner->entity;
    struct guard_list guards = {0};
    add_plugins(&guards, wanted);
    for (int i = 0; i < wanted->link_count; i++) {
        if (wanted->links[i].to != NULL && wanted->links[i].to->kind->id == KONG_SERVICE)
            add_plugins(&guards, wanted->links[i].to);
    }
    if (guards.count == 0)
        return kong_entity_ref(entity);
    qsort(guards.items, guards.count, sizeof(*guards.items), by_text);
    const struct kong_entity_texts texts = {.key = entity->key,
                                            .id = entity->id,
                                            .text = entity->text,
                                            .length = strlen(entity->text),
                                            .foreign_keys = (const char *const *)entity->foreign_keys};
    struct kong_entity *copy = kong_entity_make(entity->kind, &texts);
    copy_origin(&copy->origin, &entity->origin);
    copy->guards = guards.items;
    copy->guard_count = guards.count;
    return copy;
}

void wanted_touch_guarded(struct wanted_set *set, const struct wanted *wanted)
{
    if (wanted->kind->id == KONG_PLUGIN) {
        for (int i = 0; i < wanted->link_count; i++) {
            struct wanted *to = wanted->links[i].to;
            if (to == NULL || to->changed)
                continue;
            if (to->kind->id == KONG_ROUTE || to->kind->id == KONG_SERVICE)
                wanted_touch(set, to);
        }
    } else if (wanted->kind->id == KONG_SERVICE) {
        for (struct wanted_link *link = wanted->dependents; link != NULL; link = link->next) {
            if (link->from->kind->id == KONG_ROUTE && !link->from->changed)
                wanted_touch(set, link->from);
        }
    }
}
