/* Settling: choose a winner per natural key, follow references, publish what holds.  Costs what was touched, not what
 * there is. */
#include "wanted.h"

#include "base/shared_text.h"
#include "kong/problem_codes.h"

#include <string.h>

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

void wanted_init(struct wanted_set *set)
{
    *set = (struct wanted_set){0};
    for (int i = 0; i < KONG_KIND_COUNT; i++) {
        map_init(&set->entities[i], release_wanted);
        map_init(&set->claims[i], release_claim);
    }
    map_init(&set->troubled, NULL);
}

void wanted_done(struct wanted_set *set)
{
    for (int i = 0; i < KONG_KIND_COUNT; i++)
        map_done(&set->entities[i]);
    for (int i = 0; i < KONG_KIND_COUNT; i++)
        map_done(&set->claims[i]);
    map_done(&set->troubled);
    vec_done(&set->changed);
}

static void touch(struct wanted_set *set, struct wanted *wanted)
{
    if (wanted->touched)
        return;
    wanted->touched = true;
    wanted->next_touched = set->touched;
    set->touched = wanted;
}

static void touch_dependents(struct wanted_set *set, const struct wanted *wanted)
{
    for (struct wanted_link *link = wanted->dependents; link != NULL; link = link->next)
        touch(set, link->from);
}

static int foreign_count(const struct kong_kind *kind)
{
    int count = 0;
    while (count < KONG_FOREIGN_MAX && kind->foreign[count].field != NULL)
        count++;
    return count;
}

static struct wanted *find_or_make(struct wanted_set *set, const struct kong_kind *kind, const char *key)
{
    struct wanted *wanted = map_find(&set->entities[kind->id], key);
    if (wanted == NULL) {
        int links = foreign_count(kind);
        wanted = xcalloc(1, sizeof(*wanted) + (size_t)links * sizeof(*wanted->links));
        wanted->link_count = links;
        wanted->kind = kind;
        wanted->key = map_put(&set->entities[kind->id], key, wanted)->key;
    }
    return wanted;
}

static void add_emission(struct wanted_set *set, struct node *node, struct kong_entity *entity)
{
    struct emission *emission = xmalloc(sizeof(*emission));
    *emission = (struct emission){node, entity, find_or_make(set, entity->kind, entity->key)};
    vec_push(&node->emissions, emission);
    vec_push(&emission->wanted->emissions, emission);
    touch(set, emission->wanted);
}

static void drop_emission(struct wanted_set *set, struct emission *emission)
{
    struct wanted *wanted = emission->wanted;
    for (size_t i = 0; i < wanted->emissions.count; i++) {
        if (wanted->emissions.items[i] == emission) {
            wanted->emissions.items[i] = wanted->emissions.items[--wanted->emissions.count];
            break;
        }
    }
    if (wanted->winner == emission)
        wanted->winner = NULL;
    touch(set, wanted);
    kong_entity_unref(emission->entity);
    free(emission);
}

static bool same_sources(const struct kong_entity *left, const struct kong_entity *right)
{
    if (left->origin.source_count != right->origin.source_count)
        return false;
    for (size_t i = 0; i < left->origin.source_count; i++) {
        const struct kong_source *a = &left->origin.sources[i];
        const struct kong_source *b = &right->origin.sources[i];
        if (strcmp(a->name, b->name) != 0 || strcmp(a->namespace, b->namespace) != 0 || strcmp(a->kind, b->kind) != 0 ||
            strcmp(a->uid, b->uid) != 0)
            return false;
    }
    return true;
}

static bool same_entity(const struct kong_entity *left, const struct kong_entity *right)
{
    return kong_entity_equal(left, right) && same_sources(left, right);
}

void wanted_set_emissions(struct wanted_set *set, struct node *node, struct entity_list *entities)
{
    struct emission_list old = node->emissions;
    node->emissions = (struct emission_list){0};
    for (size_t i = 0; i < entities->count; i++) {
        struct kong_entity *entity = entities->items[i];
        struct emission *same = NULL;
        for (size_t at = 0; at < old.count && same == NULL; at++) {
            struct emission *candidate = old.items[at];
            if (candidate != NULL && candidate->entity->kind == entity->kind &&
                strcmp(candidate->entity->key, entity->key) == 0) {
                same = candidate;
                old.items[at] = NULL;
            }
        }
        if (same == NULL) {
            add_emission(set, node, entity);
            continue;
        }
        if (same_entity(same->entity, entity)) {
            kong_entity_unref(entity);
        } else {
            kong_entity_unref(same->entity);
            same->entity = entity;
            touch(set, same->wanted);
        }
        vec_push(&node->emissions, same);
    }
    for (size_t at = 0; at < old.count; at++) {
        if (old.items[at] != NULL)
            drop_emission(set, old.items[at]);
    }
    vec_done(&old);
    vec_done(entities);
}

/* Older objects win; the rest of the order only makes it the same every time. */
static int emission_compare(const struct emission *left, const struct emission *right)
{
    int order = origin_compare(&left->node->origin, &right->node->origin);
    if (order == 0)
        order = strcmp(left->node->rule->name, right->node->rule->name);
    if (order == 0)
        order = strcmp(left->node->key, right->node->key);
    return order != 0 ? order : strcmp(left->entity->text, right->entity->text); /* one node may emit a key twice */
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
            touch(set, link->to); /* its guards may be fewer, or nobody may need it any more */
        unlink_reference(link);
        if (key == NULL)
            continue;
        struct wanted *to = find_or_make(set, kong_kind_get(wanted->kind->foreign[i].kind), key);
        *link = (struct wanted_link){wanted, to, NULL, to->dependents};
        if (to->dependents != NULL)
            to->dependents->previous = link;
        to->dependents = link;
    }
}

/* Kinds whose objects can name the id of their entity. */
static bool names_ids(const struct kong_kind *kind)
{
    return kind->id == KONG_CERTIFICATE || kind->id == KONG_CA_CERTIFICATE || kind->id == KONG_CUSTOM ||
           (kind->id >= KONG_KEY_AUTH && kind->id <= KONG_MTLS_AUTH);
}

static void touch_claimants(struct wanted_set *set, const struct id_claim *claim)
{
    for (size_t i = 0; i < claim->count; i++)
        touch(set, claim->items[i]);
}

void wanted_reorder_emissions(struct wanted_set *set, const struct node *node)
{
    for (size_t i = 0; i < node->emissions.count; i++) {
        struct wanted *wanted = node->emissions.items[i]->wanted;
        touch(set, wanted);
        if (wanted->claim != NULL)
            touch_claimants(set, wanted->claim);
    }
}

static void give_up_claim(struct wanted_set *set, struct wanted *wanted)
{
    struct id_claim *claim = wanted->claim;
    if (claim == NULL)
        return;
    for (size_t i = 0; i < claim->count; i++) {
        if (claim->items[i] == wanted) {
            claim->items[i] = claim->items[--claim->count];
            break;
        }
    }
    wanted->claim = NULL;
    touch_claimants(set, claim);
    if (claim->count == 0)
        map_remove(&set->claims[wanted->kind->id], claim->id);
}

/* Secrets may name the ids of credentials and authorities: two objects must not make one entity of Kong's. */
static void claim_id(struct wanted_set *set, struct wanted *wanted)
{
    const char *id = wanted->winner != NULL && names_ids(wanted->kind) ? wanted->winner->entity->id : NULL;
    if (wanted->claim != NULL && (id == NULL || strcmp(wanted->claim->id, id) != 0))
        give_up_claim(set, wanted);
    if (id == NULL || wanted->claim != NULL)
        return;
    struct map *claims = &set->claims[wanted->kind->id];
    struct id_claim *claim = map_find(claims, id);
    if (claim == NULL) {
        claim = xcalloc(1, sizeof(*claim));
        claim->id = map_put(claims, id, claim)->key;
    }
    touch_claimants(set, claim);
    vec_push(claim, wanted);
    wanted->claim = claim;
}

/* Who has the id instead, or NULL. */
static const struct wanted *older_claimant(const struct wanted *wanted)
{
    const struct wanted *oldest = wanted;
    for (size_t i = 0; wanted->claim != NULL && i < wanted->claim->count; i++) {
        const struct wanted *other = wanted->claim->items[i];
        if (other->winner != NULL && emission_compare(other->winner, oldest->winner) < 0)
            oldest = other;
    }
    return oldest != wanted ? oldest : NULL;
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
    return wanted->winner != NULL && missing_reference(wanted) == NULL && older_claimant(wanted) != NULL;
}

/* Takes the problems. */
static void set_problems(struct wanted_set *set, struct wanted *wanted, struct problem_list *problems)
{
    if (problem_list_equal(problems, &wanted->problems)) {
        problem_list_done(problems);
        return;
    }
    if (wanted->problems.count == 0)
        map_put_bytes(&set->troubled, &wanted, sizeof(wanted), wanted);
    else if (problems->count == 0)
        map_take_bytes(&set->troubled, &wanted, sizeof(wanted));
    problem_list_done(&wanted->problems);
    wanted->problems = *problems;
    set->problems_changed = true;
}

static void add_problem(struct problem_list *problems, const char *code, const struct kong_source *about,
                        const char *text)
{
    const struct problem_code *row = problem_code_find(code);
    if (row != NULL && about != NULL)
        vec_push(problems, problem_new(row->severity, code, about, text));
}

static const struct kong_source *first_source(const struct kong_entity *entity)
{
    return entity->origin.source_count != 0 ? &entity->origin.sources[0] : NULL;
}

/* Why the winner is left out. */
static void tell_winner(const struct wanted *wanted, const char *title, struct problem_list *problems)
{
    const struct kong_entity *entity = wanted->winner->entity;
    const struct wanted *missing = missing_reference(wanted);
    const struct wanted *holder = missing == NULL ? older_claimant(wanted) : NULL;
    if (missing != NULL) {
        AUTO(text)
        char *text = xasprintf("%s is left out: it refers to the %s %s, which is not there", title, missing->kind->name,
                               missing->kind->key_is_secret ? "…" : missing->key);
        add_problem(problems, "DanglingReference", first_source(entity), text);
    } else if (holder != NULL) {
        const struct kong_source *source = first_source(holder->winner->entity);
        AUTO(text) char *older = source != NULL ? kong_source_title(source) : xstrdup("another object");
        AUTO(text)
        char *text = xasprintf("%s is left out: %s, which is older, has its id %s", title, older, entity->id);
        add_problem(problems, "DuplicateEntity", first_source(entity), text);
    }
}

/* Sorted, each once: emissions stand in the order of events. */
static void sort_problems(struct problem_list *problems)
{
    if (problems->count < 2)
        return;
    problem_sort(problems->items, problems->count);
    size_t kept = 1;
    for (size_t i = 1; i < problems->count; i++) {
        if (problem_compare(problems->items[kept - 1], problems->items[i]) == 0)
            problem_unref(problems->items[i]);
        else
            problems->items[kept++] = problems->items[i];
    }
    problems->count = kept;
}

/* What others say of the same key; sayings that are the winner's own words are no trouble. */
static void tell_losers(const struct wanted *wanted, const char *title, struct problem_list *problems)
{
    const struct kong_entity *entity = wanted->winner->entity;
    if (first_source(entity) == NULL)
        return;
    AUTO(text) char *older = kong_source_title(first_source(entity));
    AUTO(text) char *text = xasprintf("%s is already made otherwise from %s, which is older", title, older);
    for (size_t i = 0; i < wanted->emissions.count; i++) {
        const struct kong_entity *other = wanted->emissions.items[i]->entity;
        if (!kong_entity_equal(other, entity))
            add_problem(problems, "DuplicateEntity", first_source(other), text);
    }
}

static void troubles_of(const struct wanted *wanted, struct problem_list *problems)
{
    bool rivals = wanted->emissions.count > 1;
    if (wanted->winner == NULL || (wanted->available && !rivals))
        return;
    AUTO(text) char *title = kong_entity_title(wanted->winner->entity);
    tell_winner(wanted, title, problems);
    if (rivals)
        tell_losers(wanted, title, problems);
    sort_problems(problems);
}

/* Winner, references and availability of one; what depends on it is touched when its availability changed. */
static void settle_one(struct wanted_set *set, struct wanted *wanted)
{
    const struct emission *before = wanted->winner;
    wanted->winner = NULL;
    for (size_t i = 0; i < wanted->emissions.count; i++) {
        if (wanted->winner == NULL || emission_compare(wanted->emissions.items[i], wanted->winner) < 0)
            wanted->winner = wanted->emissions.items[i];
    }
    link_references(set, wanted);
    claim_id(set, wanted);
    if (wanted->claim != NULL && wanted->winner != before)
        touch_claimants(set, wanted->claim);
    bool available = wanted->winner != NULL && missing_reference(wanted) == NULL && older_claimant(wanted) == NULL;
    if (available != wanted->available) {
        wanted->available = available;
        touch_dependents(set, wanted);
    }
    if (!wanted->changed) {
        wanted->changed = true;
        vec_push(&set->changed, wanted);
    }
}

struct guard_list {
    VEC(char *);
};

static void add_guard(struct guard_list *guards, const char *key)
{
    vec_push(guards, xstrdup(key));
}

static void add_plugins(struct guard_list *guards, const struct wanted *wanted)
{
    for (const struct wanted_link *link = wanted->dependents; link != NULL; link = link->next) {
        if (link->from->kind->id == KONG_PLUGIN && link->from->available)
            add_guard(guards, link->from->key);
    }
    const struct kong_entity *entity = wanted->winner != NULL ? wanted->winner->entity : NULL;
    for (size_t i = 0; entity != NULL && i < entity->guard_count; i++)
        add_guard(guards, entity->guards[i]);
}

static int by_text(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static void copy_origin(struct kong_origin *target, const struct kong_origin *source)
{
    *target = *source;
    target->sources = xcalloc(source->source_count, sizeof(*target->sources));
    for (size_t i = 0; i < source->source_count; i++)
        kong_source_copy(&target->sources[i], &source->sources[i]);
    shared_text_ref(source->rule);
    shared_text_ref(source->step);
    shared_text_ref(source->file);
    shared_text_ref(source->overrides);
}

/* A route with all plugins that stand before it: its own, its service's, and those that its objects name but nobody
 * has. */
static struct kong_entity *guarded_route(const struct wanted *wanted)
{
    struct kong_entity *entity = wanted->winner->entity;
    struct guard_list guards = {0};
    add_plugins(&guards, wanted);
    for (int i = 0; i < wanted->link_count; i++) {
        if (wanted->links[i].to != NULL && wanted->links[i].to->kind->id == KONG_SERVICE)
            add_plugins(&guards, wanted->links[i].to);
    }
    if (guards.count == 0)
        return kong_entity_ref(entity);
    qsort(guards.items, guards.count, sizeof(*guards.items), by_text);
    const struct kong_entity_texts texts = {.key = entity->key,
                                            .id = entity->id,
                                            .text = entity->text,
                                            .length = strlen(entity->text),
                                            .foreign_keys = (const char *const *)entity->foreign_keys};
    struct kong_entity *copy = kong_entity_make(entity->kind, &texts);
    copy_origin(&copy->origin, &entity->origin);
    copy->guards = guards.items;
    copy->guard_count = guards.count;
    return copy;
}

/* True when what is published changed. */
static bool publish(struct wanted *wanted)
{
    struct kong_entity *now = NULL;
    if (wanted->available)
        now = wanted->kind->id == KONG_ROUTE ? guarded_route(wanted) : kong_entity_ref(wanted->winner->entity);
    struct kong_entity *before = wanted->published;
    if (now == before || (now != NULL && before != NULL && same_entity(now, before))) {
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

/* Plugins guard the routes that they apply to, and those of the service that they apply to: their publishing may change
 * with them. */
static void touch_guarded(struct wanted_set *set, const struct wanted *wanted)
{
    if (wanted->kind->id == KONG_PLUGIN) {
        for (int i = 0; i < wanted->link_count; i++) {
            struct wanted *to = wanted->links[i].to;
            if (to == NULL || to->changed)
                continue;
            if (to->kind->id == KONG_ROUTE || to->kind->id == KONG_SERVICE)
                touch(set, to);
        }
    } else if (wanted->kind->id == KONG_SERVICE) {
        for (struct wanted_link *link = wanted->dependents; link != NULL; link = link->next) {
            if (link->from->kind->id == KONG_ROUTE && !link->from->changed)
                touch(set, link->from);
        }
    }
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
    for (struct wanted *wanted; (wanted = pop_touched(set)) != NULL;) {
        settle_one(set, wanted);
        touch_guarded(set, wanted);
    }
    size_t kept = 0;
    for (size_t i = 0; i < set->changed.count; i++) {
        struct wanted *wanted = set->changed.items[i];
        wanted->changed = false;
        struct problem_list problems = {0};
        troubles_of(wanted, &problems);
        set_problems(set, wanted, &problems);
        if (publish(wanted))
            set->changed.items[kept++] = wanted;
        else if (is_idle(wanted))
            map_remove(&set->entities[wanted->kind->id], wanted->key);
    }
    set->changed.count = kept;
}
