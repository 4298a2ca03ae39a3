/* Decides when an entity that nobody wants any more may go. */
#include <string.h>

#include "parts.h"
#include "state_link.h"

static bool wait_for(struct kong_plan *plan, struct kong_item *item, struct kong_item *target)
{
    plan_wait(plan, item, target);
    const struct kong_item *guard = target->wait.target; /* a settled route waits only for its guards */
    bool active = target->status == KONG_ACTIVE || (target->status == KONG_SYNCED && guard != NULL &&
                                                    (guard->status == KONG_ACTIVE || guard->spread_at_ms != 0));
    plan_set_status(plan, item, active ? KONG_ACTIVE : KONG_INACTIVE);
    return false;
}

/* What the gateway deletes along with it goes with it: in one step, so that no route outlives its plugins. */
static struct kong_item *parent_that_goes(const struct kong_plan *plan, const struct kong_actual *actual)
{
    for (size_t i = 0; i < KONG_FOREIGN_MAX; i++) {
        const struct kong_actual *parent = actual->links[i].target;
        if (parent != NULL && actual->kind->foreign[i].on_delete == KONG_CASCADE && parent->item->entity == NULL &&
            plan_brake_wants(plan, parent->item))
            return parent->item;
    }
    return NULL;
}

/* Somebody who still refers to it and will not for ever. */
static struct kong_item *referrer_that_leaves(const struct kong_actual *actual)
{
    link_each(link, actual->referrers)
    {
        const struct kong_actual *child = link->owner;
        size_t field = (size_t)(link - child->links);
        bool cascade = field < KONG_FOREIGN_MAX && child->kind->foreign[field].on_delete == KONG_CASCADE;
        bool leaves = child->item->status != KONG_SYNCED;
        if (cascade ? child->item->entity != NULL && leaves : leaves)
            return child->item;
    }
    return NULL;
}

/* A target goes when the new ones of its upstream are there. */
static struct kong_item *sibling_that_comes(const struct kong_actual *target)
{
    const struct kong_actual *upstream = target->links[0].target;
    if (upstream == NULL)
        return NULL;
    link_each(link, upstream->item->dependents)
    {
        struct kong_item *sibling = link->owner;
        if (sibling->kind->id == KONG_TARGET && sibling->actual == NULL && sibling->status == KONG_ACTIVE)
            return sibling;
    }
    return NULL;
}

/* Services name authorities by id in a plain field; there are few authorities, and they are seldom deleted. */
static struct kong_item *service_that_trusts(const struct kong_plan *plan, const struct kong_actual *authority)
{
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&plan->state.actuals[KONG_SERVICE], &position)) != NULL) {
        const struct kong_actual *service = entry->value;
        if (service->item->status != KONG_SYNCED && strstr(service->text, authority->id) != NULL)
            return service->item;
    }
    return NULL;
}

/* When nothing else is in its way. */
static bool may_leave(struct kong_plan *plan, struct kong_item *route, enum kong_verb *ret_verb)
{
    enum plan_leave leave = plan_guard_leave(plan, route);
    if (leave == PLAN_WITHDRAWS)
        *ret_verb = KONG_WITHDRAW;
    return leave != PLAN_STAYS;
}

bool plan_delete_ready(struct kong_plan *plan, struct kong_item *item, enum kong_verb *ret_verb)
{
    const struct kong_actual *actual = item->actual;
    if (item->refused || item->brake != KONG_CLEARED) {
        bool soon = !item->refused && item->brake == KONG_GATHERED;
        plan_set_status(plan, item, soon ? KONG_ACTIVE : KONG_INACTIVE);
        return false;
    }
    struct kong_item *wait = parent_that_goes(plan, actual);
    if (wait != NULL)
        return wait_for(plan, item, wait);

    plan_set_status(plan, item, KONG_ACTIVE);
    if (actual->kind->id == KONG_TARGET) {
        wait = sibling_that_comes(actual);
        return wait != NULL ? wait_for(plan, item, wait) : true;
    }
    if (plan->batches.items[0] > 0 && plan->first_batch <= item->barrier) {
        if (!item->stalled)
            vec_push(&plan->stalled, item);
        item->stalled = true;
        return false;
    }
    wait = referrer_that_leaves(actual);
    if (wait == NULL && actual->kind->id == KONG_CA_CERTIFICATE)
        wait = service_that_trusts(plan, actual);
    if (wait == NULL && actual->kind->id == KONG_PLUGIN)
        wait = plan_guard_unsettled(plan, actual);
    if (wait != NULL)
        return wait_for(plan, item, wait);
    return actual->kind->id != KONG_ROUTE || may_leave(plan, item, ret_verb);
}
