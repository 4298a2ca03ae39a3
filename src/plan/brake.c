/* Decides which deletes are too many to be carried out without somebody's approval. */
#include <string.h>

#include "parts.h"

bool plan_brake_wants(const struct kong_plan *plan, const struct kong_item *item)
{
    const struct kong_type *type = kong_type_of(item->kind);
    bool known = type == NULL || (type->state == KONG_TYPE_KNOWN && !type->asked);
    return plan->options.policy != KONG_POLICY_UPSERT_ONLY && !plan->no_deletes && item->actual != NULL &&
           item->actual->owned && known;
}

/* Others go along with what they are there for, or are not needed by an object that stays. */
static bool is_principal(const struct kong_item *item)
{
    const struct kong_actual *actual = item->actual;
    for (size_t i = 0; item->kind->id == KONG_PLUGIN && i < KONG_FOREIGN_MAX; i++)
        if (actual->foreign_ids[i] != NULL)
            return false;
    return item->kind->principal;
}

void plan_brake_add(struct kong_plan *plan, struct kong_item *item)
{
    if (item->brake != KONG_BRAKE_NONE)
        return;
    item->barrier = plan->first_batch + plan->batches.count - 1;
    if (!is_principal(item)) {
        item->brake = KONG_CLEARED;
        return;
    }
    item->brake = KONG_GATHERED;
    plan->brake_due = true;
    AUTO(text) char *name = kong_plan_item_name(item);
    map_put(&plan->braked, name, item);
}

static void leave(struct kong_plan *plan, struct kong_item *item, enum kong_brake brake)
{
    plan->held_changed = plan->held_changed || item->brake == KONG_HELD;
    item->brake = brake;
    item->loss = NULL;
    AUTO(text) char *name = kong_plan_item_name(item);
    map_take(&plan->braked, name);
}

static void clear(struct kong_plan *plan, struct kong_item *item)
{
    leave(plan, item, KONG_CLEARED);
    plan_queue(plan, item);
}

void plan_brake_forget(struct kong_plan *plan, struct kong_item *item)
{
    for (size_t i = 0; item->stalled && i < plan->stalled.count; i++)
        if (plan->stalled.items[i] == item)
            plan->stalled.items[i--] = plan->stalled.items[--plan->stalled.count];
    item->stalled = false;
    if (item->brake == KONG_GATHERED || item->brake == KONG_HELD) {
        leave(plan, item, KONG_BRAKE_NONE);
        plan->object_returned = plan->brake_due = true; /* what is left may be few enough */
    }
    item->brake = KONG_BRAKE_NONE;
}

/* Clears what waits in this state. */
static void clear_all(struct kong_plan *plan, enum kong_brake brake)
{
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&plan->braked, &position)) != NULL) {
        struct kong_item *item = entry->value;
        if (item->brake == brake)
            clear(plan, item);
    }
}

static int by_clarity(const void *left, const void *right)
{
    const struct kong_item *a = *(struct kong_item *const *)left, *b = *(struct kong_item *const *)right;
    size_t x = plan_loss_rank(a), y = plan_loss_rank(b);
    if (x != y)
        return x < y ? -1 : 1;
    return a->kind->id != b->kind->id ? (int)a->kind->id - (int)b->kind->id : strcmp(a->key, b->key);
}

static void open_burst(struct kong_plan *plan)
{
    struct plan_burst *burst = &plan->burst;
    if (burst->open)
        return;
    burst->open = true;
    burst->found = plan->term != PLAN_TERM_RUNS;
    burst->begun_ms = burst->news_ms = plan->now_ms;
}

/* A delete that has just come up: of an object that still yields something, of one that goes at once, or it waits. */
static void take_new(struct kong_plan *plan, struct kong_item *item)
{
    if (!plan_loss_assign(plan, item)) {
        clear(plan, item);
        return;
    }
    open_burst(plan);
    if (item->loss->state == PLAN_PASSED)
        clear(plan, item);
    else if (item->loss->state == PLAN_HELD)
        item->brake = KONG_HELD;
    plan->held_changed |= item->brake == KONG_HELD;
}

static void take_all_new(struct kong_plan *plan)
{
    struct {
        VEC(struct kong_item *);
    } fresh = {0};
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&plan->braked, &position)) != NULL)
        if (((struct kong_item *)entry->value)->loss == NULL)
            vec_push(&fresh, entry->value);
    if (fresh.count > 1)
        qsort(fresh.items, fresh.count, sizeof(*fresh.items), by_clarity);
    for (size_t i = 0; i < fresh.count; i++)
        take_new(plan, fresh.items[i]);
    vec_done(&fresh);
}

/* Roots that were deleted themselves, in the order of their names, until so many have passed in this burst. */
static void pass_direct(struct kong_plan *plan)
{
    size_t passed = plan->burst.passed_before;
    struct plan_tally tally = plan_loss_tally(plan, false);
    if (plan->burst.found && tally.direct + passed > KONG_BRAKE_DIRECT)
        return;
    passed += tally.direct - tally.waiting;
    if (passed >= KONG_BRAKE_DIRECT || tally.waiting == 0)
        return;
    struct map_entry **entries = map_sorted(&plan->losses);
    for (size_t i = 0; entries[i] != NULL && passed < KONG_BRAKE_DIRECT; i++) {
        struct plan_loss *loss = entries[i]->value;
        if (!loss->root || !loss->gone || loss->state != PLAN_GATHERED)
            continue;
        loss->state = PLAN_PASSED;
        passed++;
    }
    free(entries);
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&plan->braked, &position)) != NULL) {
        struct kong_item *item = entry->value;
        if (item->brake == KONG_GATHERED && item->loss->state == PLAN_PASSED)
            clear(plan, item);
    }
}

/* `waiting`: some that were deleted themselves have not passed. */
static bool is_too_much(const struct kong_plan *plan, const struct plan_tally *tally, size_t passed, size_t of)
{
    double percent = plan->options.max_delete_percent;
    double lost = (double)(tally->lost + passed) * 100;
    bool direct = tally->waiting != 0 && tally->direct + passed > KONG_BRAKE_DIRECT && lost > percent * (double)of;
    bool indirect = tally->indirect >= KONG_BRAKE_INDIRECT && lost >= percent * (double)of;
    return percent < 100 && (direct || indirect);
}

static void set_state(struct kong_plan *plan, enum plan_loss_state state, enum kong_brake brake)
{
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&plan->losses, &position)) != NULL) {
        struct plan_loss *loss = entry->value;
        loss->state = loss->state == PLAN_GATHERED ? state : loss->state;
    }
    for (position = 0; (entry = map_next(&plan->braked, &position)) != NULL;) {
        struct kong_item *item = entry->value;
        if (item->brake != KONG_GATHERED)
            continue;
        item->brake = brake;
        plan_queue(plan, item);
    }
}

static void hold(struct kong_plan *plan, const struct plan_tally *tally, size_t of)
{
    if (plan->held.since_ms == 0)
        plan->held = (struct kong_held){.since_ms = plan->now_ms};
    plan->held.passed += tally->passed + plan->burst.passed_before;
    plan->held.of = of > plan->held.of ? of : plan->held.of;
    plan->held_changed = true;
    set_state(plan, PLAN_HELD, KONG_HELD);
}

static void judge(struct kong_plan *plan)
{
    plan_loss_look_again(plan);
    pass_direct(plan);
    plan_loss_pass_idle(plan);
    struct plan_tally tally = plan_loss_tally(plan, false);
    size_t of = plan->standing + tally.lost + plan->burst.passed_before;
    of = of > plan->burst.of_before ? of : plan->burst.of_before;
    if (is_too_much(plan, &tally, plan->burst.passed_before, of)) {
        hold(plan, &tally, of);
        return;
    }
    clear_all(plan, KONG_GATHERED);
    set_state(plan, PLAN_PASSED, KONG_CLEARED);
}

static bool gathers(const struct kong_plan *plan)
{
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&plan->braked, &position)) != NULL)
        if (((const struct kong_item *)entry->value)->brake == KONG_GATHERED)
            return true;
    return false;
}

uint64_t plan_brake_wakes_at(const struct kong_plan *plan)
{
    const struct plan_burst *burst = &plan->burst;
    if (!burst->open)
        return 0;
    uint64_t quiet = burst->news_ms + plan->options.quiet_ms, latest = burst->begun_ms + KONG_BRAKE_QUIET_MAX_MS;
    return quiet < latest || !gathers(plan) ? quiet : latest;
}

/* It is over when it was quiet; one that goes on is judged again and again, as a whole. */
static void look_at_burst(struct kong_plan *plan)
{
    struct plan_burst *burst = &plan->burst;
    if (!burst->open)
        return;
    if (!burst->found)
        pass_direct(plan);
    if (plan->now_ms < plan_brake_wakes_at(plan))
        return;
    if (gathers(plan))
        judge(plan);
    if (plan->now_ms < burst->news_ms + plan->options.quiet_ms) {
        burst->begun_ms = plan->now_ms;
        burst->found = false;
        return;
    }
    plan_loss_forget(plan, false);
    *burst = (struct plan_burst){0};
}

/* Objects that yield something again take their losses back, and what is left may be few enough. */
static void take_back(struct kong_plan *plan)
{
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&plan->braked, &position)) != NULL) {
        struct kong_item *item = entry->value;
        if (item->loss != NULL && !plan_loss_assign(plan, item))
            clear(plan, item);
    }
    plan_loss_prune(plan);
    struct plan_tally held = plan_loss_tally(plan, true);
    if (held.lost != 0 && !is_too_much(plan, &held, plan->held.passed, plan->held.of))
        clear_all(plan, KONG_HELD);
}

static void forget_held(struct kong_plan *plan)
{
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&plan->braked, &position)) != NULL)
        if (((const struct kong_item *)entry->value)->brake == KONG_HELD)
            return;
    plan_loss_forget(plan, true);
    plan->held = (struct kong_held){0};
}

void plan_brake_check(struct kong_plan *plan, uint64_t now_ms)
{
    plan->now_ms = now_ms;
    bool due = plan->brake_due;
    plan->brake_due = false;
    if (due && plan->object_returned)
        take_back(plan);
    plan->object_returned = false;
    if (due)
        take_all_new(plan);
    if (plan->term == PLAN_TERM_READ) {
        plan->term = PLAN_TERM_RUNS;
        plan->burst = plan->burst.open ? plan->burst : (struct plan_burst){0};
    }
    look_at_burst(plan);
    if (plan->held.since_ms != 0)
        forget_held(plan);
}

void plan_brake_release(struct kong_plan *plan)
{
    clear_all(plan, KONG_HELD);
    forget_held(plan);
}

void kong_plan_begin_term(struct kong_plan *plan, size_t passed, size_t of)
{
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&plan->braked, &position)) != NULL) {
        struct kong_item *item = entry->value;
        item->loss = item->brake == KONG_GATHERED ? NULL : item->loss; /* it is looked at anew */
    }
    plan_loss_forget(plan, false);
    plan->term = PLAN_TERM_UNREAD;
    plan->burst = (struct plan_burst){.passed_before = passed, .of_before = of};
    plan->brake_due = plan->brake_due || plan->braked.count != 0;
}
