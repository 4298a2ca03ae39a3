/* Merging deltas. */
#include "outbox.h"

#include <string.h>

static void change_free(void *value)
{
    rules_change_done(value);
    free(value);
}

static void said_free(void *value)
{
    rules_said_done(value);
    free(value);
}

void outbox_init(struct outbox *outbox)
{
    *outbox = (struct outbox){0};
    map_init(&outbox->changes, change_free);
    map_init(&outbox->said, said_free);
}

void outbox_done(struct outbox *outbox)
{
    map_done(&outbox->changes);
    map_done(&outbox->said);
}

void outbox_add(struct outbox *outbox, struct rules_delta *delta)
{
    for (size_t i = 0; i < delta->change_count; i++) {
        AUTO(text) char *key = xasprintf("%03d|%s", (int)delta->changes[i].kind->id, delta->changes[i].key);
        map_put(&outbox->changes, key, xmemdup(&delta->changes[i], sizeof(delta->changes[i])));
    }
    for (size_t i = 0; i < delta->said_count; i++) {
        AUTO(text) char *key = kong_source_key(&delta->said[i].about);
        map_put(&outbox->said, key, xmemdup(&delta->said[i], sizeof(delta->said[i])));
    }
    free(delta->changes);
    free(delta->said);
    *delta = (struct rules_delta){0};
}

/* Moves the values out, in the order of their keys. */
static size_t move_out(struct map *map, void *items, size_t size)
{
    size_t count = 0;
    struct map_entry **entries = map_sorted(map);
    for (size_t i = 0; entries[i] != NULL; i++) {
        memcpy((char *)items + count++ * size, entries[i]->value, size);
        free(entries[i]->value);
        entries[i]->value = NULL;
    }
    free(entries);
    return count;
}

bool outbox_take(struct outbox *outbox, struct rules_delta *ret_delta)
{
    *ret_delta = (struct rules_delta){0};
    ret_delta->changes = xcalloc(outbox->changes.count + 1, sizeof(*ret_delta->changes));
    ret_delta->said = xcalloc(outbox->said.count + 1, sizeof(*ret_delta->said));
    ret_delta->change_count = move_out(&outbox->changes, ret_delta->changes, sizeof(*ret_delta->changes));
    ret_delta->said_count = move_out(&outbox->said, ret_delta->said, sizeof(*ret_delta->said));
    outbox_done(outbox);
    bool first = !outbox->taken_once;
    outbox->taken_once = true;
    return first;
}
