/* Decides whose loss a delete is: of the objects that the entity came from, by what the rules said, or else by its tags. */
#include <string.h>

#include "parts.h"

#define LOSS_SOURCES_MAX 16 /* as many as an entity names */

struct sources {
    struct kong_source items[LOSS_SOURCES_MAX];
    size_t count;
};

static void sources_done(struct sources *sources)
{
    for (size_t i = 0; i < sources->count; i++)
        kong_source_done(&sources->items[i]);
}

/* Where nobody knows an object, the entity stands for itself: it is nothing that somebody is seen to have deleted. */
static void take_unknown(const struct kong_item *item, struct sources *ret_sources)
{
    kong_source_make(&ret_sources->items[0], item->kind->name, "", item->actual != NULL ? item->actual->id : item->key,
                     "");
    ret_sources->count = 1;
}

static bool is_unknown(const struct kong_source *source)
{
    return strchr(source->kind, '/') == NULL;
}

static void sources_of(const struct kong_item *item, struct sources *ret_sources)
{
    ret_sources->count = 0;
    const struct kong_entity *former = item->former;
    for (size_t i = 0; former != NULL && i < former->origin.source_count && i < LOSS_SOURCES_MAX; i++)
        kong_source_copy(&ret_sources->items[ret_sources->count++], &former->origin.sources[i]);
    if (ret_sources->count != 0)
        return;
    struct err err = ERR_INIT;
    AUTO(json) struct json *fields = NULL;
    if (item->actual != NULL && json_parse(item->actual->text, strlen(item->actual->text), &fields, &err) == 0 &&
        kong_source_of_tags(json_find(fields, "tags"), &ret_sources->items[0]))
        ret_sources->count = 1;
    else
        take_unknown(item, ret_sources);
}

static bool is_gone(const struct kong_plan *plan, const struct kong_source *source)
{
    if (is_unknown(source))
        return false;
    return plan->options.is_gone == NULL || plan->options.is_gone(plan->options.user, source);
}

static struct plan_loss *loss_of(struct kong_plan *plan, const struct kong_source *source)
{
    struct plan_object *object = plan_object_get(plan, source);
    if (object->loss != NULL)
        return object->loss;
    struct plan_loss *loss = xcalloc(1, sizeof(*loss));
    loss->object = object;
    loss->gone = is_gone(plan, source);
    kong_source_copy(&loss->source, source);
    object->loss = loss;
    map_put(&plan->losses, object->key, loss);
    plan->burst.news_ms = plan->now_ms;
    return loss;
}

static void loss_free(struct kong_plan *plan, struct plan_loss *loss)
{
    map_take(&plan->losses, loss->object->key);
    loss->object->loss = NULL;
    plan_object_release(plan, loss->object);
    kong_source_done(&loss->source);
    free(loss);
}

static bool any_stands(const struct kong_plan *plan, const struct sources *sources)
{
    for (size_t i = 0; i < sources->count; i++) {
        const struct plan_object *object = plan_object_find(plan, &sources->items[i]);
        if (object != NULL && object->standing != 0)
            return true;
    }
    return false;
}

/* What was deleted explains a loss best, then what is known to be lost. */
static struct plan_loss *better_root(struct plan_loss *left, struct plan_loss *right)
{
    if (left == NULL || (right->gone && !left->gone))
        return right;
    return left->gone == right->gone && right->root && !left->root ? right : left;
}

bool plan_loss_assign(struct kong_plan *plan, struct kong_item *item)
{
    struct sources sources;
    sources_of(item, &sources);
    bool stands = any_stands(plan, &sources);
    struct plan_loss *root = NULL;
    for (size_t i = 0; !stands && i < sources.count; i++)
        root = better_root(root, loss_of(plan, &sources.items[i]));
    sources_done(&sources);
    item->loss = root;
    if (root != NULL)
        root->root = true;
    return !stands;
}

struct plan_tally plan_loss_tally(const struct kong_plan *plan, bool held)
{
    struct plan_tally tally = {0};
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&plan->losses, &position)) != NULL) {
        const struct plan_loss *loss = entry->value;
        if ((loss->state == PLAN_HELD) != held)
            continue;
        tally.lost++;
        tally.direct += loss->root && loss->gone;
        tally.indirect += loss->root && !loss->gone;
        tally.waiting += loss->root && loss->gone && loss->state != PLAN_PASSED;
        tally.passed += loss->state == PLAN_PASSED;
    }
    return tally;
}

void plan_loss_look_again(struct kong_plan *plan)
{
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&plan->losses, &position)) != NULL) {
        struct plan_loss *loss = entry->value;
        loss->gone = loss->gone || is_gone(plan, &loss->source);
    }
}

static void mark_needed(struct kong_plan *plan, const struct kong_item *item)
{
    struct sources sources;
    sources_of(item, &sources);
    for (size_t i = 0; i < sources.count; i++) {
        struct plan_object *object = plan_object_find(plan, &sources.items[i]);
        if (object != NULL && object->loss != NULL)
            object->loss->needed = true;
    }
    sources_done(&sources);
}

static void mark_all(struct kong_plan *plan)
{
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&plan->losses, &position)) != NULL)
        ((struct plan_loss *)entry->value)->needed = false;
    for (position = 0; (entry = map_next(&plan->braked, &position)) != NULL;)
        mark_needed(plan, entry->value);
}

void plan_loss_prune(struct kong_plan *plan)
{
    mark_all(plan);
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&plan->losses, &position)) != NULL) {
        struct plan_loss *loss = entry->value;
        if (!loss->needed && (loss->state != PLAN_PASSED || loss->object->standing != 0))
            loss_free(plan, loss);
    }
}

void plan_loss_pass_idle(struct kong_plan *plan)
{
    mark_all(plan);
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&plan->losses, &position)) != NULL) {
        struct plan_loss *loss = entry->value;
        loss->state = loss->state == PLAN_GATHERED && !loss->needed ? PLAN_PASSED : loss->state;
    }
}

void plan_loss_forget(struct kong_plan *plan, bool held)
{
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&plan->losses, &position)) != NULL) {
        struct plan_loss *loss = entry->value;
        if ((loss->state == PLAN_HELD) == held)
            loss_free(plan, loss);
    }
}

void plan_loss_done(struct kong_plan *plan)
{
    plan_loss_forget(plan, true);
    plan_loss_forget(plan, false);
    map_done(&plan->losses);
}

size_t plan_loss_rank(const struct kong_item *item)
{
    return item->former != NULL ? item->former->origin.source_count : 1;
}
