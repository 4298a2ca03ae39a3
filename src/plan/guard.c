/* Decides what the plugins of a route allow: it is never live, and never changed, without those that guard it. */
#include <string.h>

#include "parts.h"
#include "plan/body.h"
#include "state_link.h"

/* Nodes learn of routes and of plugins by turns and not at once, so a route that is sent right after its plugin may be
 * there first. */
static void spread(struct kong_plan *plan, struct kong_item *item)
{
    if (plan->options.spread_ms == 0)
        return;
    item->spread_at_ms = plan->now_ms + plan->options.spread_ms;
    AUTO(text) char *name = kong_plan_item_name(item);
    map_put(&plan->spreading, name, item);
}

void plan_guard_sent(struct kong_plan *plan, struct kong_item *plugin)
{
    if (plugin->kind->id == KONG_PLUGIN)
        spread(plan, plugin);
}

uint64_t plan_guard_wakes_at(const struct kong_plan *plan)
{
    uint64_t soonest = 0;
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&plan->spreading, &position)) != NULL) {
        uint64_t at = ((const struct kong_item *)entry->value)->spread_at_ms;
        if (soonest == 0 || at < soonest)
            soonest = at;
    }
    return soonest;
}

bool kong_plan_is_spreading(const struct kong_plan *plan)
{
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&plan->spreading, &position)) != NULL) {
        const struct kong_item *item = entry->value;
        if (item->waiters != NULL || item->kind->id == KONG_ROUTE)
            return true;
    }
    return false;
}

void plan_guard_spread(struct kong_plan *plan)
{
    struct {
        VEC(struct kong_item *);
    } known = {0};
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&plan->spreading, &position)) != NULL)
        if (((struct kong_item *)entry->value)->spread_at_ms <= plan->now_ms)
            vec_push(&known, entry->value);
    for (size_t i = 0; i < known.count; i++) {
        struct kong_item *item = known.items[i];
        AUTO(text) char *name = kong_plan_item_name(item);
        map_take(&plan->spreading, name);
        item->spread_at_ms = 0;
        plan_wake(plan, item);
        if (item->kind->id == KONG_ROUTE)
            plan_queue(plan, item);
        kong_state_release(&plan->state, item);
    }
    vec_done(&known);
}

/* A parked route that was found there: whoever parked it may have sent its plugins a moment ago. */
static void doubt_guards(struct kong_plan *plan, struct kong_item *route)
{
    if (route->vouched || (route->actual == NULL || !kong_actual_is_parked(route->actual)))
        return;
    route->vouched = true;
    for (size_t i = 0; i < route->entity->guard_count; i++)
        plan_guard_sent(plan, kong_state_item(&plan->state, kong_kind_get(KONG_PLUGIN), route->entity->guards[i]));
}

bool plan_guard_in_place(struct kong_plan *plan, struct kong_item *guard)
{
    return guard->entity != NULL && guard->actual != NULL && !guard->in_flight && !guard->unsure &&
           !kong_state_differs(&plan->state, guard);
}

struct kong_item *plan_guard_missing(struct kong_plan *plan, struct kong_item *route, bool *ret_lost)
{
    struct kong_item *waiting = NULL, *spreading = NULL;
    *ret_lost = false;
    doubt_guards(plan, route);
    for (size_t i = 0; i < route->entity->guard_count; i++) {
        struct kong_item *guard = kong_state_item(&plan->state, kong_kind_get(KONG_PLUGIN), route->entity->guards[i]);
        if (plan_guard_in_place(plan, guard)) {
            if (guard->spread_at_ms != 0)
                spreading = guard;
            continue;
        }
        bool lost = guard->status != KONG_ACTIVE;
        if (lost && plan->options.serve_unguarded)
            continue;
        if (lost) {
            *ret_lost = true;
            return guard;
        }
        if (waiting == NULL)
            waiting = guard;
    }
    return waiting != NULL ? waiting : spreading;
}

static bool has_plugin(const struct kong_actual *actual)
{
    if (actual == NULL)
        return false;
    link_each(link, actual->referrers)
    {
        if (((const struct kong_actual *)link->owner)->kind->id == KONG_PLUGIN)
            return true;
    }
    return false;
}

enum plan_leave plan_guard_leave(struct kong_plan *plan, struct kong_item *route)
{
    if (plan->options.spread_ms == 0 || (!has_plugin(route->actual) && !has_plugin(route->actual->links[0].target)))
        return PLAN_LEAVES;
    if (!kong_actual_is_parked(route->actual))
        return PLAN_WITHDRAWS;
    if (!route->vouched)
        spread(plan, route);
    route->vouched = true;
    return route->spread_at_ms == 0 ? PLAN_LEAVES : PLAN_STAYS;
}

static bool settled(struct kong_plan *plan, struct kong_item *route)
{
    bool lost;
    if (plan->options.serve_unguarded)
        return route->status != KONG_ACTIVE;
    return route->status == KONG_SYNCED && plan_guard_missing(plan, route, &lost) == NULL;
}

static struct kong_item *unsettled_route(struct kong_plan *plan, struct kong_item *route)
{
    if (route != NULL && route->entity == NULL && route->status == KONG_ACTIVE)
        return route; /* it goes, and is withdrawn before */
    if (route == NULL || route->entity == NULL || settled(plan, route))
        return NULL;
    bool lost;
    struct kong_item *guard = route->status == KONG_SYNCED ? plan_guard_missing(plan, route, &lost) : NULL;
    if (guard != NULL)
        plan_wait(plan, route, guard); /* so that whoever waits for the route hears of both */
    return route;
}

struct kong_item *plan_guard_unsettled(struct kong_plan *plan, const struct kong_actual *actual)
{
    const struct kong_actual *service = actual->links[0].target;
    const struct kong_actual *route = actual->links[1].target;
    if (route != NULL)
        return unsettled_route(plan, route->item);
    if (service == NULL)
        return NULL;
    link_each(link, service->referrers)
    {
        const struct kong_actual *referrer = link->owner;
        struct kong_item *found = referrer->kind->id == KONG_ROUTE ? unsettled_route(plan, referrer->item) : NULL;
        if (found != NULL)
            return found;
    }
    return NULL;
}
