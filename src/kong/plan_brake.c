/* Decides which deletes are too many to be carried out without somebody's approval. */
#include <string.h>

#include "base/hash.h"
#include "plan_parts.h"

bool plan_brake_wants(const struct kong_plan *plan, const struct kong_item *item)
{
    const struct kong_type *type = kong_type_of(item->kind);
    bool known = type == NULL || (type->state == KONG_TYPE_KNOWN && !type->asked);
    return plan->options.policy != KONG_POLICY_UPSERT_ONLY && !plan->no_deletes && item->actual != NULL &&
           item->actual->owned && known;
}

/* Targets come and go with their pods; they are no part of what a person could have meant to keep. */
static bool is_exempt(const struct kong_item *item)
{
    return item->kind->id == KONG_TARGET;
}

void plan_brake_add(struct kong_plan *plan, struct kong_item *item)
{
    if (item->cleared || item->held)
        return;
    item->barrier = plan->first_batch + plan->batches.count - 1;
    if (is_exempt(item)) {
        item->cleared = true;
        return;
    }
    item->held = true;
    plan->held_changed = plan->brake_due = true;
    AUTO(text) char *name = plan_name(item);
    map_put(&plan->held, name, item);
}

void plan_brake_forget(struct kong_plan *plan, struct kong_item *item)
{
    for (size_t i = 0; item->stalled && i < plan->stalled.count; i++)
        if (plan->stalled.items[i] == item)
            plan->stalled.items[i--] = plan->stalled.items[--plan->stalled.count];
    item->stalled = false;
    if (item->cleared && !is_exempt(item) && plan->undone[item->kind->id] > 0)
        plan->undone[item->kind->id]--;
    item->cleared = false;
    if (!item->held)
        return;
    item->held = false;
    AUTO(text) char *name = plan_name(item);
    map_take(&plan->held, name);
    plan->held_changed = plan->brake_due = true; /* what is left may be few enough */
}

static void clear_all(struct kong_plan *plan, struct plan_deletes *ret_cleared)
{
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&plan->held, &position)) != NULL) {
        struct kong_item *item = entry->value;
        item->held = false;
        item->cleared = true;
        ret_cleared->counts[item->kind->id]++;
        plan->undone[item->kind->id]++;
        plan_queue(plan, item);
    }
    plan->held_changed = true;
    map_done(&plan->held);
    map_init(&plan->held, NULL);
}

static bool is_too_many(const struct kong_plan *plan, size_t deletes, size_t owned)
{
    return owned >= KONG_BRAKE_MINIMUM && (double)deletes * 100 > plan->options.max_delete_percent * (double)owned;
}

static void forget_old(struct kong_plan *plan, uint64_t now_ms)
{
    size_t old = 0;
    while (old < plan->recent.count && plan->recent.items[old].at_ms + KONG_BRAKE_WINDOW_MS <= now_ms)
        old++;
    if (old == 0)
        return;
    plan->recent.count -= old;
    memmove(plan->recent.items, plan->recent.items + old, plan->recent.count * sizeof(plan->recent.items[0]));
}

void plan_brake_check(struct kong_plan *plan, uint64_t now_ms)
{
    plan->brake_due = false;
    forget_old(plan, now_ms);
    if (plan->held.count == 0)
        return;

    size_t deletes[KONG_KIND_COUNT] = {0};
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&plan->held, &position)) != NULL)
        deletes[((struct kong_item *)entry->value)->kind->id]++;

    size_t all_deletes = 0, all_owned = 0;
    bool too_many = false;
    for (size_t kind = 0; kind < KONG_KIND_COUNT; kind++) {
        if (kind == KONG_TARGET)
            continue;
        size_t lately = 0;
        for (size_t i = 0; i < plan->recent.count; i++)
            lately += plan->recent.items[i].counts[kind];
        size_t undone = plan->undone[kind] < lately ? plan->undone[kind] : lately;
        size_t owned = plan->state.owned[kind] + (lately - undone); /* as it was before */
        all_deletes += deletes[kind] + lately;
        all_owned += owned;
        too_many = too_many || (deletes[kind] > 0 && is_too_many(plan, deletes[kind] + lately, owned));
    }
    if (too_many || is_too_many(plan, all_deletes, all_owned))
        return;
    struct plan_deletes cleared = {.at_ms = now_ms};
    clear_all(plan, &cleared);
    vec_push(&plan->recent, cleared);
}

static int by_text(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

size_t kong_plan_held(struct kong_plan *plan, char ret_hash[65])
{
    size_t count = plan->held.count;
    ret_hash[0] = '\0';
    if (count == 0)
        return 0;
    char **lines = xcalloc(count, sizeof(char *));
    size_t position = 0, at = 0;
    struct map_entry *entry;
    while ((entry = map_next(&plan->held, &position)) != NULL) {
        const struct kong_item *item = entry->value;
        lines[at++] = xasprintf("delete %s %s\n", item->kind->name, item->actual != NULL ? item->actual->id : "");
    }
    qsort(lines, count, sizeof(char *), by_text);

    struct buf all = BUF_OWN;
    for (size_t i = 0; i < count; i++) {
        buf_append_text(&all, lines[i]);
        free(lines[i]);
    }
    hash_sha256_hex(all.data, all.length, ret_hash);
    buf_done(&all);
    free(lines);
    return count;
}

bool kong_plan_held_changed(struct kong_plan *plan)
{
    bool changed = plan->held_changed;
    plan->held_changed = false;
    return changed;
}

bool kong_plan_approve(struct kong_plan *plan, const char *hash)
{
    char held[HASH_HEX_SIZE];
    if (kong_plan_held(plan, held) == 0 || strcmp(held, hash) != 0)
        return false;
    struct plan_deletes approved = {0}; /* what a person has approved does not count towards the next plan */
    clear_all(plan, &approved);
    return true;
}
