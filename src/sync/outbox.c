/* Merging deltas. */
#include "outbox.h"

#include <string.h>

static void change_free(void *value)
{
    rules_change_done(value);
    free(value);
}

void outbox_init(struct outbox *outbox)
{
    *outbox = (struct outbox){0};
    map_init(&outbox->changes, change_free);
}

void outbox_done(struct outbox *outbox)
{
    map_done(&outbox->changes);
    rules_delta_done(&outbox->latest);
}

static void replace_problems(struct rules_delta *latest, struct rules_delta *delta)
{
    for (size_t i = 0; i < latest->problem_count; i++)
        problem_unref(latest->problems[i]);
    free(latest->problems);
    latest->problems = TAKE(delta->problems);
    latest->problem_count = delta->problem_count;
    latest->problems_changed = true;
    delta->problem_count = 0;
}

void outbox_add(struct outbox *outbox, struct rules_delta *delta)
{
    for (size_t i = 0; i < delta->change_count; i++) {
        AUTO(text) char *key = xasprintf("%03d|%s", (int)delta->changes[i].kind->id, delta->changes[i].key);
        map_put(&outbox->changes, key, xmemdup(&delta->changes[i], sizeof(delta->changes[i])));
    }
    free(delta->changes);
    delta->changes = NULL;
    delta->change_count = 0;
    if (delta->problems_changed)
        replace_problems(&outbox->latest, delta);
    if (delta->conditions_changed) {
        struct rules_delta old = {.conditions = outbox->latest.conditions,
                                  .condition_count = outbox->latest.condition_count};
        outbox->latest.conditions = TAKE(delta->conditions);
        outbox->latest.condition_count = delta->condition_count;
        outbox->latest.conditions_changed = true;
        delta->condition_count = 0;
        rules_delta_done(&old);
    }
    rules_delta_done(delta);
}

bool outbox_take(struct outbox *outbox, struct rules_delta *ret_delta)
{
    *ret_delta = outbox->latest;
    outbox->latest = (struct rules_delta){0};
    ret_delta->changes = xcalloc(outbox->changes.count, sizeof(*ret_delta->changes));
    struct map_entry **entries = map_sorted(&outbox->changes);
    for (size_t i = 0; entries[i] != NULL; i++) {
        ret_delta->changes[ret_delta->change_count++] = *(struct rules_change *)entries[i]->value;
        free(entries[i]->value);
        entries[i]->value = NULL;
    }
    free(entries);
    map_done(&outbox->changes);
    bool first = !outbox->taken_once;
    outbox->taken_once = true;
    return first;
}
