/* Contributions: an exchange compares the new list with the old one, so that what did not change wakes nobody. */
#include <string.h>

#include "graph.h"

void graph_offer(struct offer_list *offers, struct rule *rule, const char *key, const struct buf *data)
{
    offers->texts.limit = BUF_UNLIMITED;
    size_t start = offers->texts.length;
    buf_append(&offers->texts, key, strlen(key) + 1);
    struct offer offer = {rule, start, offers->texts.length};
    buf_append(&offers->texts, buf_text(data), data->length + 1);
    vec_push(offers, offer);
}

void graph_offers_clear(struct offer_list *offers)
{
    offers->count = 0;
    buf_clear(&offers->texts);
}

static void attach(struct graph *graph, struct node *from, const struct offer_list *offers, size_t index)
{
    const struct offer *offer = &offers->items[index];
    const char *data = offers->texts.data + offer->data;
    size_t size = strlen(data) + 1;
    struct node *to = graph_node(graph, offer->rule, offers->texts.data + offer->key);
    struct contribution *contribution = xmalloc(sizeof(*contribution) + size);
    *contribution = (struct contribution){from, to, to->in.count, 0};
    memcpy(contribution->data, data, size);
    vec_push(&to->in, contribution);
    vec_push(&from->out, contribution);
    to->in_sorted = false;
    graph->counters.contributions++;
    graph_mark(graph, to);
}

static void detach(struct graph *graph, struct contribution *contribution)
{
    struct node *to = contribution->to;
    struct contribution *last = to->in.items[--to->in.count];
    to->in.items[contribution->in_index] = last;
    last->in_index = contribution->in_index;
    to->in_sorted = false;
    graph->counters.contributions--;
    graph_mark(graph, to);
    free(contribution);
}

static bool offer_is(const struct contribution *contribution, const struct offer_list *offers, size_t index)
{
    const struct offer *offer = &offers->items[index];
    return contribution->to->rule == offer->rule &&
           strcmp(contribution->to->key, offers->texts.data + offer->key) == 0 &&
           strcmp(contribution->data, offers->texts.data + offer->data) == 0;
}

/* The usual case: the same offers in the same order. */
static bool same_offers(const struct node *node, const struct offer_list *offers)
{
    if (node->out.count != offers->count)
        return false;
    for (size_t i = 0; i < offers->count; i++) {
        if (!offer_is(node->out.items[i], offers, i))
            return false;
    }
    return true;
}

/* Counts what each target is given: so its order there changes only with that of its neighbours, whatever is given to others. */
static void put_in_order(struct graph *graph, const struct contribution_list *given)
{
    for (size_t i = 0; i < given->count; i++)
        given->items[i]->to->given = 0;
    for (size_t i = 0; i < given->count; i++) {
        struct contribution *contribution = given->items[i];
        uint32_t sequence = contribution->to->given++;
        if (contribution->sequence != sequence) {
            contribution->sequence = sequence;
            contribution->to->in_sorted = false;
            graph_mark(graph, contribution->to);
        }
    }
}

/* Pairs each old contribution with an equal offer; what finds no partner was dropped or is new. */
static void exchange(struct graph *graph, struct node *node, struct offer_list *offers)
{
    struct contribution_list old = node->out;
    node->out = (struct contribution_list){0};
    size_t first = 0; /* what stands before it has found its partner */
    for (size_t i = 0; i < offers->count; i++) {
        struct contribution *same = NULL;
        while (first < old.count && old.items[first] == NULL)
            first++;
        for (size_t at = first; at < old.count && same == NULL; at++) {
            if (old.items[at] != NULL && offer_is(old.items[at], offers, i)) {
                same = old.items[at];
                old.items[at] = NULL;
            }
        }
        if (same == NULL)
            attach(graph, node, offers, i);
        else
            vec_push(&node->out, same);
    }
    for (size_t at = 0; at < old.count; at++) {
        if (old.items[at] != NULL)
            detach(graph, old.items[at]);
    }
    put_in_order(graph, &node->out);
    vec_done(&old);
}

void graph_reorder_offers(struct graph *graph, struct node *node)
{
    for (size_t i = 0; i < node->out.count; i++) {
        node->out.items[i]->to->in_sorted = false;
        graph_mark(graph, node->out.items[i]->to);
    }
}

void graph_set_offers(struct graph *graph, struct node *node, struct offer_list *offers)
{
    if (same_offers(node, offers))
        graph->counters.stops += offers->count != 0;
    else
        exchange(graph, node, offers);
    graph_offers_clear(offers);
}

static int by_contributor(const void *left, const void *right)
{
    const struct contribution *a = *(struct contribution *const *)left;
    const struct contribution *b = *(struct contribution *const *)right;
    int order = origin_compare(&a->from->origin, &b->from->origin);
    if (order == 0 && a->from->rule != b->from->rule)
        order = strcmp(a->from->rule->name, b->from->rule->name);
    if (order == 0)
        order = strcmp(a->from->key, b->from->key);
    return order != 0 ? order : (a->sequence > b->sequence) - (a->sequence < b->sequence);
}

const struct contribution_list *graph_contributions(struct node *node)
{
    if (!node->in_sorted) {
        if (node->in.count > 1)
            qsort(node->in.items, node->in.count, sizeof(*node->in.items), by_contributor);
        for (size_t i = 0; i < node->in.count; i++)
            node->in.items[i]->in_index = i;
        node->in_sorted = true;
    }
    return &node->in;
}
