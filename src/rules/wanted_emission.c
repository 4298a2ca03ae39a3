/* What nodes emit, by natural key: several may emit one, and the oldest object's comes first. */
#include "wanted_parts.h"

#include <string.h>

void wanted_touch(struct wanted_set *set, struct wanted *wanted)
{
    if (wanted->touched)
        return;
    wanted->touched = true;
    wanted->next_touched = set->touched;
    set->touched = wanted;
}

static int foreign_count(const struct kong_kind *kind)
{
    int count = 0;
    while (count < KONG_FOREIGN_MAX && kind->foreign[count].field != NULL)
        count++;
    return count;
}

struct wanted *wanted_find_or_make(struct wanted_set *set, const struct kong_kind *kind, const char *key)
{
    struct wanted *wanted = map_find(&set->entities[kind->id], key);
    if (wanted == NULL) {
        int links = foreign_count(kind);
        wanted = xcalloc(1, sizeof(*wanted) + (size_t)links * sizeof(*wanted->links));
        wanted->link_count = links;
        wanted->kind = kind;
        wanted->key = map_put(&set->entities[kind->id], key, wanted)->key;
    }
    return wanted;
}

static void add_emission(struct wanted_set *set, struct node *node, struct kong_entity *entity)
{
    struct emission *emission = xmalloc(sizeof(*emission));
    *emission = (struct emission){node, entity, wanted_find_or_make(set, entity->kind, entity->key)};
    vec_push(&node->emissions, emission);
    vec_push(&emission->wanted->emissions, emission);
    wanted_touch(set, emission->wanted);
}

static void drop_emission(struct wanted_set *set, struct emission *emission)
{
    struct wanted *wanted = emission->wanted;
    for (size_t i = 0; i < wanted->emissions.count; i++) {
        if (wanted->emissions.items[i] == emission) {
            wanted->emissions.items[i] = wanted->emissions.items[--wanted->emissions.count];
            break;
        }
    }
    if (wanted->winner == emission)
        wanted->winner = NULL;
    wanted_touch(set, wanted);
    kong_entity_unref(emission->entity);
    free(emission);
}

static bool same_sources(const struct kong_entity *left, const struct kong_entity *right)
{
    if (left->origin.source_count != right->origin.source_count)
        return false;
    for (size_t i = 0; i < left->origin.source_count; i++) {
        const struct kong_source *a = &left->origin.sources[i];
        const struct kong_source *b = &right->origin.sources[i];
        if (strcmp(a->name, b->name) != 0 || strcmp(a->namespace, b->namespace) != 0 || strcmp(a->kind, b->kind) != 0 ||
            strcmp(a->uid, b->uid) != 0)
            return false;
    }
    return true;
}

bool wanted_same_entity(const struct kong_entity *left, const struct kong_entity *right)
{
    return kong_entity_equal(left, right) && same_sources(left, right);
}

void wanted_set_emissions(struct wanted_set *set, struct node *node, struct entity_list *entities)
{
    struct emission_list old = node->emissions;
    node->emissions = (struct emission_list){0};
    for (size_t i = 0; i < entities->count; i++) {
        struct kong_entity *entity = entities->items[i];
        struct emission *same = NULL;
        for (size_t at = 0; at < old.count && same == NULL; at++) {
            struct emission *candidate = old.items[at];
            if (candidate != NULL && candidate->entity->kind == entity->kind &&
                strcmp(candidate->entity->key, entity->key) == 0) {
                same = candidate;
                old.items[at] = NULL;
            }
        }
        if (same == NULL) {
            add_emission(set, node, entity);
            continue;
        }
        if (wanted_same_entity(same->entity, entity)) {
            kong_entity_unref(entity);
        } else {
            kong_entity_unref(same->entity);
            same->entity = entity;
            wanted_touch(set, same->wanted);
        }
        vec_push(&node->emissions, same);
    }
    for (size_t at = 0; at < old.count; at++) {
        if (old.items[at] != NULL)
            drop_emission(set, old.items[at]);
    }
    vec_done(&old);
    vec_done(entities);
}

int wanted_emission_compare(const struct emission *left, const struct emission *right)
{
    int order = origin_compare(&left->node->origin, &right->node->origin);
    if (order == 0)
        order = strcmp(left->node->rule->name, right->node->rule->name);
    if (order == 0)
        order = strcmp(left->node->key, right->node->key);
    return order != 0 ? order : strcmp(left->entity->text, right->entity->text); /* one node may emit a key twice */
}
