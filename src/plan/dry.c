/* Decides what of a plan would be carried out, without doing any of it: a dry run tells that and no more. */
#include "parts.h"
#include "state_link.h"

enum verdict { VERDICT_OPEN = 1, VERDICT_GOES, VERDICT_STAYS };

struct dry {
    struct kong_plan *plan;
    struct map verdicts; /* item, by address -> enum verdict */
};

static void give(struct dry *dry, const struct kong_item *item, enum verdict verdict)
{
    map_put_bytes(&dry->verdicts, &item, sizeof(item), (void *)(uintptr_t)verdict);
}

static enum verdict given(const struct dry *dry, const struct kong_item *item)
{
    return (enum verdict)(uintptr_t)map_find_bytes(&dry->verdicts, &item, sizeof(item));
}

static bool would_be_there(struct dry *dry, struct kong_item *item);

/* The first that it refers to and that would not be there. */
static struct kong_item *missing_reference(struct dry *dry, const struct kong_item *item)
{
    for (size_t i = 0; i < KONG_LINKS; i++) {
        struct kong_item *target = item->links[i].target;
        bool counts = target != NULL && (i != KONG_LINK_HOST || target->entity != NULL); /* a host may be any name */
        if (counts && target->actual == NULL && !would_be_there(dry, target))
            return target;
    }
    return NULL;
}

static struct kong_item *missing_guard(struct dry *dry, const struct kong_item *route)
{
    struct kong_plan *plan = dry->plan;
    for (size_t i = 0; i < route->entity->guard_count && !plan->options.serve_unguarded; i++) {
        struct kong_item *guard = kong_state_item(&plan->state, kong_kind_get(KONG_PLUGIN), route->entity->guards[i]);
        if (!would_be_there(dry, guard))
            return guard;
    }
    return NULL;
}

/* Says why it would not, where somebody wants it. */
static bool judge(struct dry *dry, struct kong_item *item)
{
    struct kong_plan *plan = dry->plan;
    if (item->entity == NULL || item->refused || plan_upsert_barred(plan, item))
        return false;
    struct kong_item *missing = missing_reference(dry, item);
    if (missing != NULL) {
        plan_upsert_dangles(plan, item, missing);
        return false;
    }
    missing = item->kind->id == KONG_ROUTE ? missing_guard(dry, item) : NULL;
    if (missing != NULL) {
        plan_upsert_withheld(plan, item, missing);
        return false;
    }
    plan_problem(plan, item, NULL, NULL);
    return true;
}

/* As it is wanted, after the plan was carried out.  Those that are looked at already count as there: a route and its
 * guards need each other. */
static bool would_be_there(struct dry *dry, struct kong_item *item)
{
    enum verdict before = given(dry, item);
    if (before != 0)
        return before != VERDICT_STAYS;
    give(dry, item, VERDICT_OPEN);
    bool goes = judge(dry, item);
    give(dry, item, goes ? VERDICT_GOES : VERDICT_STAYS);
    return goes;
}

static bool keeps_plugins(struct dry *dry, const struct kong_item *route)
{
    return route->entity != NULL && missing_guard(dry, route) != NULL;
}

/* A route that would go on without a guard of its own keeps the plugins that it has. */
static bool is_kept(struct dry *dry, const struct kong_item *plugin)
{
    const struct kong_actual *service = plugin->actual->links[0].target, *route = plugin->actual->links[1].target;
    if (plugin->kind->id != KONG_PLUGIN)
        return false;
    if (route != NULL)
        return keeps_plugins(dry, route->item);
    for (const struct kong_link *link = service != NULL ? service->referrers : NULL; link != NULL; link = link->next) {
        const struct kong_actual *referrer = link->owner;
        if (referrer->kind->id == KONG_ROUTE && keeps_plugins(dry, referrer->item))
            return true;
    }
    return false;
}

static bool look_at(struct dry *dry, const struct map *held, struct kong_item *item, struct kong_listed *ret_listed)
{
    struct kong_plan *plan = dry->plan;
    *ret_listed = (struct kong_listed){.item = item};
    if (item->entity == NULL) {
        ret_listed->fate = map_find_bytes(held, &item, sizeof(item)) != NULL ? KONG_FATE_HELD : KONG_FATE_DONE;
        ret_listed->verb = KONG_DELETE;
        return item->actual != NULL && plan_brake_wants(plan, item) && !is_kept(dry, item);
    }
    bool goes = would_be_there(dry, item);
    bool differs = kong_state_differs(&plan->state, item) && !item->ignored;
    bool withheld =
        item->kind->id == KONG_ROUTE && !goes && item->code != NULL && (differs || missing_guard(dry, item) != NULL);
    ret_listed->verb = item->actual != NULL ? KONG_UPDATE : KONG_CREATE;
    ret_listed->fate = goes ? KONG_FATE_DONE : KONG_FATE_WITHHELD;
    return goes ? differs : withheld || differs;
}

struct kong_listed *kong_plan_list(struct kong_plan *plan, size_t *ret_count)
{
    struct {
        VEC(struct kong_item *);
    } items = {0};
    struct dry dry = {.plan = plan};
    map_init(&dry.verdicts, NULL);
    struct map held;
    plan_held_items(plan, &held);
    for (size_t kind = 0; kind < KONG_KIND_COUNT; kind++) {
        size_t position = 0;
        struct map_entry *entry;
        while ((entry = map_next(&plan->state.items[kind], &position)) != NULL)
            vec_push(&items, entry->value);
    }
    plan_sort(items.items, &items.count);
    struct kong_listed *list = xcalloc(items.count + 1, sizeof(*list));
    size_t at = 0;
    for (size_t i = 0; i < items.count; i++)
        at += items.items[i]->entity != NULL && look_at(&dry, &held, items.items[i], &list[at]);
    for (size_t i = items.count; i-- > 0;) /* what refers to others goes first */
        at += items.items[i]->entity == NULL && look_at(&dry, &held, items.items[i], &list[at]);
    map_done(&dry.verdicts);
    map_done(&held);
    vec_done(&items);
    *ret_count = at;
    return list;
}
