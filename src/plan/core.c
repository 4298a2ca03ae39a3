/* Keeps who is looked at next, who waits for whom, and what is still to be done; decides nothing about entities. */
#include <string.h>

#include "parts.h"
#include "state_link.h"

char *kong_plan_item_name(const struct kong_item *item)
{
    return xasprintf("%02d %s", item->kind->id, item->key);
}

void plan_tell(struct kong_plan *plan, struct kong_item *item)
{
    if (item->told)
        return;
    item->told = true;
    vec_push(&plan->told, item);
}

void plan_queue(struct kong_plan *plan, struct kong_item *item)
{
    if (item->queued)
        return;
    item->queued = true;
    vec_push(&plan->ready, item);
}

void plan_wake(struct kong_plan *plan, struct kong_item *item)
{
    while (item->waiters != NULL) {
        struct kong_item *waiter = item->waiters->owner;
        state_link_set(&waiter->wait, waiter, NULL, NULL);
        plan_queue(plan, waiter);
    }
}

void plan_wait(struct kong_plan *plan, struct kong_item *item, struct kong_item *for_item)
{
    state_link_set(&item->wait, item, for_item, &for_item->waiters);
}

/* Deletes wait for all batches up to their own: when the oldest ones are through, they are looked at again. */
static void leave_batch(struct kong_plan *plan, uint64_t batch)
{
    plan->batches.items[batch - plan->first_batch]--;
    size_t through = 0;
    while (through + 1 < plan->batches.count && plan->batches.items[through] == 0)
        through++;
    bool advanced = through > 0 || (plan->batches.count == 1 && plan->batches.items[0] == 0);
    if (through > 0) {
        memmove(plan->batches.items, plan->batches.items + through,
                (plan->batches.count - through) * sizeof(plan->batches.items[0]));
        plan->batches.count -= through;
        plan->first_batch += through;
        advanced = true;
    }
    if (!advanced && plan->batches.items[0] != 0)
        return;
    for (size_t i = 0; i < plan->stalled.count; i++) {
        plan->stalled.items[i]->stalled = false;
        plan_queue(plan, plan->stalled.items[i]);
    }
    plan->stalled.count = 0;
}

void plan_set_status(struct kong_plan *plan, struct kong_item *item, enum kong_status status)
{
    if (item->status == status)
        return;
    bool was_counted = item->status == KONG_ACTIVE && item->batch != 0;
    if (item->status == KONG_ACTIVE)
        plan->active--;
    if (status == KONG_ACTIVE)
        plan->active++;
    item->status = status;
    plan_tell(plan, item);

    if (was_counted) {
        uint64_t batch = item->batch - 1;
        item->batch = 0;
        leave_batch(plan, batch);
    }
    if (status == KONG_ACTIVE && item->entity != NULL) { /* deletes do not wait for deletes */
        item->batch = plan->first_batch + plan->batches.count;
        plan->batches.items[plan->batches.count - 1]++;
    }
    plan_wake(plan, item);
}

void plan_problem(struct kong_plan *plan, struct kong_item *item, const char *code, const char *text)
{
    bool same = (code == NULL && item->code == NULL) ||
                (code != NULL && item->code != NULL && strcmp(code, item->code) == 0 && strcmp(text, item->text) == 0);
    if (same)
        return;
    free(item->code);
    free(item->text);
    item->code = xstrdup(code);
    item->text = xstrdup(code != NULL ? text : NULL);
    plan_tell(plan, item);
    AUTO(text) char *name = kong_plan_item_name(item);
    if (code != NULL)
        map_put(&plan->problems, name, item);
    else
        map_take(&plan->problems, name);
}

void plan_try_again(struct kong_plan *plan, struct kong_item *item)
{
    AUTO(text) char *name = kong_plan_item_name(item);
    map_take(&plan->refused, name);
    item->refused = false; /* the count of failures stays */
    plan_set_status(plan, item, KONG_ACTIVE);
    plan_queue(plan, item);
}

void plan_note(struct kong_plan *plan, struct kong_item *item)
{
    if (item->noted)
        return;
    item->noted = true;
    vec_push(&plan->changed, item);
}

void plan_note_type(struct kong_plan *plan, const struct kong_type *type)
{
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&plan->state.items[KONG_CUSTOM], &position)) != NULL)
        if (((struct kong_item *)entry->value)->kind == &type->kind)
            plan_note(plan, entry->value);
}

static int by_order(const void *left, const void *right)
{
    const struct kong_item *a = *(struct kong_item *const *)left;
    const struct kong_item *b = *(struct kong_item *const *)right;
    size_t count, at_a = 0, at_b = 0;
    const enum kong_kind_id *order = kong_state_order(&count);
    for (size_t i = 0; i < count; i++) {
        at_a = order[i] == a->kind->id ? i : at_a;
        at_b = order[i] == b->kind->id ? i : at_b;
    }
    if (at_a != at_b)
        return at_a < at_b ? -1 : 1;
    int keys = strcmp(a->key, b->key);
    return keys != 0 ? keys : (a > b) - (a < b);
}

void plan_sort(struct kong_item **items, size_t *count)
{
    if (*count == 0)
        return;
    qsort(items, *count, sizeof(*items), by_order);
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++)
        if (kept == 0 || items[kept - 1] != items[i])
            items[kept++] = items[i];
    *count = kept;
}
