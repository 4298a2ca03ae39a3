/* Decides what an item's change, and the end of an operation, mean for it and for those around it. */
#include "plan/plan.h"

#include <string.h>

#include "parts.h"
#include "state_link.h"

struct kong_plan *kong_plan_new(const struct kong_schemas *schemas, struct kong_tags ownership,
                                const struct kong_plan_options *options)
{
    struct kong_plan *plan = xcalloc(1, sizeof(*plan));
    kong_state_init(&plan->state, schemas, ownership);
    plan->options = *options;
    if (plan->options.max_delete_percent < 0)
        plan->options.max_delete_percent = KONG_BRAKE_PERCENT;
    map_init(&plan->objects, NULL);
    map_init(&plan->losses, NULL);
    map_init(&plan->braked, NULL);
    map_init(&plan->settling, NULL);
    map_init(&plan->taken, NULL);
    map_init(&plan->refused, NULL);
    map_init(&plan->problems, NULL);
    map_init(&plan->spreading, NULL);
    vec_push(&plan->batches, 0);
    return plan;
}

void kong_plan_free(struct kong_plan *plan)
{
    if (plan == NULL)
        return;
    plan_settle_done(plan);
    plan_unique_done(plan);
    plan_loss_done(plan);
    struct map_entry *entry;
    for (size_t position = 0; (entry = map_next(&plan->objects, &position)) != NULL;)
        free(entry->value);
    map_done(&plan->objects);
    map_done(&plan->braked);
    kong_state_done(&plan->state);
    vec_done(&plan->ready);
    vec_done(&plan->changed);
    vec_done(&plan->stalled);
    vec_done(&plan->told);
    vec_done(&plan->batches);
    map_done(&plan->refused);
    map_done(&plan->problems);
    map_done(&plan->spreading);
    free(plan);
}

struct kong_state *kong_plan_state(struct kong_plan *plan)
{
    return &plan->state;
}

void kong_plan_set_spread(struct kong_plan *plan, uint64_t spread_ms)
{
    plan->options.spread_ms = spread_ms;
}

static void forget_refusal(struct kong_plan *plan, struct kong_item *item)
{
    if (item->refused || item->failures > 0) {
        AUTO(text) char *name = kong_plan_item_name(item);
        map_take(&plan->refused, name);
    }
    item->refused = false;
    item->failures = 0;
    item->retry_at_ms = 0;
}

static void note_change(struct kong_plan *plan, struct kong_item *item)
{
    forget_refusal(plan, item);
    plan_unique_forget(plan, item);
    item->ignored = false;
    plan_note(plan, item);
}

static void take_wanted(struct kong_plan *plan, struct kong_item *item, struct kong_entity *entity)
{
    plan_object_count(plan, entity, 1); /* before the other, so that an object that goes on is not lost in between */
    plan_object_count(plan, item->entity, -1);
    kong_state_want(&plan->state, item, entity);
}

/* While somebody waits for what a type is like, nobody knows what of it is wanted: none of it is deleted. */
static void ask(struct kong_plan *plan, const char *key, bool asked)
{
    AUTO(text) char *name = kong_custom_type(key);
    struct kong_type *type = kong_types_find(plan->state.types, name);
    if (type == NULL || type->asked == asked)
        return;
    type->asked = asked;
    plan_note_type(plan, type);
}

void kong_plan_want(struct kong_plan *plan, const struct kong_kind *kind, const char *key, struct kong_entity *entity)
{
    if (kind->id == KONG_CUSTOM && kong_custom_is_question(key)) {
        ask(plan, key, entity != NULL);
        return;
    }
    struct kong_item *item = kong_state_find(&plan->state, kind->id, key);
    if (entity == NULL && (item == NULL || item->entity == NULL))
        return;
    if (item == NULL)
        item = kong_state_item(&plan->state, kind, key);
    if (entity != NULL && item->entity != NULL && kong_entity_equal(entity, item->entity)) {
        take_wanted(plan, item, entity); /* its origin may have changed */
        item->compared = false;
        return;
    }
    if (item->status == KONG_ACTIVE) /* it is counted anew in the batch of this commit */
        plan_set_status(plan, item, KONG_INACTIVE);
    take_wanted(plan, item, entity);
    note_change(plan, item);
}

/* Looks at an item: what is true of it without asking anybody else. */
static void settle(struct kong_plan *plan, struct kong_item *item)
{
    bool pending = kong_state_differs(&plan->state, item) && !item->ignored;
    if (item->entity == NULL && item->actual != NULL)
        pending = plan_brake_wants(plan, item);
    if (!pending && !item->unsure) {
        plan_brake_forget(plan, item);
        if (item->ignored)
            plan_problem(plan, item, "DriftFound", "somebody has changed it in the gateway");
        else
            plan_problem(plan, item, NULL, NULL);
        forget_refusal(plan, item);
        plan_set_status(plan, item, KONG_SYNCED);
        plan_tell(plan, item);
        plan_wake(plan, item);
        kong_state_release(&plan->state, item);
        return;
    }
    if (item->entity != NULL)
        plan_brake_forget(plan, item);
    else if (!item->unsure)
        plan_brake_add(plan, item);
    plan_set_status(plan, item, KONG_ACTIVE);
    plan_wake(plan, item); /* it is not what it was, even if it is still to be done */
    plan_queue(plan, item);
}

void kong_plan_commit(struct kong_plan *plan, uint64_t now_ms)
{
    struct kong_item **items = plan->changed.items;
    size_t count = plan->changed.count;
    plan->now_ms = now_ms;
    plan->changed.items = NULL;
    plan->changed.count = plan->changed.room = 0;
    plan_sort(items, &count);

    if (plan->batches.items[plan->batches.count - 1] != 0)
        vec_push(&plan->batches, 0);
    for (size_t i = 0; i < count; i++) {
        struct kong_item *before = NULL;
        if (items[i]->entity != NULL && items[i]->actual == NULL) {
            struct kong_actual *actual = items[i]->entity->id != NULL
                                             ? kong_state_actual(&plan->state, items[i]->kind->id, items[i]->entity->id)
                                             : NULL;
            before = actual != NULL ? actual->item : NULL;
        }
        if (kong_state_match_id(&plan->state, items[i]) && before != NULL)
            plan_queue(plan, before); /* it has lost its entity: nothing is left to delete */
    }
    for (size_t i = 0; i < count; i++) {
        items[i]->noted = false;
        settle(plan, items[i]);
    }
    free(items);
    plan_brake_check(plan, now_ms);
}

static bool evaluate(struct kong_plan *plan, struct kong_item *item, enum kong_verb *ret_verb)
{
    if (item->in_flight) {
        item->again = true;
        return false;
    }
    state_link_set(&item->wait, item, NULL, NULL);
    if (plan->options.policy == KONG_POLICY_OBSERVE)
        return false;
    if (item->unsure) {
        *ret_verb = KONG_READ;
        plan_set_status(plan, item, KONG_ACTIVE);
        return true;
    }
    if (item->entity != NULL && kong_state_differs(&plan->state, item) && !item->ignored)
        return !plan_settle_waits(plan, item) && plan_upsert_ready(plan, item, ret_verb);
    if (item->entity == NULL && item->actual != NULL && plan_brake_wants(plan, item)) {
        *ret_verb = KONG_DELETE;
        return plan_delete_ready(plan, item, ret_verb);
    }
    settle(plan, item);
    return false;
}

static void forget_sent(struct kong_item *item)
{
    free(item->sent_id);
    free(item->sent_parent_id);
    item->sent_id = item->sent_parent_id = NULL;
}

static void remember_sent(struct kong_plan *plan, struct kong_item *item)
{
    const char *ids[KONG_FOREIGN_MAX];
    item->sent = item->entity != NULL ? kong_state_fingerprint(&plan->state, item) : 0;
    if (item->entity == NULL || item->actual != NULL || item->unsure)
        return;
    kong_state_foreign_ids(item, ids);
    forget_sent(item);
    item->sent_id = xstrdup(item->entity->id);
    item->sent_parent_id = xstrdup(ids[0]);
}

bool kong_plan_next(struct kong_plan *plan, uint64_t now_ms, struct kong_op *ret_op)
{
    plan->now_ms = now_ms;
    if (plan->brake_due)
        plan_brake_check(plan, now_ms);
    while (plan->ready_at < plan->ready.count) {
        struct kong_item *item = plan->ready.items[plan->ready_at++];
        item->queued = false;
        enum kong_verb verb;
        if (!evaluate(plan, item, &verb))
            continue;
        item->in_flight = true;
        item->deleting = verb == KONG_DELETE;
        remember_sent(plan, item);
        plan->in_flight++;
        *ret_op = (struct kong_op){verb, item};
        return true;
    }
    plan->ready.count = 0;
    plan->ready_at = 0;
    return false;
}

/* The end of an operation, whatever came of it; true when the item changed meanwhile. */
static bool ended(struct kong_plan *plan, struct kong_item *item)
{
    bool again = item->again;
    item->in_flight = false;
    item->deleting = false;
    item->again = false;
    plan->in_flight--;
    return again;
}

static void on_gone(void *user, struct kong_item *item)
{
    plan_unique_changed(user, item);
    settle(user, item);
}

/* Its parent was deleted while it was made: the gateway may have deleted it as well. */
static bool is_orphan(const struct kong_actual *actual)
{
    for (size_t i = 0; i < KONG_FOREIGN_MAX; i++)
        if (actual->foreign_ids[i] != NULL && actual->links[i].target == NULL)
            return true;
    return false;
}

static void look_at_dependents(struct kong_plan *plan, struct kong_item *item)
{
    link_each(link, item->dependents)
    {
        struct kong_item *dependent = link->owner;
        dependent->compared = false;
    }
}

static void retry_later(struct kong_plan *plan, struct kong_item *item, uint64_t now_ms)
{
    unsigned doublings = item->failures < 10 ? item->failures : 10;
    uint64_t delay = (uint64_t)KONG_RETRY_MS << doublings;
    item->failures++;
    item->refused = true;
    item->retry_at_ms = now_ms + (delay < KONG_RETRY_MAX_MS ? delay : KONG_RETRY_MAX_MS);
    AUTO(text) char *name = kong_plan_item_name(item);
    map_put(&plan->refused, name, item);
}

void kong_plan_landed(struct kong_plan *plan, const struct kong_op *op, const struct json *object, uint64_t now_ms)
{
    struct kong_item *item = op->item;
    plan->now_ms = now_ms;
    ended(plan, item);
    item->errors = 0;
    if (op->verb == KONG_YIELD) {
        free(TAKE(item->yields)); /* it waits on for what it needs itself */
        retry_later(plan, item, now_ms);
    } else {
        forget_refusal(plan, item);
        plan_unique_forget(plan, item);
    }
    if (op->verb == KONG_DELETE) {
        plan_brake_forget(plan, item);
        if (item->actual != NULL)
            kong_state_drop_cascade(&plan->state, item->actual, on_gone, plan);
        else
            settle(plan, item);
        return;
    }
    bool changed;
    bool fresh = item->actual == NULL;
    struct kong_actual *actual = kong_state_hold(&plan->state, item->kind, object, item, &changed);
    if (actual == NULL) { /* an answer that is no entity */
        kong_plan_unsure(plan, &(struct kong_op){op->verb, item});
        return;
    }
    if (!item->kind->tagged)
        kong_state_own(&plan->state, actual);
    if (op->verb != KONG_PARK && op->verb != KONG_YIELD)
        actual->accepted = item->sent;
    item->compared = false;
    forget_sent(item);
    if (fresh)
        look_at_dependents(plan, item);
    item->unsure = is_orphan(actual);
    item->vouched = (item->vouched || op->verb == KONG_PARK) && op->verb != KONG_WITHDRAW;
    plan_guard_sent(plan, item);
    plan_unique_changed(plan, item);
    settle(plan, item);
}

void kong_plan_refused(struct kong_plan *plan, const struct kong_op *op, const char *code, const char *text,
                       uint64_t now_ms)
{
    struct kong_item *item = op->item;
    if (ended(plan, item)) { /* what was refused is not wanted any more */
        settle(plan, item);
        return;
    }
    retry_later(plan, item, now_ms);
    plan_problem(plan, item, code, text);
    plan_set_status(plan, item, KONG_INACTIVE);
    plan_wake(plan, item);
}

void kong_plan_blocked(struct kong_plan *plan, const struct kong_op *op, struct kong_item *by, const char *field,
                       const char *text, uint64_t now_ms)
{
    struct kong_item *item = op->item;
    if (item->again) { /* what was refused is not wanted any more */
        ended(plan, item);
        settle(plan, item);
        return;
    }
    kong_plan_refused(plan, op, "KongUnique", text, now_ms);
    plan_unique_taken(plan, item, by, field);
}

void kong_plan_doubt_references(struct kong_plan *plan, const struct kong_op *op)
{
    for (size_t i = 0; i < KONG_FOREIGN_MAX; i++) {
        struct kong_item *target = op->item->links[i].target;
        if (target == NULL || target->actual == NULL || target->in_flight)
            continue;
        target->unsure = true;
        plan_set_status(plan, target, KONG_ACTIVE);
        plan_queue(plan, target);
    }
}

void kong_plan_again(struct kong_plan *plan, const struct kong_op *op)
{
    ended(plan, op->item);
    plan_queue(plan, op->item);
}

void kong_plan_unsure(struct kong_plan *plan, const struct kong_op *op)
{
    if (op->item->in_flight)
        ended(plan, op->item);
    op->item->unsure = true;
    plan_set_status(plan, op->item, KONG_ACTIVE);
    plan_queue(plan, op->item);
}

void kong_plan_found(struct kong_plan *plan, const struct kong_op *op, const struct json *object, uint64_t now_ms)
{
    struct kong_item *item = op->item;
    plan->now_ms = now_ms;
    ended(plan, item);
    item->unsure = false;
    forget_sent(item);
    if (object == NULL && item->actual != NULL) { /* with all that the gateway deletes along with it */
        look_at_dependents(plan, item);
        kong_state_drop_cascade(&plan->state, item->actual, on_gone, plan);
        return;
    }
    if (object != NULL) {
        bool changed;
        kong_state_hold(&plan->state, item->kind, object, item, &changed);
        plan_guard_sent(plan, item);
    }
    item->compared = false;
    look_at_dependents(plan, item);
    plan_unique_changed(plan, item);
    settle(plan, item);
}

uint64_t kong_plan_wakes_at(const struct kong_plan *plan)
{
    uint64_t soonest = 0;
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&plan->refused, &position)) != NULL) {
        uint64_t at = ((struct kong_item *)entry->value)->retry_at_ms;
        if (soonest == 0 || at < soonest)
            soonest = at;
    }
    const uint64_t others[] = {plan_guard_wakes_at(plan), plan_brake_wakes_at(plan), plan_settle_wakes_at(plan)};
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (others[i] != 0 && (soonest == 0 || others[i] < soonest))
            soonest = others[i];
    return soonest;
}

void kong_plan_wake(struct kong_plan *plan, uint64_t now_ms)
{
    struct {
        VEC(struct kong_item *);
    } due = {0};
    plan->now_ms = now_ms;
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&plan->refused, &position)) != NULL)
        if (((struct kong_item *)entry->value)->retry_at_ms <= now_ms)
            vec_push(&due, entry->value);
    plan_sort(due.items, &due.count);
    for (size_t i = 0; i < due.count; i++)
        plan_try_again(plan, due.items[i]);
    vec_done(&due);
    plan_guard_spread(plan);
    plan_settle_wake(plan);
    plan_brake_check(plan, now_ms);
}
