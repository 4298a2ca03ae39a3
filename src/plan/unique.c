/* Decides what becomes of entities that exchange unique values: a chain is undone from its end, a circle is opened by one
 * that gives its value up first. */
#include <string.h>

#include "parts.h"

#define CIRCLE_MAX 1000 /* members; a longer one is tried again like what is refused */

struct plan_taken {
    struct kong_item *item, *by;
    char *field; /* NULL: not known */
};

static void taken_free(struct plan_taken *taken)
{
    taken->item->taken = false;
    taken->by->takers--;
    free(taken->field);
    free(taken);
}

static struct plan_taken *taken_of(const struct kong_plan *plan, const struct kong_item *item)
{
    AUTO(text) char *name = kong_plan_item_name(item);
    return item->taken ? map_find(&plan->taken, name) : NULL;
}

void plan_unique_forget(struct kong_plan *plan, struct kong_item *item)
{
    free(TAKE(item->yields));
    if (!item->taken)
        return;
    AUTO(text) char *name = kong_plan_item_name(item);
    struct plan_taken *taken = map_take(&plan->taken, name);
    struct kong_item *by = taken->by;
    taken_free(taken);
    kong_state_release(&plan->state, by);
}

void plan_unique_changed(struct kong_plan *plan, struct kong_item *item)
{
    struct {
        VEC(struct kong_item *);
    } takers = {0};
    size_t position = 0;
    struct map_entry *entry;
    while (item->takers != 0 && (entry = map_next(&plan->taken, &position)) != NULL) {
        struct plan_taken *taken = entry->value;
        if (taken->by == item)
            vec_push(&takers, taken->item);
    }
    plan_sort(takers.items, &takers.count);
    for (size_t i = 0; i < takers.count; i++) {
        plan_unique_forget(plan, takers.items[i]);
        plan_try_again(plan, takers.items[i]);
    }
    vec_done(&takers);
}

/* A value that may not be absent is given up for one that nobody has, where that can be made up. */
static bool may_yield(const struct kong_plan *plan, const struct kong_item *item, const char *field)
{
    bool required, text;
    kong_schema_field(kong_schemas_find(plan->state.schemas, item->kind->table), field, &required, &text);
    return field != NULL && item->actual != NULL && item->actual->owned && !item->in_flight && (!required || text);
}

/* Going from who needs to who has, back to the item: the first that can give its value up does. */
static void open_circle(struct kong_plan *plan, struct kong_item *item)
{
    struct plan_taken *taker = taken_of(plan, item);
    for (int i = 0; i < CIRCLE_MAX && taker != NULL && taker->by != item; i++)
        taker = taken_of(plan, taker->by);
    if (taker == NULL || taker->by != item)
        return;
    for (int i = 0; i < CIRCLE_MAX; i++) { /* `taker` needs what taker->by has */
        struct kong_item *holder = taker->by;
        if (may_yield(plan, holder, taker->field)) {
            free(holder->yields);
            holder->yields = xstrdup(taker->field);
            plan_try_again(plan, holder);
            return;
        }
        taker = taken_of(plan, holder);
        if (taker->by == item)
            return;
    }
}

void plan_unique_taken(struct kong_plan *plan, struct kong_item *item, struct kong_item *by, const char *field)
{
    plan_unique_forget(plan, item);
    if (by == NULL || by == item)
        return;
    struct plan_taken *taken = xcalloc(1, sizeof(*taken));
    *taken = (struct plan_taken){item, by, xstrdup(field)};
    item->taken = true;
    by->takers++;
    AUTO(text) char *name = kong_plan_item_name(item);
    map_put(&plan->taken, name, taken);
    open_circle(plan, item);
}

void plan_unique_done(struct kong_plan *plan)
{
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&plan->taken, &position)) != NULL)
        taken_free(entry->value);
    map_done(&plan->taken);
}
