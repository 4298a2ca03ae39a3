/* Tells what the brake holds: objects, how many entities, and the hash that an approval names. */
#include <string.h>

#include "base/hash.h"
#include "parts.h"
#include "state_link.h"

static int by_text(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static void hash_of(const struct kong_plan *plan, char ret_hash[65])
{
    struct {
        VEC(char *);
    } lines = {0};
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&plan->braked, &position)) != NULL) {
        const struct kong_item *item = entry->value;
        if (item->brake == KONG_HELD)
            vec_push(&lines,
                     xasprintf("delete %s %s\n", item->kind->name, item->actual != NULL ? item->actual->id : ""));
    }
    if (lines.count > 1)
        qsort(lines.items, lines.count, sizeof(char *), by_text);
    AUTO(buf) struct buf all = BUF_OWN;
    for (size_t i = 0; i < lines.count; i++) {
        buf_append_text(&all, lines.items[i]);
        free(lines.items[i]);
    }
    vec_done(&lines);
    hash_sha256_hex(all.data, all.length, ret_hash);
}

/* What goes only along with what is held, or after it. */
static void add_waiting(const struct kong_plan *plan, struct kong_item *item, struct map *seen)
{
    const struct kong_actual *actual = item->actual;
    if (actual == NULL || item->entity != NULL || !plan_brake_wants(plan, item) ||
        map_find_bytes(seen, &item, sizeof(item)) != NULL)
        return;
    map_put_bytes(seen, &item, sizeof(item), item);
    link_each(link, actual->referrers) add_waiting(plan, ((const struct kong_actual *)link->owner)->item, seen);
    for (size_t i = 0; i < KONG_LINKS; i++)
        if (actual->links[i].target != NULL)
            add_waiting(plan, ((const struct kong_actual *)actual->links[i].target)->item, seen);
}

void plan_held_items(const struct kong_plan *plan, struct map *ret_items)
{
    map_init(ret_items, NULL);
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&plan->braked, &position)) != NULL)
        if (((const struct kong_item *)entry->value)->brake == KONG_HELD)
            add_waiting(plan, entry->value, ret_items);
}

struct kong_held kong_plan_held(struct kong_plan *plan)
{
    struct kong_held held = plan->held;
    if (held.since_ms == 0)
        return held;
    struct plan_tally tally = plan_loss_tally(plan, true);
    held.objects = tally.direct + tally.indirect;
    struct map items;
    plan_held_items(plan, &items);
    held.entities = items.count;
    map_done(&items);
    hash_of(plan, held.hash);
    return held;
}

bool kong_plan_held_changed(struct kong_plan *plan)
{
    bool changed = plan->held_changed;
    plan->held_changed = false;
    return changed;
}

struct kong_held_object *kong_plan_held_objects(struct kong_plan *plan, size_t *ret_count)
{
    struct {
        VEC(struct kong_held_object);
    } objects = {0};
    struct map_entry **entries = map_sorted(&plan->losses);
    for (size_t i = 0; entries[i] != NULL; i++) {
        const struct plan_loss *loss = entries[i]->value;
        if (loss->state != PLAN_HELD || !loss->root)
            continue;
        struct kong_held_object object = {.gone = loss->gone};
        kong_source_copy(&object.source, &loss->source);
        vec_push(&objects, object);
    }
    free(entries);
    *ret_count = objects.count;
    return objects.items;
}

void kong_held_objects_free(struct kong_held_object *objects, size_t count)
{
    for (size_t i = 0; i < count; i++)
        kong_source_done(&objects[i].source);
    free(objects);
}

bool kong_plan_approve(struct kong_plan *plan, const char *hash)
{
    struct kong_held held = kong_plan_held(plan);
    if (held.objects == 0 || strcmp(held.hash, hash) != 0)
        return false;
    plan_brake_release(plan);
    return true;
}
