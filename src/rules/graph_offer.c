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
    *contribution = (struct contribution){.from = from, .to = to, .in_index = to->in.count};
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

/* What a node gave until now, while it is exchanged: what finds no partner was dropped. */
struct exchange {
    struct contribution_list old; /* NULL: has its partner */
    bool indexed;
    struct map by_content; /* target, key and data -> contribution in `old`, once they were looked for */
    struct buf content;    /* scratch */
};

static void set_content(struct exchange *exchange, const struct rule *rule, const char *key, const char *data)
{
    buf_clear(&exchange->content);
    buf_append(&exchange->content, &rule, sizeof(rule));
    buf_append(&exchange->content, key, strlen(key) + 1);
    buf_append_text(&exchange->content, data);
}

static void fill_index(struct exchange *exchange)
{
    exchange->indexed = true;
    for (size_t i = exchange->old.count; i > 0; i--) {
        struct contribution *old = exchange->old.items[i - 1];
        if (old == NULL)
            continue;
        set_content(exchange, old->to->rule, old->to->key, old->data);
        old->next_same = map_find_bytes(&exchange->by_content, exchange->content.data, exchange->content.length);
        map_put_bytes(&exchange->by_content, exchange->content.data, exchange->content.length, old);
    }
}

/* Nodes mostly give the same in the same order; where not, the rest is looked up, so that no order costs more. */
static struct contribution *take_partner(struct exchange *exchange, const struct offer_list *offers, size_t at)
{
    struct contribution *same = at < exchange->old.count ? exchange->old.items[at] : NULL;
    if (same == NULL || !offer_is(same, offers, at)) {
        const struct offer *offer = &offers->items[at];
        if (!exchange->indexed)
            fill_index(exchange);
        set_content(exchange, offer->rule, offers->texts.data + offer->key, offers->texts.data + offer->data);
        same = map_find_bytes(&exchange->by_content, exchange->content.data, exchange->content.length);
        while (same != NULL && exchange->old.items[same->sequence_before] != same)
            same = same->next_same; /* taken in its place meanwhile */
        if (same == NULL)
            return NULL;
        map_put_bytes(&exchange->by_content, exchange->content.data, exchange->content.length, same->next_same);
    }
    exchange->old.items[same->sequence_before] = NULL;
    return same;
}

static void exchange_offers(struct graph *graph, struct node *node, struct offer_list *offers)
{
    struct exchange exchange = {.old = node->out, .content = BUF_OWN};
    map_init(&exchange.by_content, NULL);
    for (size_t i = 0; i < exchange.old.count; i++)
        exchange.old.items[i]->sequence_before = (uint32_t)i;
    node->out = (struct contribution_list){0};
    for (size_t i = 0; i < offers->count; i++) {
        struct contribution *same = take_partner(&exchange, offers, i);
        if (same == NULL)
            attach(graph, node, offers, i);
        else
            vec_push(&node->out, same);
    }
    for (size_t at = 0; at < exchange.old.count; at++) {
        if (exchange.old.items[at] != NULL)
            detach(graph, exchange.old.items[at]);
    }
    put_in_order(graph, &node->out);
    map_done(&exchange.by_content);
    buf_done(&exchange.content);
    vec_done(&exchange.old);
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
        exchange_offers(graph, node, offers);
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
