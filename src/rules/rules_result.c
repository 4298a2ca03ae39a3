/* What came of it: entities, problems and conditions as they stand, and the delta of a wave. */
#include <string.h>

#include "rules_parts.h"

/* An object that was named without its uid is the same object. */
static bool says_the_same(const struct problem *left, const struct problem *right)
{
    const struct kong_source *a = &left->about;
    const struct kong_source *b = &right->about;
    return strcmp(a->kind, b->kind) == 0 && strcmp(a->namespace, b->namespace) == 0 && strcmp(a->name, b->name) == 0 &&
           strcmp(left->code, right->code) == 0 && strcmp(left->text, right->text) == 0;
}

static void push_problems(struct problem_list *all, const struct problem_list *some)
{
    for (size_t i = 0; i < some->count; i++)
        vec_push(all, some->items[i]);
}

struct problem **rules_problems(const struct rules *rules, size_t *ret_count)
{
    struct problem_list all = {0};
    struct map_entry *entry;
    for (size_t at = 0; (entry = map_next(&rules->graph.reporters, &at)) != NULL;)
        push_problems(&all, &((const struct node *)entry->value)->reports->problems);
    for (size_t at = 0; (entry = map_next(&rules->wanted.troubled, &at)) != NULL;)
        push_problems(&all, &((const struct wanted *)entry->value)->problems);
    problem_sort(all.items, all.count);
    size_t kept = 0;
    for (size_t i = 0; i < all.count; i++) {
        if (kept == 0 || !says_the_same(all.items[kept - 1], all.items[i]))
            kept++;
        all.items[kept - 1] = all.items[i];
    }
    *ret_count = kept;
    return all.items;
}

static int by_condition(const void *left, const void *right)
{
    const struct rules_condition *a = left;
    const struct rules_condition *b = right;
    const char *const pairs[][2] = {{a->about.kind, b->about.kind},
                                    {a->about.namespace, b->about.namespace},
                                    {a->about.name, b->about.name},
                                    {a->subject, b->subject},
                                    {a->type, b->type},
                                    {a->reason, b->reason},
                                    {a->message, b->message}};
    int order = 0;
    for (size_t i = 0; order == 0 && i < COUNT_OF(pairs); i++)
        order = strcmp(pairs[i][0], pairs[i][1]);
    return order;
}

static void copy_conditions(struct rules *rules, struct rules_delta *delta)
{
    struct condition_list all = {0};
    struct map_entry *entry;
    for (size_t at = 0; (entry = map_next(&rules->graph.reporters, &at)) != NULL;) {
        const struct node *node = entry->value;
        for (size_t i = 0; i < node->reports->conditions.count; i++) {
            struct rules_condition copy;
            rules_condition_copy(&copy, &node->reports->conditions.items[i]);
            vec_push(&all, copy);
        }
    }
    if (all.count > 1)
        qsort(all.items, all.count, sizeof(*all.items), by_condition);
    delta->conditions = all.items;
    delta->condition_count = all.count;
    delta->conditions_changed = true;
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
    if (rules->graph.problems_changed || rules->wanted.problems_changed) {
        delta->problems = rules_problems(rules, &delta->problem_count);
        for (size_t i = 0; i < delta->problem_count; i++)
            problem_ref(delta->problems[i]);
        delta->problems_changed = true;
    }
    if (rules->graph.conditions_changed)
        copy_conditions(rules, delta);
    rules->graph.problems_changed = rules->wanted.problems_changed = rules->graph.conditions_changed = false;
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
    for (size_t i = 0; i < delta->problem_count; i++)
        problem_unref(delta->problems[i]);
    for (size_t i = 0; i < delta->condition_count; i++)
        rules_condition_done(&delta->conditions[i]);
    free(delta->changes);
    free(delta->problems);
    free(delta->conditions);
    *delta = (struct rules_delta){0};
}
