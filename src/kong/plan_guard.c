/* Decides what the plugins of a route allow: it is never live, and never changed, without those that guard it. */
#include "plan_parts.h"
#include "state_link.h"

bool plan_guard_in_place(struct kong_plan *plan, struct kong_item *guard)
{
    return guard->entity != NULL && guard->actual != NULL && !guard->in_flight && !guard->unsure &&
           !kong_state_differs(&plan->state, guard);
}

struct kong_item *plan_guard_missing(struct kong_plan *plan, struct kong_item *route, bool *ret_lost)
{
    struct kong_item *waiting = NULL;
    *ret_lost = false;
    for (size_t i = 0; i < route->entity->guard_count; i++) {
        struct kong_item *guard = kong_state_item(&plan->state, kong_kind_get(KONG_PLUGIN), route->entity->guards[i]);
        if (plan_guard_in_place(plan, guard))
            continue;
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
    return waiting;
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
