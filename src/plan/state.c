/* Decides which item an entity belongs to, wanted or actual. */
#include "plan/state.h"

#include <string.h>

#include "state_link.h"

static const enum kong_kind_id order[] = {
    KONG_LICENSE,  KONG_VAULT,    KONG_CERTIFICATE, KONG_CA_CERTIFICATE, KONG_CONSUMER_GROUP,
    KONG_CONSUMER, KONG_UPSTREAM, KONG_SNI,         KONG_TARGET,         KONG_SERVICE,
    KONG_ROUTE,    KONG_KEY_AUTH, KONG_BASIC_AUTH,  KONG_HMAC_AUTH,      KONG_JWT,
    KONG_OAUTH2,   KONG_ACL,      KONG_MTLS_AUTH,   KONG_MEMBERSHIP,     KONG_PLUGIN,
    KONG_CUSTOM,
};

const enum kong_kind_id *kong_state_order(size_t *ret_count)
{
    _Static_assert(sizeof(order) / sizeof(order[0]) == KONG_KIND_COUNT, "every kind has its place");
    *ret_count = COUNT_OF(order);
    return order;
}

void kong_state_init(struct kong_state *state, const struct kong_schemas *schemas, struct kong_tags ownership)
{
    *state = (struct kong_state){.schemas = schemas, .ownership = ownership, .types = kong_types_new()};
    for (size_t kind = 0; kind < KONG_KIND_COUNT; kind++) {
        map_init(&state->items[kind], NULL);
        map_init(&state->wanted[kind], NULL);
        map_init(&state->actuals[kind], NULL);
    }
}

static void actual_free(struct kong_actual *actual)
{
    for (size_t i = 0; i < KONG_FOREIGN_MAX; i++)
        free(actual->foreign_ids[i]);
    free(actual->text);
    free(actual);
}

static void item_free(struct kong_item *item)
{
    kong_entity_unref(item->entity);
    kong_entity_unref(item->former);
    free(item->key);
    free(item->code);
    free(item->sent_id);
    free(item->sent_parent_id);
    free(item->yields);
    free(item->text);
    free(item);
}

void kong_state_done(struct kong_state *state)
{
    for (size_t kind = 0; kind < KONG_KIND_COUNT; kind++) {
        size_t position = 0;
        struct map_entry *entry;
        while ((entry = map_next(&state->actuals[kind], &position)) != NULL)
            actual_free(entry->value);
        position = 0;
        while ((entry = map_next(&state->items[kind], &position)) != NULL)
            item_free(entry->value);
        map_done(&state->items[kind]);
        map_done(&state->wanted[kind]);
        map_done(&state->actuals[kind]);
    }
    kong_types_free(state->types);
}

/* Custom entities have a row for each type. */
static const struct kong_kind *row_of(struct kong_state *state, const struct kong_kind *kind, const char *key)
{
    if (kind->id != KONG_CUSTOM || kong_type_of(kind) != NULL)
        return kind;
    AUTO(text) char *name = kong_custom_type(key);
    const struct kong_type *type = kong_types_find(state->types, name);
    return type != NULL ? &type->kind : kind;
}

bool kong_state_unsupported(const struct kong_state *state, const struct kong_kind *kind)
{
    const struct kong_type *type = kong_type_of(kind);
    if (kind->id == KONG_CUSTOM)
        return type == NULL || type->state == KONG_TYPE_ABSENT;
    return state->unsupported[kind->id];
}

struct kong_item *kong_state_find(const struct kong_state *state, enum kong_kind_id kind, const char *key)
{
    return map_find(&state->items[kind], key);
}

struct kong_item *kong_state_item(struct kong_state *state, const struct kong_kind *kind, const char *key)
{
    struct kong_item *item = map_find(&state->items[kind->id], key);
    if (item != NULL)
        return item;
    item = xcalloc(1, sizeof(*item));
    item->kind = row_of(state, kind, key);
    item->key = xstrdup(key);
    map_put(&state->items[kind->id], key, item);
    return item;
}

struct kong_item *kong_state_find_wanted(const struct kong_state *state, enum kong_kind_id kind, const char *id)
{
    return map_find(&state->wanted[kind], id);
}

struct kong_actual *kong_state_actual(const struct kong_state *state, enum kong_kind_id kind, const char *id)
{
    return map_find(&state->actuals[kind], id);
}

void kong_state_release(struct kong_state *state, struct kong_item *item)
{
    if (item->entity != NULL || item->actual != NULL || item->dependents != NULL || item->waiters != NULL ||
        item->queued || item->noted || item->told || item->in_flight || item->brake == KONG_GATHERED ||
        item->brake == KONG_HELD || item->settling || item->taken || item->takers != 0 || item->stalled ||
        item->refused || item->unsure || item->code != NULL || item->spread_at_ms != 0)
        return;
    state_link_set(&item->wait, item, NULL, NULL);
    map_take(&state->items[item->kind->id], item->key);
    item_free(item);
}

/* The upstream that a service's host names, if it is one of ours. */
static const char *host_of(const struct kong_kind *kind, const struct json *fields)
{
    return kind->id == KONG_SERVICE ? json_find_text(fields, "host") : NULL;
}

static void link_wanted(struct kong_state *state, struct kong_item *item)
{
    const struct kong_entity *entity = item->entity;
    for (size_t i = 0; i < KONG_LINKS; i++) {
        struct kong_item *before = item->links[i].target;
        struct kong_item *target = NULL;
        if (entity != NULL && i < KONG_FOREIGN_MAX && entity->foreign_keys[i] != NULL)
            target = kong_state_item(state, kong_kind_get(item->kind->foreign[i].kind), entity->foreign_keys[i]);
        if (entity != NULL && i == KONG_LINK_HOST && item->kind->id == KONG_SERVICE) {
            struct err err = ERR_INIT;
            struct json *fields = NULL;
            if (json_parse(entity->text, strlen(entity->text), &fields, &err) == 0 && host_of(item->kind, fields))
                target = kong_state_item(state, kong_kind_get(KONG_UPSTREAM), host_of(item->kind, fields));
            json_free(fields);
        }
        state_link_set(&item->links[i], item, target, target != NULL ? &target->dependents : NULL);
        if (before != NULL && before != target)
            kong_state_release(state, before);
    }
}

void kong_state_want(struct kong_state *state, struct kong_item *item, struct kong_entity *entity)
{
    struct map *wanted = &state->wanted[item->kind->id];
    struct kong_entity *before = item->entity;
    if (before != NULL && before->id != NULL && map_find(wanted, before->id) == item)
        map_take(wanted, before->id);
    item->entity = entity != NULL ? kong_entity_ref(entity) : NULL;
    if (entity != NULL && entity->id != NULL && map_find(wanted, entity->id) == NULL)
        map_put(wanted, entity->id, item);
    item->compared = false;
    link_wanted(state, item);
    if (entity == NULL && before == NULL)
        return;
    kong_entity_unref(item->former);
    item->former = entity == NULL ? TAKE(before) : NULL;
    kong_entity_unref(before);
}

struct kong_item *kong_state_claim_id(struct kong_state *state, struct kong_item *item)
{
    if (item->entity == NULL || item->entity->id == NULL)
        return item;
    struct map *wanted = &state->wanted[item->kind->id];
    struct kong_item *holder = map_find(wanted, item->entity->id);
    if (holder == NULL)
        map_put(wanted, item->entity->id, item);
    return holder != NULL ? holder : item;
}

static void bind(struct kong_item *item, struct kong_actual *actual)
{
    actual->item = item;
    item->actual = actual;
    item->compared = false;
}

bool kong_state_match_id(struct kong_state *state, struct kong_item *item)
{
    if (item->entity == NULL || item->actual != NULL || item->entity->id == NULL)
        return false;
    struct kong_actual *actual = kong_state_actual(state, item->kind->id, item->entity->id);
    if (actual == NULL || actual->kind != item->kind || actual->item->entity != NULL || actual->item->in_flight)
        return false;
    actual->item->actual = NULL;
    bind(item, actual);
    return true;
}

static void link_actual(struct kong_state *state, struct kong_actual *actual, const char *host)
{
    for (size_t i = 0; i < KONG_LINKS; i++) {
        struct kong_actual *target = NULL;
        if (i < KONG_FOREIGN_MAX && actual->foreign_ids[i] != NULL)
            target = kong_state_actual(state, actual->kind->foreign[i].kind, actual->foreign_ids[i]);
        if (i == KONG_LINK_HOST && host != NULL) {
            struct kong_item *upstream = kong_state_find(state, KONG_UPSTREAM, host);
            target = upstream != NULL ? upstream->actual : NULL;
        }
        state_link_set(&actual->links[i], actual, target, target != NULL ? &target->referrers : NULL);
    }
}

/* The item with the natural key that the gateway's entity has, in terms of the items that its parents belong to. */
static struct kong_item *item_of_object(struct kong_state *state, const struct kong_actual *actual,
                                        const struct json *object)
{
    char *keys[KONG_FOREIGN_MAX] = {NULL};
    for (size_t i = 0; i < KONG_FOREIGN_MAX; i++) {
        const struct kong_actual *parent = actual->links[i].target;
        if (parent != NULL)
            keys[i] = xstrdup(parent->item->key);
        else if (actual->foreign_ids[i] != NULL)
            keys[i] = xasprintf("id:%s", actual->foreign_ids[i]);
    }
    char *key = kong_kind_key(actual->kind, object, (const char *const *)keys);
    struct kong_item *item = key != NULL ? kong_state_item(state, actual->kind, key) : NULL;
    if (kong_type_of(actual->kind) != NULL)
        item = kong_state_find_wanted(state, KONG_CUSTOM, actual->id);
    if (item == NULL || item->kind != actual->kind || (item->actual != NULL && item->actual != actual)) {
        free(key);
        /* nothing wanted is ever named so */
        key = kong_type_of(actual->kind) != NULL ? xasprintf("%s/id:%s", actual->kind->table, actual->id)
                                                 : xasprintf("id:%s", actual->id);
        item = kong_state_item(state, actual->kind, key);
    }
    free(key);
    for (size_t i = 0; i < KONG_FOREIGN_MAX; i++)
        free(keys[i]);
    return item;
}

bool kong_state_has_ownership(const struct kong_state *state, const struct json *object)
{
    const struct json *tags = json_find(object, "tags");
    for (size_t i = 0; i < state->ownership.count; i++) {
        bool found = false;
        json_each (tag, tags) {
            found = found || (json_text(tag) != NULL && strcmp(json_text(tag), state->ownership.items[i]) == 0);
        }
        if (!found)
            return false;
    }
    return state->ownership.count > 0;
}

static void set_owned(struct kong_state *state, struct kong_actual *actual, bool owned)
{
    if (actual->owned != owned)
        state->owned[actual->kind->id] += owned ? 1 : (size_t)-1;
    actual->owned = owned;
}

void kong_state_own(struct kong_state *state, struct kong_actual *actual)
{
    set_owned(state, actual, true);
}

/* True when they changed. */
static bool set_foreign_ids(struct kong_actual *actual, const struct json *object)
{
    bool changed = false;
    for (size_t i = 0; i < KONG_FOREIGN_MAX && actual->kind->foreign[i].field != NULL; i++) {
        const struct json *field = json_find(object, actual->kind->foreign[i].field);
        const char *id = json_find_text(field, "id");
        const char *before = actual->foreign_ids[i];
        if (before != NULL ? id != NULL && strcmp(before, id) == 0 : id == NULL)
            continue;
        free(actual->foreign_ids[i]);
        actual->foreign_ids[i] = xstrdup(id);
        changed = true;
    }
    return changed;
}

static void move_to_item(struct kong_state *state, struct kong_actual *actual, struct kong_item *item)
{
    struct kong_item *before = actual->item;
    if (before == item)
        return;
    if (item->actual != NULL)
        kong_state_drop(state, item->actual);
    if (before != NULL)
        before->actual = NULL;
    bind(item, actual);
    if (before != NULL)
        kong_state_release(state, before);
}

char *kong_state_canonical(const struct kong_state *state, const struct kong_kind *kind, const struct json *object,
                           bool *ret_bare)
{
    AUTO(text) char *inner = kong_canonical_inner_schema(kind, object);
    *ret_bare = !kong_schemas_known(state->schemas, kind->table) ||
                (inner != NULL && !kong_schemas_known(state->schemas, inner));
    AUTO(json) struct json *fields = kong_canonical_actual(kind, object, state->schemas, &state->ownership);
    return json_print_text(fields);
}

bool kong_state_same_text(const struct kong_state *state, struct kong_actual *actual, const char *text)
{
    if (actual->text != NULL && actual->bare && strcmp(actual->text, text) != 0) {
        struct err err = ERR_INIT;
        AUTO(json) struct json *fields = NULL;
        require_that(json_parse(actual->text, strlen(actual->text), &fields, &err) == 0);
        free(actual->text);
        actual->text = kong_state_canonical(state, actual->kind, fields, &actual->bare);
    }
    return actual->text != NULL && strcmp(actual->text, text) == 0;
}

struct kong_actual *kong_state_hold(struct kong_state *state, const struct kong_kind *kind, const struct json *object,
                                    struct kong_item *item, bool *ret_changed)
{
    const char *id = json_find_text(object, "id");
    *ret_changed = false;
    if (id == NULL || strlen(id) != 36)
        return NULL;
    struct kong_actual *actual = kong_state_actual(state, kind->id, id);
    if (actual != NULL && actual->kind != kind)
        return NULL; /* two types with one id: the first one stays */
    if (actual == NULL) {
        actual = xcalloc(1, sizeof(*actual));
        actual->kind = kind;
        memcpy(actual->id, id, 37);
        map_put(&state->actuals[kind->id], id, actual);
        *ret_changed = true;
    }
    bool bare;
    char *text = kong_state_canonical(state, kind, object, &bare);
    *ret_changed |= set_foreign_ids(actual, object);
    *ret_changed |= !kong_state_same_text(state, actual, text);
    free(actual->text);
    actual->text = text;
    actual->bare = bare;
    actual->seen = true;
    if (*ret_changed)
        actual->accepted = 0;
    set_owned(state, actual, kind->tagged ? kong_state_has_ownership(state, object) : kind->id == KONG_MEMBERSHIP);
    link_actual(state, actual, host_of(kind, object));

    if (item == NULL && (actual->item == NULL || actual->item->entity == NULL))
        item = item_of_object(state, actual, object);
    if (item != NULL)
        move_to_item(state, actual, item);
    actual->item->compared &= !*ret_changed;
    return actual;
}

void kong_state_drop(struct kong_state *state, struct kong_actual *actual)
{
    set_owned(state, actual, false);
    for (size_t i = 0; i < KONG_LINKS; i++)
        state_link_set(&actual->links[i], actual, NULL, NULL);
    while (actual->referrers != NULL)
        state_link_set(actual->referrers, actual->referrers->owner, NULL, NULL);
    map_take(&state->actuals[actual->kind->id], actual->id);
    if (actual->item != NULL) {
        actual->item->actual = NULL;
        actual->item->compared = false;
    }
    actual_free(actual);
}

void kong_state_drop_cascade(struct kong_state *state, struct kong_actual *actual, kong_item_fn *gone, void *user)
{
    struct kong_link *next;
    for (struct kong_link *link = actual->referrers; link != NULL; link = next) {
        next = link->next;
        struct kong_actual *child = link->owner;
        size_t field = (size_t)(link - child->links);
        if (field >= KONG_FOREIGN_MAX || child->kind->foreign[field].on_delete != KONG_CASCADE)
            continue;
        struct kong_item *item = child->item;
        kong_state_drop(state, child);
        gone(user, item);
        next = actual->referrers; /* the list may have lost more than this one */
        while (next != NULL) {
            size_t other = (size_t)(next - ((struct kong_actual *)next->owner)->links);
            if (other < KONG_FOREIGN_MAX &&
                ((struct kong_actual *)next->owner)->kind->foreign[other].on_delete == KONG_CASCADE)
                break;
            next = next->next;
        }
    }
    struct kong_item *item = actual->item;
    kong_state_drop(state, actual);
    gone(user, item);
}
