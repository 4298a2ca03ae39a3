/* Decides what a reading of the gateway changes, and what of the plan is shown. */
#include <string.h>

#include "parts.h"

size_t kong_plan_drifted(const struct kong_plan *plan)
{
    return plan->drifted;
}

/* Settled, and now otherwise: somebody else did that. */
static void note_drift(struct kong_plan *plan, struct kong_item *item)
{
    if (plan->has_read && item->entity != NULL && item->status == KONG_SYNCED && !item->noted) {
        plan->drifted++;
        item->ignored = plan->report_drift;
    }
    plan_note(plan, item);
}

void kong_plan_read_start(struct kong_plan *plan, bool report_drift)
{
    plan->report_drift = report_drift;
    for (size_t kind = 0; kind < KONG_KIND_COUNT; kind++) {
        size_t position = 0;
        struct map_entry *entry;
        while ((entry = map_next(&plan->state.actuals[kind], &position)) != NULL)
            ((struct kong_actual *)entry->value)->seen = false;
    }
}

void kong_plan_hold(struct kong_plan *plan, const struct kong_kind *kind, const struct json *object)
{
    bool changed;
    struct kong_actual *actual = kong_state_hold(&plan->state, kind, object, NULL, &changed);
    if (actual != NULL && changed)
        note_drift(plan, actual->item);
}

void kong_plan_permit_deletes(struct kong_plan *plan, bool permitted)
{
    if (plan->no_deletes == !permitted)
        return;
    plan->no_deletes = !permitted;
    for (size_t kind = 0; kind < KONG_KIND_COUNT; kind++) {
        size_t position = 0;
        struct map_entry *entry;
        while ((entry = map_next(&plan->state.items[kind], &position)) != NULL) {
            struct kong_item *item = entry->value;
            if (item->entity == NULL)
                plan_note(plan, item);
        }
    }
}

void kong_plan_learn_type(struct kong_plan *plan, struct kong_type *type, const struct json *schema)
{
    kong_type_learn(type, schema);
    plan_note_type(plan, type);
}

void kong_plan_unsupported(struct kong_plan *plan, const struct kong_kind *kind, bool unsupported)
{
    if (plan->state.unsupported[kind->id] == unsupported)
        return;
    plan->state.unsupported[kind->id] = unsupported;
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&plan->state.items[kind->id], &position)) != NULL)
        plan_note(plan, entry->value);
}

void kong_plan_read_done(struct kong_plan *plan, const bool listed[KONG_KIND_COUNT])
{
    for (size_t kind = 0; kind < KONG_KIND_COUNT; kind++) {
        if (!listed[kind])
            continue;
        size_t position = 0;
        struct map_entry *entry;
        while ((entry = map_next(&plan->state.actuals[kind], &position)) != NULL) {
            struct kong_actual *actual = entry->value;
            if (actual->seen || actual->item->in_flight)
                continue;
            note_drift(plan, actual->item);
            kong_state_drop(&plan->state, actual);
        }
    }
    plan->has_read = true;
    plan->term = plan->term == PLAN_TERM_UNREAD ? PLAN_TERM_READ : plan->term;
}

struct kong_plan_counters kong_plan_counters(const struct kong_plan *plan)
{
    struct kong_plan_counters counters = {
        .active = plan->active,
        .in_flight = plan->in_flight,
        .refused = plan->refused.count,
    };
    if (plan->held.since_ms != 0) {
        struct plan_tally held = plan_loss_tally(plan, true);
        counters.held = held.direct + held.indirect;
    }
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&plan->problems, &position)) != NULL) {
        const struct kong_item *item = entry->value;
        counters.withheld += item->code != NULL && strcmp(item->code, "RouteWithheld") == 0;
        counters.inactive += item->status == KONG_INACTIVE;
    }
    return counters;
}

bool kong_plan_problems_changed(struct kong_plan *plan)
{
    bool changed = plan->problems_changed;
    plan->problems_changed = false;
    return changed;
}

static struct problem *problem_of(const struct kong_item *item, const struct kong_source *about)
{
    AUTO(text)
    char *title =
        item->entity != NULL ? kong_entity_title(item->entity) : xasprintf("%s %.8s", item->kind->name, item->key);
    AUTO(text) char *text = xasprintf("%s: %s", title, item->text);
    struct problem *problem = problem_new(PROBLEM_ERROR, item->code, about, text);
    if (item->entity != NULL && item->entity->origin.file != NULL) {
        free(problem->file);
        problem->file = xstrdup(item->entity->origin.file);
        problem->line = item->entity->origin.line;
    }
    return problem;
}

struct problem **kong_plan_problems(struct kong_plan *plan, size_t *ret_count)
{
    struct {
        VEC(struct problem *);
    } problems = {0};
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&plan->problems, &position)) != NULL) {
        const struct kong_item *item = entry->value;
        size_t sources = item->entity != NULL ? item->entity->origin.source_count : 0;
        for (size_t i = 0; i < sources; i++)
            vec_push(&problems, problem_of(item, &item->entity->origin.sources[i]));
        if (sources == 0)
            vec_push(&problems, problem_of(item, NULL));
    }
    problem_sort(problems.items, problems.count);
    *ret_count = problems.count;
    return problems.items;
}

struct kong_op *kong_plan_list(struct kong_plan *plan, size_t *ret_count)
{
    struct {
        VEC(struct kong_item *);
    } items = {0};
    for (size_t kind = 0; kind < KONG_KIND_COUNT; kind++) {
        size_t position = 0;
        struct map_entry *entry;
        while ((entry = map_next(&plan->state.items[kind], &position)) != NULL) {
            struct kong_item *item = entry->value;
            bool upsert = item->entity != NULL && kong_state_differs(&plan->state, item);
            bool delete = item->entity == NULL && plan_brake_wants(plan, item);
            if (upsert || delete)
                vec_push(&items, item);
        }
    }
    plan_sort(items.items, &items.count);

    struct kong_op *ops = xcalloc(items.count + 1, sizeof(*ops));
    size_t at = 0;
    for (size_t i = 0; i < items.count; i++)
        if (items.items[i]->entity != NULL)
            ops[at++] = (struct kong_op){items.items[i]->actual != NULL ? KONG_UPDATE : KONG_CREATE, items.items[i]};
    for (size_t i = items.count; i-- > 0;) /* what refers to others goes first */
        if (items.items[i]->entity == NULL)
            ops[at++] = (struct kong_op){KONG_DELETE, items.items[i]};
    *ret_count = at;
    vec_done(&items);
    return ops;
}
