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

static struct emission *add_emission(struct wanted_set *set, struct node *node, struct kong_entity *entity)
{
    struct emission *emission = xcalloc(1, sizeof(*emission));
    struct wanted *wanted = wanted_find_or_make(set, entity->kind, entity->key);
    *emission = (struct emission){.node = node, .entity = entity, .wanted = wanted, .place = wanted->emissions.count};
    vec_push(&wanted->emissions, emission);
    wanted_touch(set, wanted);
    return emission;
}

static void drop_emission(struct wanted_set *set, struct emission *emission)
{
    struct wanted *wanted = emission->wanted;
    struct emission *last = wanted->emissions.items[--wanted->emissions.count];
    wanted->emissions.items[emission->place] = last;
    last->place = emission->place;
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

/* What a node emitted until now, while it is exchanged: what finds no partner is dropped. */
struct exchange {
    struct emission_list old; /* NULL: has its partner */
    bool indexed;
    struct map by_wanted; /* address of the wanted -> its emissions in `old`, once they were looked for */
};

static void fill_index(struct exchange *exchange)
{
    exchange->indexed = true;
    for (size_t i = exchange->old.count; i > 0; i--) {
        struct emission *emission = exchange->old.items[i - 1];
        if (emission == NULL)
            continue;
        emission->next_same = map_find_bytes(&exchange->by_wanted, &emission->wanted, sizeof(emission->wanted));
        map_put_bytes(&exchange->by_wanted, &emission->wanted, sizeof(emission->wanted), emission);
        emission->position = i - 1;
    }
}

/* Nodes mostly emit the same in the same order; where not, the rest is looked up, so that no order costs more. */
static struct emission *take_partner(struct wanted_set *set, struct exchange *exchange, size_t at,
                                     const struct kong_entity *entity)
{
    struct emission *same = at < exchange->old.count ? exchange->old.items[at] : NULL;
    if (same != NULL && same->entity->kind == entity->kind && strcmp(same->entity->key, entity->key) == 0) {
        exchange->old.items[at] = NULL;
        return same;
    }
    const struct wanted *wanted = map_find(&set->entities[entity->kind->id], entity->key);
    if (wanted == NULL)
        return NULL;
    if (!exchange->indexed)
        fill_index(exchange);
    same = map_find_bytes(&exchange->by_wanted, &wanted, sizeof(wanted));
    while (same != NULL && exchange->old.items[same->position] != same)
        same = same->next_same; /* taken in its place meanwhile */
    if (same == NULL)
        return NULL;
    exchange->old.items[same->position] = NULL;
    map_put_bytes(&exchange->by_wanted, &wanted, sizeof(wanted), same->next_same);
    return same;
}
/* The new entity in place of the emission's; takes it. */
static void renew_emission(struct wanted_set *set, struct emission *emission, struct kong_entity *entity)
{
    if (wanted_same_entity(emission->entity, entity)) {
        kong_entity_unref(entity);
        return;
    }
    kong_entity_unref(emission->entity);
    emission->entity = entity;
    wanted_touch(set, emission->wanted);
}

void wanted_set_emissions(struct wanted_set *set, struct node *node, struct entity_list *entities)
{
    struct exchange exchange = {.old = node->emissions};
    map_init(&exchange.by_wanted, NULL);
    node->emissions = (struct emission_list){0};
    for (size_t i = 0; i < entities->count; i++) {
        struct emission *emission = take_partner(set, &exchange, i, entities->items[i]);
        if (emission != NULL)
            renew_emission(set, emission, entities->items[i]);
        else
            emission = add_emission(set, node, entities->items[i]);
        vec_push(&node->emissions, emission);
    }
    for (size_t at = 0; at < exchange.old.count; at++) {
        if (exchange.old.items[at] != NULL)
            drop_emission(set, exchange.old.items[at]);
    }
    map_done(&exchange.by_wanted);
    vec_done(&exchange.old);
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
