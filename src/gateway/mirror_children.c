/* Decides how targets and memberships are found, which have no list over all parents. */
#include <string.h>

#include "mirror_parts.h"
#include "net/http.h"

#define SEARCHES 10 /* upstreams that are read at a time */

struct search {
    struct mirror *mirror;
    struct kong_actual *parent;
};

static void search_more(struct mirror *mirror);

static void on_target(void *user, const struct json *object)
{
    struct mirror *mirror = user;
    const char *id = json_find_text(object, "id");
    if (id == NULL || !kong_state_has_ownership(kong_plan_state(mirror->options.plan), object))
        return;
    if (map_take(&mirror->target_ids, id) != NULL)
        mirror->unexplained--;
    mirror_hold(mirror, kong_kind_get(KONG_TARGET), object);
}

static void on_search_row(void *user, const struct json *object)
{
    on_target(((struct search *)user)->mirror, object);
}

static void on_searched(void *user, const struct kong_answer *answer)
{
    struct search *search = user;
    struct mirror *mirror = search->mirror;
    mirror->searching--;
    if (!mirror_fails(mirror, answer)) {
        if (answer->class != KONG_DONE && answer->class != KONG_MISSING)
            mirror->listed[KONG_TARGET] = false;
        search_more(mirror);
    }
    mirror_step(mirror);
}

static void search_more(struct mirror *mirror)
{
    while (mirror->searching < SEARCHES && mirror->upstreams.count > 0 &&
           (mirror->unexplained > 0 || mirror->verify > 0)) {
        struct search *search = mirror_note(mirror, sizeof(*search));
        mirror->verify -= mirror->verify > 0;
        search->mirror = mirror;
        search->parent = mirror->upstreams.items[--mirror->upstreams.count];
        mirror->searching++;
        mirror->waits++;
        AUTO(text) char *path = xasprintf("/upstreams/%s/targets", search->parent->id);
        kong_admin_list(mirror->options.admin, path, on_search_row, on_searched, search);
    }
}

/* A target that we would make under this id is taken to be as we would make it. */
static bool assume_target(struct mirror *mirror, const struct kong_item *item)
{
    const struct kong_item *upstream = item->links[0].target;
    if (item->entity == NULL || item->entity->id == NULL || upstream == NULL || upstream->actual == NULL ||
        map_find(&mirror->target_ids, item->entity->id) == NULL)
        return false;

    struct err err = ERR_INIT;
    AUTO(json) struct json *object = NULL;
    require_that(json_parse(item->entity->text, strlen(item->entity->text), &object, &err) == 0);
    struct json *reference = json_new_object();
    json_set_text(reference, "id", upstream->actual->id);
    json_set(object, "upstream", reference);
    json_set_text(object, "id", item->entity->id);
    struct json *tags = json_find(object, "tags");
    if (tags == NULL) {
        tags = json_new_array();
        json_set(object, "tags", tags);
    }
    const struct kong_tags *ownership = &kong_plan_state(mirror->options.plan)->ownership;
    for (size_t i = 0; i < ownership->count; i++)
        json_append(tags, json_new_text(ownership->items[i]));
    on_target(mirror, object);
    return true;
}

/* How likely an upstream has targets that we cannot explain. */
static int suspicion(const struct kong_actual *upstream)
{
    if (upstream->item->entity == NULL)
        return 2;
    for (const struct kong_link *link = upstream->item->dependents; link != NULL; link = link->next) {
        const struct kong_item *target = link->owner;
        if (target->kind->id == KONG_TARGET && (target->actual == NULL || !target->actual->seen))
            return 1;
    }
    return 0;
}

/* The likely ones are searched first: they are popped from the end. */
static void queue_upstreams(struct mirror *mirror)
{
    struct kong_state *state = kong_plan_state(mirror->options.plan);
    for (int pass = 0; pass < 3; pass++) {
        size_t position = 0;
        struct map_entry *entry;
        while ((entry = map_next(&state->actuals[KONG_UPSTREAM], &position)) != NULL)
            if (suspicion(entry->value) == pass)
                vec_push(&mirror->upstreams, entry->value);
    }
}

/* Some at a time, so that in the end all have been looked at, and no reading is as long as all of them take. */
static void queue_turn(struct mirror *mirror)
{
    char *after = mirror->options.verify_after;
    const struct map *upstreams = &kong_plan_state(mirror->options.plan)->actuals[KONG_UPSTREAM];
    struct map_entry **sorted = map_sorted(upstreams);
    size_t count = upstreams->count, first = 0;
    while (first < count && strcmp(sorted[first]->key, after) <= 0)
        first++;
    mirror->verify = count < KONG_VERIFY_UPSTREAMS ? count : KONG_VERIFY_UPSTREAMS;
    for (size_t i = 0; i < mirror->verify; i++) {
        const struct map_entry *entry = sorted[(first + i) % count];
        vec_push(&mirror->upstreams, entry->value);
        memcpy(after, entry->key, strlen(entry->key) + 1);
    }
    free(sorted);
}

static void explain_targets(struct mirror *mirror)
{
    struct kong_state *state = kong_plan_state(mirror->options.plan);
    mirror->listed[KONG_TARGET] = !mirror->tags_failed;
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&mirror->target_ids, &position)) != NULL) {
        if ((size_t)(uintptr_t)entry->value < state->ownership.count)
            map_remove(&mirror->target_ids, entry->key);
    }
    mirror->unexplained = mirror->target_ids.count;

    struct map_entry **items = map_sorted(&state->items[KONG_TARGET]);
    size_t count = state->items[KONG_TARGET].count;
    for (size_t i = 0; i < count && !mirror->options.verify_targets && !mirror->tags_failed; i++) {
        const struct kong_item *item = items[i]->value;
        const struct kong_actual *known = item->entity != NULL && item->entity->id != NULL
                                              ? kong_state_actual(state, KONG_TARGET, item->entity->id)
                                              : NULL;
        if (known == NULL)
            assume_target(mirror, item);
    }
    free(items);

    /* Those that we have read or made before are still what they were. */
    position = 0;
    while ((entry = map_next(&state->actuals[KONG_TARGET], &position)) != NULL) {
        struct kong_actual *actual = entry->value;
        if (!mirror->options.verify_targets && map_take(&mirror->target_ids, actual->id) != NULL) {
            actual->seen = true;
            mirror->unexplained--;
        }
    }
    if (mirror->unexplained > 0 || mirror->options.verify_targets)
        queue_upstreams(mirror);
    if (mirror->options.verify_targets)
        mirror->verify = mirror->upstreams.count;
    else if (mirror->options.verify_after != NULL)
        queue_turn(mirror);
    search_more(mirror);
}

static void on_tagged(void *user, const struct json *row)
{
    struct mirror *mirror = user;
    const char *table = json_find_text(row, "entity_name");
    const char *id = json_find_text(row, "entity_id");
    if (table != NULL) /* a type that nobody wants any more is known by this only */
        kong_types_find(kong_plan_state(mirror->options.plan)->types, table);
    if (table == NULL || id == NULL || strcmp(table, "targets") != 0)
        return;
    uintptr_t seen = (uintptr_t)map_find(&mirror->target_ids, id);
    map_put(&mirror->target_ids, id, (void *)(seen + 1));
}

static void on_tag_read(void *user, const struct kong_answer *answer)
{
    struct mirror *mirror = user;
    mirror->tags_failed = mirror->tags_failed || answer->class != KONG_DONE;
    if (!mirror_fails(mirror, answer) && --mirror->targets_waits == 0)
        explain_targets(mirror);
    mirror_step(mirror);
}

void mirror_targets(struct mirror *mirror)
{
    const struct kong_tags *ownership = &kong_plan_state(mirror->options.plan)->ownership;
    mirror->targets_waits = ownership->count;
    for (size_t i = 0; i < ownership->count; i++) {
        mirror->waits++;
        AUTO(text) char *tag = http_encode(ownership->items[i]);
        AUTO(text) char *path = xasprintf("/tags/%s", tag);
        kong_admin_list(mirror->options.admin, path, on_tagged, on_tag_read, mirror);
    }
}

static void hold_member(struct mirror *mirror, const struct kong_actual *group, const struct json *consumer)
{
    const char *consumer_id = json_find_text(consumer, "id");
    struct kong_state *state = kong_plan_state(mirror->options.plan);
    const struct kong_kind *kind = kong_kind_get(KONG_MEMBERSHIP);
    /* Only a membership of two entities of ours can be ours. */
    struct kong_actual *actual = consumer_id != NULL ? kong_state_actual(state, KONG_CONSUMER, consumer_id) : NULL;
    if (actual == NULL || !actual->owned || !group->owned)
        return;
    char id[37];
    AUTO(text) char *pair = xasprintf("%s/%s", group->item->key, actual->item->key);
    kong_kind_make_id(kind, NULL, pair, id);

    AUTO(json) struct json *object = json_new_object();
    json_set_text(object, "id", id);
    struct json *references[2] = {json_new_object(), json_new_object()};
    json_set_text(references[0], "id", group->id);
    json_set_text(references[1], "id", actual->id);
    json_set(object, kind->foreign[0].field, references[0]);
    json_set(object, kind->foreign[1].field, references[1]);
    mirror_hold(mirror, kind, object);
}

static void on_members(void *user, const struct kong_answer *answer)
{
    struct search *search = user;
    struct mirror *mirror = search->mirror;
    struct kong_actual *group = search->parent;
    if (mirror_fails(mirror, answer)) {
        mirror_step(mirror);
        return;
    }
    mirror->listed[KONG_MEMBERSHIP] = mirror->listed[KONG_MEMBERSHIP] && answer->class == KONG_DONE;
    const struct json *consumers = json_find(answer->body, "consumers");
    if (consumers == NULL)
        consumers = json_find(answer->body, "data");
    json_each (consumer, consumers) {
        hold_member(mirror, group, consumer);
    }
    mirror_step(mirror);
}

void mirror_memberships(struct mirror *mirror)
{
    struct kong_state *state = kong_plan_state(mirror->options.plan);
    kong_plan_unsupported(mirror->options.plan, kong_kind_get(KONG_MEMBERSHIP),
                          state->unsupported[KONG_CONSUMER_GROUP]);
    mirror->listed[KONG_MEMBERSHIP] = mirror->listed[KONG_CONSUMER_GROUP];
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&state->actuals[KONG_CONSUMER_GROUP], &position)) != NULL) {
        struct search *search = mirror_note(mirror, sizeof(*search));
        search->mirror = mirror;
        search->parent = entry->value;
        mirror->waits++;
        AUTO(text) char *path = xasprintf("/consumer_groups/%s/consumers?size=%d", search->parent->id, KONG_PAGE_SIZE);
        kong_admin_send(mirror->options.admin, "GET", path, NULL, on_members, search);
    }
}
