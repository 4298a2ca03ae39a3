/* Nodes, slots and the queue of dirty nodes. */
#include "graph.h"

#include <string.h>

static void release_slot(void *value)
{
    free(value);
}

void graph_init(struct graph *graph)
{
    *graph = (struct graph){0};
    map_init(&graph->slots, release_slot);
    said_init(&graph->said);
}

struct node *graph_find(const struct rule *rule, const char *key)
{
    return map_find(&rule->nodes, key);
}

struct node *graph_node(struct graph *graph, struct rule *rule, const char *key)
{
    struct node *node = graph_find(rule, key);
    if (node != NULL)
        return node;
    node = xcalloc(1, sizeof(*node));
    node->rule = rule;
    node->in_sorted = true;
    node->key = map_put(&rule->nodes, key, node)->key;
    graph->counters.nodes++;
    return node;
}

void graph_mark(struct graph *graph, struct node *node)
{
    if (node->queued)
        return;
    node->queued = true;
    node->next_queued = graph->queue[node->rule->level];
    graph->queue[node->rule->level] = node;
}

struct node *graph_pop(struct graph *graph, int level)
{
    for (;;) {
        struct node *node = graph->queue[level];
        if (node == NULL)
            return NULL;
        graph->queue[level] = node->next_queued;
        node->queued = false;
        if (!node->removed)
            return node;
        free(node);
    }
}

struct slot *graph_slot(struct graph *graph, const char *key, size_t length)
{
    struct slot *slot = map_find_bytes(&graph->slots, key, length);
    if (slot == NULL) {
        slot = xcalloc(1, sizeof(*slot));
        slot->key = map_put_bytes(&graph->slots, key, length, slot)->key;
        slot->key_length = length;
    }
    return slot;
}

void graph_announce(struct graph *graph, const char *key, size_t length)
{
    const struct slot *slot = map_find_bytes(&graph->slots, key, length);
    for (struct read *read = slot != NULL ? slot->readers : NULL; read != NULL; read = read->next)
        graph_mark(graph, read->node);
}

static void drop_read(struct graph *graph, struct read *read)
{
    struct slot *slot = read->slot;
    if (read->previous != NULL)
        read->previous->next = read->next;
    else
        slot->readers = read->next;
    if (read->next != NULL)
        read->next->previous = read->previous;
    if (slot->readers == NULL)
        release_slot(map_take_bytes(&graph->slots, slot->key, slot->key_length));
}

/* The usual case of a node that runs again. */
static bool same_reads(const struct node *node, struct slot *const *slots, size_t count)
{
    if (node->read_count != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (node->reads[i].slot != slots[i])
            return false;
    }
    return true;
}

/* Appends to the node's reads. */
static void add_read(struct node *node, struct slot *slot, bool good)
{
    struct read *read = &node->reads[node->read_count++];
    *read = (struct read){.slot = slot, .node = node, .good = good, .next = slot->readers};
    if (slot->readers != NULL)
        slot->readers->previous = read;
    slot->readers = read;
}

/* What is still read is noted anew before the old notes go, so that no slot goes in between.  After a failure, a slot that this run and the
 * last good one have read is marked with `seen` 0 until it is noted. */
void graph_set_reads(struct graph *graph, struct node *node, struct slot *const *slots, size_t count, bool failed)
{
    struct read *old = node->reads;
    size_t old_count = node->read_count, kept = 0;
    uint64_t run = count != 0 ? slots[0]->seen : 0;
    if (same_reads(node, slots, count)) {
        for (size_t i = 0; i < count && !failed; i++)
            old[i].good = true;
        return;
    }
    for (size_t i = 0; failed && i < old_count; i++) {
        if (old[i].good && count != 0 && old[i].slot->seen == run)
            old[i].slot->seen = 0;
        else if (old[i].good)
            kept++;
    }
    node->reads = count + kept != 0 ? xmalloc((count + kept) * sizeof(*node->reads)) : NULL;
    node->read_count = 0;
    for (size_t i = 0; i < count; i++) {
        add_read(node, slots[i], !failed || slots[i]->seen == 0);
        slots[i]->seen = run;
    }
    for (size_t i = 0; failed && i < old_count; i++) {
        if (old[i].good && (count == 0 || old[i].slot->seen != run))
            add_read(node, old[i].slot, true);
    }
    for (size_t i = 0; i < old_count; i++)
        drop_read(graph, &old[i]);
    free(old);
}

static bool same_text(const char *left, const char *right)
{
    return left != NULL && strcmp(left, right) == 0;
}

bool graph_set_origin(struct node *node, const char *kind, const char *namespace, const char *name, const char *uid,
                      const char *creation)
{
    struct origin *origin = &node->origin;
    if (same_text(origin->kind, kind) && same_text(origin->namespace, namespace) && same_text(origin->name, name) &&
        same_text(origin->uid, uid) && same_text(origin->creation, creation))
        return false;
    const char *const texts[] = {kind, namespace, name, uid, creation};
    char **const targets[] = {&origin->kind, &origin->namespace, &origin->name, &origin->uid, &origin->creation};
    size_t sizes[COUNT_OF(texts)], total = 0;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        total += sizes[i] = strlen(texts[i]) + 1;
    char *old = origin->kind;
    char *block = xmalloc(total);
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        *targets[i] = memcpy(block, texts[i], sizes[i]);
        block += sizes[i];
    }
    free(old);
    return true;
}

static int compare_text(const char *left, const char *right)
{
    return strcmp(left != NULL ? left : "", right != NULL ? right : "");
}

int origin_compare(const struct origin *left, const struct origin *right)
{
    int order = compare_text(left->creation, right->creation);
    if (order == 0)
        order = compare_text(left->namespace, right->namespace);
    if (order == 0)
        order = compare_text(left->name, right->name);
    return order != 0 ? order : compare_text(left->kind, right->kind);
}
