/* graph.h - nodes, what they read, and what they contribute to each other. Knows no Lua.
 * Owns:    all nodes, slots and contributions.
 * Thread:  the translator.
 * Errors:  none.
 *
 * A slot stands for one thing that can be read (an object, its status, a list, a label, a topic, the options) and knows its readers; announcing a slot
 * makes its readers dirty.  Dirty nodes wait in a queue per level. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/vec.h"
#include "problem_list.h"
#include "rules/rules.h"
#include "said_set.h"
#include "store/object.h"

#define GRAPH_RULES_MAX  128
#define GRAPH_LEVELS_MAX 32

struct node;
struct emission; /* wanted.h */

/* One rule as the engine sees it; the Lua side hangs on `lua_ref`. */
struct rule {
    int index;
    char *name;                    /* "Ingress", "backend" */
    char *file;                    /* for people: "rules/ingress.lua" */
    const struct store_kind *kind; /* object rule; NULL: shared rule */
    bool topic;                    /* shared, without translate */
    int level;
    int lua_ref;
    bool may_contribute[GRAPH_RULES_MAX];
    bool may_consult[GRAPH_RULES_MAX];
    bool may_read[STORE_KIND_MAX];
    struct map nodes; /* key -> struct node */
};

/* Whose object a node speaks for: its own, or the oldest of its contributors'.  Orders contributions and settles conflicts. */
struct origin { /* one block of texts, which begins at the kind */
    char *kind, *namespace, *name, *uid, *creation;
};

struct slot {
    struct read *readers;
    const char *key; /* of its map entry; contains NULs */
    size_t key_length;
    uint64_t seen; /* run that listed it last, so that a run lists it once */
};

struct read {
    struct slot *slot;
    struct node *node;
    bool good; /* the last run that did not fail read it */
    struct read *previous, *next;
};

struct contribution {
    struct node *from, *to;
    size_t in_index;                /* place in to->in */
    uint32_t sequence;              /* among those of `from` to `to` */
    uint32_t sequence_before;       /* among its node's, while these are exchanged */
    struct contribution *next_same; /* of that node and the same content, likewise */
    char data[];                    /* canonical JSON */
};

struct condition_list {
    VEC(struct rules_condition *);
};
struct emission_list {
    VEC(struct emission *);
};
struct contribution_list {
    VEC(struct contribution *);
};

struct reports {
    struct problem_list problems;
    struct condition_list conditions;
};

struct node {
    struct rule *rule;
    const char *key;             /* of its map entry */
    const struct object *object; /* of an object rule: the store's */
    struct origin origin;
    struct read *reads; /* one block */
    uint32_t read_count;
    uint32_t told; /* topics: how many contributions there were when readers were told last */
    struct contribution_list in, out;
    struct emission_list emissions;
    struct reports *reports; /* NULL: nothing to report, as most */
    struct node *next_queued;
    bool queued;
    bool removed; /* freed when it leaves the queue */
    bool in_sorted;
    uint32_t given; /* scratch of graph_set_offers: contributions of one node that were counted here */
};

struct graph {
    struct map slots;
    struct rule *rules[GRAPH_RULES_MAX];
    int rule_count;
    struct node *queue[GRAPH_LEVELS_MAX];
    struct said_set said;
    struct rules_counters counters;
};

void graph_init(struct graph *graph);
void graph_done(struct graph *graph); /* nodes must have been emptied of emissions */

struct node *graph_find(const struct rule *rule, const char *key);
struct node *graph_node(struct graph *graph, struct rule *rule, const char *key); /* found or made */
void graph_mark(struct graph *graph, struct node *node);
struct node *graph_pop(struct graph *graph, int level); /* NULL: none left at this level */

/* Found or made. */
struct slot *graph_slot(struct graph *graph, const char *key, size_t length);
/* Makes the readers dirty, if anybody reads it. */
void graph_announce(struct graph *graph, const char *key, size_t length);
/* Exchanges what the node reads; after a run that failed, what the last good one read stays too.  `slots` may contain a slot once only, and no
 * other slot has been seen by the same run. */
void graph_set_reads(struct graph *graph, struct node *node, struct slot *const *slots, size_t count, bool failed);

struct offer {
    struct rule *rule;
    size_t key, data; /* where they begin in the list's texts */
};
struct offer_list {
    VEC(struct offer);
    struct buf texts;
};
void graph_offer(struct offer_list *offers, struct rule *rule, const char *key, const struct buf *data);
void graph_offers_clear(struct offer_list *offers); /* keeps the memory */
/* Exchanges what the node gives, and clears the offers.  Targets whose contributions changed become dirty. */
void graph_set_offers(struct graph *graph, struct node *node, struct offer_list *offers);
/* The node's origin changed: what it gave may stand at another place among its neighbours now. */
void graph_reorder_offers(struct graph *graph, struct node *node);
/* Sorted by contributor: creation time, namespace, name, kind, rule, key, sequence. */
const struct contribution_list *graph_contributions(struct node *node);

/* Sets the origin; true when it changed. */
bool graph_set_origin(struct node *node, const char *kind, const char *namespace, const char *name, const char *uid,
                      const char *creation);
int origin_compare(const struct origin *left, const struct origin *right);

/* Exchanges problems and conditions, and tells graph->said: takes the lists' contents. */
void graph_set_reports(struct graph *graph, struct node *node, struct problem_list *problems,
                       struct condition_list *conditions);

/* The node must have no emissions left. */
void graph_remove(struct graph *graph, struct node *node);
