/* Decides when a wanted entity may be sent, and in which form. */
#include <string.h>

#include "parts.h"
#include "state_link.h"

void plan_upsert_dangles(struct kong_plan *plan, struct kong_item *item, const struct kong_item *target)
{
    if (target->entity == NULL) {
        AUTO(text)
        char *text = xasprintf("refers to %s %s, which does not exist", target->kind->name,
                               target->kind->key_is_secret ? "…" : target->key);
        plan_problem(plan, item, "DanglingReference", text);
    } else {
        AUTO(text) char *title = kong_entity_title(target->entity);
        bool unsupported = target->code != NULL && strcmp(target->code, "KongUnsupported") == 0;
        AUTO(text)
        char *text = xasprintf("waits for %s, which cannot be sent: %s", title,
                               target->code != NULL ? target->code : "it waits itself");
        plan_problem(plan, item, unsupported ? "KongUnsupported" : "DanglingReference", text);
    }
}

/* Not now: it waits for `target`, and is as alive as that is. */
static bool wait_for(struct kong_plan *plan, struct kong_item *item, struct kong_item *target)
{
    bool active = target->status == KONG_ACTIVE;
    if (!active)
        plan_upsert_dangles(plan, item, target);
    plan_wait(plan, item, target);
    plan_set_status(plan, item, active ? KONG_ACTIVE : KONG_INACTIVE);
    return false;
}

static bool stop(struct kong_plan *plan, struct kong_item *item, const char *code, const char *text)
{
    plan_problem(plan, item, code, text);
    plan_set_status(plan, item, KONG_INACTIVE);
    return false;
}

static struct kong_item *target_that_comes(const struct kong_item *upstream)
{
    link_each(link, upstream->dependents)
    {
        struct kong_item *target = link->owner;
        if (target->kind->id == KONG_TARGET && target->actual == NULL && target->status == KONG_ACTIVE)
            return target;
    }
    return NULL;
}

/* A service moves to an upstream only when that has its targets. */
static struct kong_item *upstream_wait(const struct kong_item *service)
{
    struct kong_item *upstream = service->links[KONG_LINK_HOST].target;
    if (upstream == NULL || upstream->entity == NULL)
        return NULL;
    if (upstream->actual == NULL)
        return upstream;
    if (service->actual != NULL && service->actual->links[KONG_LINK_HOST].target == upstream->actual)
        return NULL;
    return target_that_comes(upstream);
}

/* A node that makes the balancer of a changed upstream anew misses targets that land meanwhile (Kong 3.9, create_balancer in
 * runloop/balancer/balancers.lua: a second making is dropped while the first is under way). */
static struct kong_item *targets_wait(const struct kong_item *upstream)
{
    return upstream->actual != NULL ? target_that_comes(upstream) : NULL;
}

/* Authorities are named by id in plain fields; Kong would take ids that do not exist. */
static struct kong_item *authority_wait(struct kong_plan *plan, const struct kong_item *item)
{
    if (strstr(item->entity->text, "\"ca_certificates\"") == NULL)
        return NULL;
    struct err err = ERR_INIT;
    struct json *fields = NULL;
    struct kong_item *wait = NULL;
    if (json_parse(item->entity->text, strlen(item->entity->text), &fields, &err) < 0)
        return NULL;
    const struct json *ids = json_find(fields, "ca_certificates");
    if (ids == NULL)
        ids = json_find_path(fields, "config.ca_certificates");
    json_each (id, ids) {
        struct kong_item *authority =
            json_text(id) != NULL ? kong_state_find_wanted(&plan->state, KONG_CA_CERTIFICATE, json_text(id)) : NULL;
        if (authority != NULL && authority->actual == NULL && authority->status == KONG_ACTIVE)
            wait = authority;
    }
    json_free(fields);
    return wait;
}

/* Custom entities name each other by id in their fields, as a key its set. */
static struct kong_item *custom_wait(struct kong_plan *plan, const struct kong_item *item)
{
    struct err err = ERR_INIT;
    struct json *fields = NULL;
    struct kong_item *wait = NULL;
    if (json_parse(item->entity->text, strlen(item->entity->text), &fields, &err) < 0)
        return NULL;
    json_each (field, fields) {
        const char *id = json_is(field, JSON_OBJECT) ? json_find_text(field, "id") : NULL;
        struct kong_item *other = id != NULL ? kong_state_find_wanted(&plan->state, KONG_CUSTOM, id) : NULL;
        if (other != NULL && other != item && other->actual == NULL && other->status == KONG_ACTIVE)
            wait = other;
    }
    json_free(fields);
    return wait;
}

/* Until its type was read nothing is known of it; a reading is due then. */
static bool type_ready(struct kong_plan *plan, struct kong_item *item, const struct kong_type *type)
{
    if (type->state == KONG_TYPE_UNREAD || type->asked) {
        plan_set_status(plan, item, KONG_INACTIVE);
        return false;
    }
    if (type->kind.nested_path != NULL && item->links[0].target == NULL)
        return stop(plan, item, "InvalidObject", "entities of this type belong to a service, and it has none");
    return true;
}

/* Where entities cannot carry a tag, an id that follows from the natural key shows that they are ours; one that somebody
 * has chosen shows nothing. */
static bool names_id(const struct kong_item *item)
{
    struct err err = ERR_INIT;
    AUTO(json) struct json *fields = NULL;
    return item->kind->id == KONG_CUSTOM &&
           json_parse(item->entity->text, strlen(item->entity->text), &fields, &err) == 0 &&
           json_find(fields, "id") != NULL;
}

void plan_upsert_withheld(struct kong_plan *plan, struct kong_item *route, const struct kong_item *guard)
{
    AUTO(text)
    char *text = xasprintf("plugin %s is missing or refused, so the route %s", guard->key,
                           route->actual != NULL ? "stays as it was" : "is not served");
    plan_problem(plan, route, "RouteWithheld", text);
}

static bool guards_ready(struct kong_plan *plan, struct kong_item *route, enum kong_verb *ret_verb)
{
    bool lost;
    struct kong_item *guard = plan_guard_missing(plan, route, &lost);
    if (guard == NULL)
        return true;
    if (lost) {
        plan_upsert_withheld(plan, route, guard);
        plan_wait(plan, route, guard);
        plan_set_status(plan, route, KONG_INACTIVE);
        return false;
    }
    plan_set_status(plan, route, KONG_ACTIVE);
    if (route->actual == NULL && guard->links[1].target == route) {
        *ret_verb = KONG_PARK;
        return true;
    }
    plan_wait(plan, route, guard);
    return false;
}

bool plan_upsert_barred(struct kong_plan *plan, struct kong_item *item)
{
    if (kong_state_unsupported(&plan->state, item->kind))
        return !stop(plan, item, "KongUnsupported", "this gateway does not have entities of this kind");
    const struct kong_type *type = kong_type_of(item->kind);
    if (type != NULL && !type_ready(plan, item, type))
        return true;
    struct kong_item *claimant = kong_state_claim_id(&plan->state, item);
    if (claimant != item) {
        plan_wait(plan, item, claimant);
        return !stop(plan, item, "DuplicateEntity", "another entity has the same id");
    }
    if (item->actual != NULL && !item->actual->owned && (item->kind->tagged || names_id(item)))
        return !stop(plan, item, "KongForeignOwner", "the gateway has an entity of this name that is not ours");
    return false;
}

bool plan_upsert_ready(struct kong_plan *plan, struct kong_item *item, enum kong_verb *ret_verb)
{
    if (item->refused) {
        plan_set_status(plan, item, KONG_INACTIVE);
        return false;
    }
    if (plan_upsert_barred(plan, item))
        return false;
    for (size_t i = 0; i < KONG_FOREIGN_MAX; i++) {
        struct kong_item *target = item->links[i].target;
        if (target != NULL && (target->entity == NULL || target->actual == NULL || target->deleting))
            return wait_for(plan, item, target);
    }
    struct kong_item *wait = item->kind->id == KONG_SERVICE    ? upstream_wait(item)
                             : item->kind->id == KONG_UPSTREAM ? targets_wait(item)
                                                               : NULL;
    if (wait == NULL && (item->kind->id == KONG_SERVICE || item->kind->id == KONG_PLUGIN))
        wait = authority_wait(plan, item);
    if (wait == NULL && kong_type_of(item->kind) != NULL)
        wait = custom_wait(plan, item);
    if (wait != NULL)
        return wait_for(plan, item, wait);

    *ret_verb = item->actual == NULL ? KONG_CREATE : item->yields != NULL ? KONG_YIELD : KONG_UPDATE;
    if (item->kind->id == KONG_ROUTE && !guards_ready(plan, item, ret_verb))
        return false;
    plan_set_status(plan, item, KONG_ACTIVE);
    return true;
}
