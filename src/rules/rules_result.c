/* What came of it: entities, problems and conditions as they stand, and the delta of a wave. */
#include <string.h>

#include "rules_parts.h"

struct problem **rules_problems(const struct rules *rules, size_t *ret_count)
{
    struct problem **problems;
    said_problems(&rules->graph.said, &problems, ret_count);
    return problems;
}

static int by_kind_and_key(const void *left, const void *right)
{
    const struct rules_change *a = left;
    const struct rules_change *b = right;
    return a->kind->id != b->kind->id ? (int)a->kind->id - (int)b->kind->id : strcmp(a->key, b->key);
}

void rules_fill_delta(struct rules *rules, struct rules_delta *delta)
{
    size_t count = rules->wanted.changed.count;
    delta->changes = xcalloc(count, sizeof(*delta->changes));
    delta->change_count = count;
    for (size_t i = 0; i < count; i++) {
        const struct wanted *wanted = rules->wanted.changed.items[i];
        struct kong_entity *entity = wanted->published != NULL ? kong_entity_ref(wanted->published) : NULL;
        delta->changes[i] =
            (struct rules_change){wanted->kind, entity != NULL ? entity->key : xstrdup(wanted->key), entity};
    }
    if (count > 1)
        qsort(delta->changes, count, sizeof(*delta->changes), by_kind_and_key);
    rules->graph.counters.entities_changed += count;
    struct said_list said;
    said_take(&rules->graph.said, &said);
    delta->said = said.items;
    delta->said_count = said.count;
}

static int by_entity(const void *left, const void *right)
{
    const struct kong_entity *a = *(struct kong_entity *const *)left;
    const struct kong_entity *b = *(struct kong_entity *const *)right;
    if (a->kind->id != b->kind->id)
        return (int)a->kind->id - (int)b->kind->id;
    int order = strcmp(a->key, b->key);
    return order != 0 ? order : strcmp(a->text, b->text);
}

/* What lost against the winner, unless other nodes made exactly the same. */
static void push_losers(struct entity_list *list, const struct wanted *wanted)
{
    for (size_t i = 0; i < wanted->emissions.count; i++) {
        const struct emission *emission = wanted->emissions.items[i];
        if (emission != wanted->winner &&
            (emission->node == wanted->winner->node || !kong_entity_equal(emission->entity, wanted->winner->entity)))
            vec_push(list, emission->entity);
    }
}

static struct kong_entity **list_entities(const struct rules *rules, bool losers, size_t *ret_count)
{
    struct entity_list all = {0};
    for (int i = 0; i < KONG_KIND_COUNT; i++) {
        struct map_entry *entry;
        for (size_t at = 0; (entry = map_next(&rules->wanted.entities[i], &at)) != NULL;) {
            const struct wanted *wanted = entry->value;
            bool lone = losers && (i == KONG_MEMBERSHIP ? wanted->winner != NULL : wanted_is_robbed(wanted));
            if (wanted->published != NULL)
                vec_push(&all, wanted->published);
            else if (lone)
                vec_push(&all, wanted->winner->entity);
            if (losers && (wanted->published != NULL || lone))
                push_losers(&all, wanted);
        }
    }
    if (all.count > 1)
        qsort(all.items, all.count, sizeof(*all.items), by_entity);
    *ret_count = all.count;
    return all.items;
}

struct kong_entity **rules_entities(const struct rules *rules, size_t *ret_count)
{
    return list_entities(rules, false, ret_count);
}

struct kong_entity **rules_emitted(const struct rules *rules, size_t *ret_count)
{
    return list_entities(rules, true, ret_count);
}

void rules_change_done(struct rules_change *change)
{
    if (change->entity == NULL)
        free((char *)change->key);
    kong_entity_unref(change->entity);
}

void rules_delta_done(struct rules_delta *delta)
{
    for (size_t i = 0; i < delta->change_count; i++)
        rules_change_done(&delta->changes[i]);
    for (size_t i = 0; i < delta->said_count; i++)
        rules_said_done(&delta->said[i]);
    free(delta->changes);
    free(delta->said);
    *delta = (struct rules_delta){0};
}
