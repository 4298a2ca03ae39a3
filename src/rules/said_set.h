/* said_set.h - what stands of each object, put together from all nodes that speak of it, and which objects changed.
 * Owns:    a reference to everything that is said.
 * Thread:  the translator.
 * Errors:  none.  The same thing said by several nodes is counted and told once. */
#pragma once

#include "base/map.h"
#include "base/vec.h"
#include "rules/said.h"

struct said_thing; /* said.c: a problem or a condition, and how often it is said */

/* One object. */
struct said {
    const char *key; /* of its map entry: kong_source_key */
    struct {
        VEC(struct said_thing);
    } things;
    struct map places; /* content -> place in `things`, from 1; empty while they are few, and after some went */
    struct said *next_touched;
    bool touched;
};

struct said_set {
    struct map objects;
    struct said *touched;
};

void said_init(struct said_set *set);
void said_done(struct said_set *set);

void said_add_problem(struct said_set *set, struct problem *problem);
void said_drop_problem(struct said_set *set, const struct problem *problem);
void said_add_condition(struct said_set *set, struct rules_condition *condition);
void said_drop_condition(struct said_set *set, const struct rules_condition *condition);

struct said_list {
    VEC(struct rules_said);
};
/* Objects of which something else is said than when this was asked last, sorted. */
void said_take(struct said_set *set, struct said_list *ret_list);
/* All problems that stand, sorted; the references are borrowed. */
void said_problems(const struct said_set *set, struct problem ***ret_problems, size_t *ret_count);
