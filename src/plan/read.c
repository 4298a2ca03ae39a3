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
    if (actual == NULL || !changed)
        return;
    note_drift(plan, actual->item);
    plan_unique_changed(plan, actual->item);
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

#define WAITS_MAX 8 /* entities in a row that wait for each other: a route, a service, an upstream … */

/* Whether the object is told of it already, where what this one waits for came from it. */
static bool is_told_there(const struct kong_item *item, const struct kong_source *source)
{
    const struct kong_item *target = item->wait.target;
    for (int i = 0; i < WAITS_MAX && target != NULL; i++, target = target->wait.target) {
        const struct kong_entity *entity = target->code != NULL ? target->entity : NULL;
        for (size_t s = 0; entity != NULL && s < entity->origin.source_count; s++) {
            const struct kong_source *other = &entity->origin.sources[s];
            if (strcmp(other->name, source->name) == 0 && strcmp(other->namespace, source->namespace) == 0 &&
                strcmp(other->kind, source->kind) == 0)
                return true;
        }
    }
    return false;
}

struct problem **kong_plan_item_problems(const struct kong_item *item, size_t *ret_count)
{
    *ret_count = 0;
    if (item->code == NULL)
        return NULL;
    size_t sources = item->entity != NULL ? item->entity->origin.source_count : 0;
    struct problem **problems = xcalloc(sources + 1, sizeof(struct problem *));
    for (size_t i = 0; i < sources; i++) {
        const struct kong_source *source = &item->entity->origin.sources[i];
        if (!is_told_there(item, source))
            problems[(*ret_count)++] = problem_of(item, source);
    }
    if (sources == 0)
        problems[(*ret_count)++] = problem_of(item, NULL);
    return problems;
}

struct problem **kong_plan_problems(struct kong_plan *plan, size_t *ret_count)
{
    struct {
        VEC(struct problem *);
    } all = {0};
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&plan->problems, &position)) != NULL) {
        size_t count;
        struct problem **problems = kong_plan_item_problems(entry->value, &count);
        for (size_t i = 0; i < count; i++)
            vec_push(&all, problems[i]);
        free(problems);
    }
    problem_sort(all.items, all.count);
    *ret_count = all.count;
    return all.items;
}

void kong_plan_tell(struct kong_plan *plan, kong_plan_told_fn *told, void *user)
{
    for (size_t i = 0; i < plan->told.count; i++) { /* telling may make more */
        struct kong_item *item = plan->told.items[i];
        item->told = false;
        told(user, item);
        kong_state_release(&plan->state, item);
    }
    plan->told.count = 0;
}
