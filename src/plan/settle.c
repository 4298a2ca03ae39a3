/* Decides how long an object that names something missing waits for it. */
#include "parts.h"

static void finish(struct kong_plan *plan, struct plan_settling *settling)
{
    struct plan_object *object = settling->object;
    map_take(&plan->settling, object->key);
    object->settling = NULL;
    for (size_t i = 0; i < settling->items.count; i++) {
        struct kong_item *item = settling->items.items[i];
        item->settling = false;
        plan_queue(plan, item);
    }
    vec_done(&settling->items);
    free(settling);
    plan_object_release(plan, object);
}

void kong_plan_await(struct kong_plan *plan, const struct kong_source *source, uint64_t now_ms)
{
    if (plan->options.settle_ms == 0)
        return;
    struct plan_object *object = plan_object_get(plan, source);
    if (object->settling != NULL)
        return;
    struct plan_settling *settling = xcalloc(1, sizeof(*settling));
    settling->object = object;
    settling->since_ms = now_ms;
    object->settling = settling;
    map_put(&plan->settling, object->key, settling);
}

void kong_plan_complete(struct kong_plan *plan, const struct kong_source *source)
{
    struct plan_object *object = plan_object_find(plan, source);
    if (object != NULL && object->settling != NULL)
        finish(plan, object->settling);
}

void kong_plan_arrival(struct kong_plan *plan, uint64_t now_ms)
{
    plan->arrival_ms = now_ms;
}

bool kong_plan_is_settling(const struct kong_plan *plan)
{
    return plan->settling.count != 0;
}

bool plan_settle_waits(struct kong_plan *plan, struct kong_item *item)
{
    const struct kong_origin *origin = &item->entity->origin;
    for (size_t i = 0; plan->settling.count != 0 && i < origin->source_count; i++) {
        const struct plan_object *object = plan_object_find(plan, &origin->sources[i]);
        if (object == NULL || object->settling == NULL)
            continue;
        if (!item->settling)
            vec_push(&object->settling->items, item);
        item->settling = true;
        plan_set_status(plan, item, KONG_ACTIVE);
        return true;
    }
    return false;
}

static uint64_t ends_at(const struct kong_plan *plan, const struct plan_settling *settling)
{
    uint64_t quiet_since = plan->arrival_ms > settling->since_ms ? plan->arrival_ms : settling->since_ms;
    uint64_t quiet = quiet_since + plan->options.settle_ms, latest = settling->since_ms + KONG_SETTLE_MAX_MS;
    return quiet < latest ? quiet : latest;
}

uint64_t plan_settle_wakes_at(const struct kong_plan *plan)
{
    uint64_t soonest = 0;
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&plan->settling, &position)) != NULL) {
        uint64_t at = ends_at(plan, entry->value);
        soonest = soonest == 0 || at < soonest ? at : soonest;
    }
    return soonest;
}

void plan_settle_wake(struct kong_plan *plan)
{
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&plan->settling, &position)) != NULL)
        if (ends_at(plan, entry->value) <= plan->now_ms)
            finish(plan, entry->value);
}

void plan_settle_done(struct kong_plan *plan)
{
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&plan->settling, &position)) != NULL)
        finish(plan, entry->value);
    map_done(&plan->settling);
}
