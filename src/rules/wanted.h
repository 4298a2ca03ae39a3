/* wanted.h - the wanted entities: what nodes emit, made into one set in which every reference leads somewhere.
 * Owns:    emissions and published entities.
 * Thread:  the translator.
 * Errors:  two different entities of one name: the older object's wins, the younger gets a problem; an entity whose
 *          reference leads nowhere is left out with a problem. */
#pragma once

#include "graph.h"

struct wanted;

struct emission {
    struct node *node;
    struct kong_entity *entity; /* owns a reference */
    struct wanted *wanted;
    size_t place;               /* in wanted->emissions */
    size_t position;            /* among its node's, while these are exchanged */
    struct emission *next_same; /* of that node and the same key, likewise */
};

/* A foreign reference of the winner of one wanted entity to another. */
struct wanted_link {
    struct wanted *from, *to;
    struct wanted_link *previous, *next; /* among those that lead to `to` */
};

/* Wanted entities of one kind whose winners carry the same id: the oldest holds it. */
struct id_claim {
    const char *id; /* of its map entry */
    const struct kong_kind *kind;
    struct wanted *holder; /* NULL: to be found */
    const struct emission *holder_winner;
    bool stale;
    struct id_claim *next_stale;
    VEC(struct wanted *);
};

struct wanted {
    const struct kong_kind *kind;
    const char *key; /* of its map entry */
    struct emission_list emissions;
    struct emission *winner;
    struct kong_entity *published; /* owns a reference; NULL: not wanted, or left out */
    struct wanted_link *dependents;
    struct wanted *next_touched;
    struct id_claim *claim;       /* NULL: its id follows from its key, so nobody else can have it */
    size_t claim_place;           /* in it */
    struct problem_list problems; /* the winner is left out; others lost */
    bool available;
    bool touched;
    bool changed;   /* in this wave */
    int link_count; /* as many as the kind has foreign fields */
    struct wanted_link links[];
};

struct wanted_set {
    struct map entities[KONG_KIND_COUNT]; /* key -> struct wanted */
    struct map claims[KONG_KIND_COUNT];   /* id -> struct id_claim; of kinds whose objects may name ids */
    struct wanted *touched;
    struct id_claim *stale_claims;
    struct {
        VEC(struct wanted *);
    } changed;
    struct said_set *said; /* the engine's */
};

void wanted_init(struct wanted_set *set, struct said_set *said);
void wanted_done(struct wanted_set *set);

/* True when it is left out for nothing but its id, which an older one has. */
bool wanted_is_robbed(const struct wanted *wanted);

struct entity_list {
    VEC(struct kong_entity *);
};

/* Exchanges what a node emits: takes the references in `entities` and empties the list. */
void wanted_set_emissions(struct wanted_set *set, struct node *node, struct entity_list *entities);
/* The node's origin changed: what it emitted may win or lose against others now. */
void wanted_reorder_emissions(struct wanted_set *set, const struct node *node);

/* Settles everything that was touched; fills set->changed with those whose published entity is another than before. */
void wanted_settle(struct wanted_set *set);
