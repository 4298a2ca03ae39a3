/* Settling: choose a winner per natural key, follow references, publish what holds.  Costs what was touched, not what
 * there is. */
#include "wanted.h"

#include <string.h>

#include "wanted_parts.h"

static void release_wanted(void *value)
{
    struct wanted *wanted = value;
    kong_entity_unref(wanted->published);
    problem_list_done(&wanted->problems);
    vec_done(&wanted->emissions);
    free(wanted);
}

static void release_claim(void *value)
{
    struct id_claim *claim = value;
    vec_done(claim);
    free(claim);
}

void wanted_init(struct wanted_set *set, struct said_set *said)
{
    *set = (struct wanted_set){.said = said};
    for (int i = 0; i < KONG_KIND_COUNT; i++) {
        map_init(&set->entities[i], release_wanted);
        map_init(&set->claims[i], release_claim);
    }
}

void wanted_done(struct wanted_set *set)
{
    for (int i = 0; i < KONG_KIND_COUNT; i++)
        map_done(&set->entities[i]);
    for (int i = 0; i < KONG_KIND_COUNT; i++)
        map_done(&set->claims[i]);
    vec_done(&set->changed);
}

void wanted_reorder_emissions(struct wanted_set *set, const struct node *node)
{
    for (size_t i = 0; i < node->emissions.count; i++) {
        struct wanted *wanted = node->emissions.items[i]->wanted;
        wanted_touch(set, wanted);
        wanted_review_claim(set, wanted);
    }
}

static void touch_dependents(struct wanted_set *set, const struct wanted *wanted)
{
    for (struct wanted_link *link = wanted->dependents; link != NULL; link = link->next)
        wanted_touch(set, link->from);
}

static void unlink_reference(struct wanted_link *link)
{
    if (link->to == NULL)
        return;
    if (link->previous != NULL)
        link->previous->next = link->next;
    else
        link->to->dependents = link->next;
    if (link->next != NULL)
        link->next->previous = link->previous;
    *link = (struct wanted_link){0};
}

static void link_references(struct wanted_set *set, struct wanted *wanted)
{
    for (int i = 0; i < wanted->link_count; i++) {
        struct wanted_link *link = &wanted->links[i];
        const char *key = wanted->winner != NULL ? wanted->winner->entity->foreign_keys[i] : NULL;
        if (link->to != NULL && key != NULL && strcmp(link->to->key, key) == 0)
            continue;
        if (link->to != NULL)
            wanted_touch(set, link->to); /* its guards may be fewer, or nobody may need it any more */
        unlink_reference(link);
        if (key == NULL)
            continue;
        struct wanted *to = wanted_find_or_make(set, kong_kind_get(wanted->kind->foreign[i].kind), key);
        *link = (struct wanted_link){wanted, to, NULL, to->dependents};
        if (to->dependents != NULL)
            to->dependents->previous = link;
        to->dependents = link;
    }
}

static const struct wanted *missing_reference(const struct wanted *wanted)
{
    for (int i = 0; i < wanted->link_count; i++) {
        if (wanted->links[i].to != NULL && !wanted->links[i].to->available)
            return wanted->links[i].to;
    }
    return NULL;
}

bool wanted_is_robbed(const struct wanted *wanted)
{
    return wanted->winner != NULL && missing_reference(wanted) == NULL && !wanted_holds_id(wanted);
}

/* Winner, references and availability of one; what depends on it is touched when its availability changed. */
static void settle_one(struct wanted_set *set, struct wanted *wanted)
{
    const struct emission *before = wanted->winner;
    wanted->winner = NULL;
    for (size_t i = 0; i < wanted->emissions.count; i++) {
        if (wanted->winner == NULL || wanted_emission_compare(wanted->emissions.items[i], wanted->winner) < 0)
            wanted->winner = wanted->emissions.items[i];
    }
    link_references(set, wanted);
    wanted_claim_id(set, wanted);
    if (wanted->winner != before)
        wanted_review_claim(set, wanted);
    bool available = wanted->winner != NULL && missing_reference(wanted) == NULL && wanted_holds_id(wanted);
    if (available != wanted->available) {
        wanted->available = available;
        touch_dependents(set, wanted);
    }
    if (!wanted->changed) {
        wanted->changed = true;
        vec_push(&set->changed, wanted);
    }
}

/* True when what is published changed. */
static bool publish(struct wanted *wanted)
{
    struct kong_entity *now = NULL;
    if (wanted->available)
        now = wanted->kind->id == KONG_ROUTE ? wanted_guarded_route(wanted) : kong_entity_ref(wanted->winner->entity);
    struct kong_entity *before = wanted->published;
    if (now == before || (now != NULL && before != NULL && wanted_same_entity(now, before))) {
        kong_entity_unref(now);
        return false;
    }
    kong_entity_unref(before);
    wanted->published = now;
    return true;
}

static struct wanted *pop_touched(struct wanted_set *set)
{
    struct wanted *wanted = set->touched;
    if (wanted != NULL) {
        set->touched = wanted->next_touched;
        wanted->touched = false;
    }
    return wanted;
}

static bool is_idle(const struct wanted *wanted)
{
    return wanted->emissions.count == 0 && wanted->dependents == NULL && wanted->published == NULL &&
           wanted->problems.count == 0;
}

/* Records that the last wave emptied were still needed to tell that they are gone. */
static void forget_emptied(struct wanted_set *set)
{
    for (size_t i = 0; i < set->changed.count; i++) {
        struct wanted *wanted = set->changed.items[i];
        if (is_idle(wanted) && !wanted->touched)
            map_remove(&set->entities[wanted->kind->id], wanted->key);
    }
    set->changed.count = 0;
}

void wanted_settle(struct wanted_set *set)
{
    forget_emptied(set);
    do {
        for (struct wanted *wanted; (wanted = pop_touched(set)) != NULL;) {
            settle_one(set, wanted);
            wanted_touch_guarded(set, wanted);
        }
    } while (wanted_settle_claims(set));
    size_t kept = 0;
    for (size_t i = 0; i < set->changed.count; i++) {
        struct wanted *wanted = set->changed.items[i];
        wanted->changed = false;
        wanted_tell_troubles(set, wanted, missing_reference(wanted));
        if (publish(wanted))
            set->changed.items[kept++] = wanted;
        else if (is_idle(wanted))
            map_remove(&set->entities[wanted->kind->id], wanted->key);
    }
    set->changed.count = kept;
}
