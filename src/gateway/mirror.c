/* Decides in which order the gateway is read, and what an unreadable kind means. */
#include "mirror.h"

#include <string.h>

#include "mirror_parts.h"

static const int level_of[KONG_KIND_COUNT] = {
    [KONG_SERVICE] = 1,
    [KONG_ROUTE] = 2,
    [KONG_UPSTREAM] = 0,
    [KONG_TARGET] = 1,
    [KONG_PLUGIN] = 3,
    [KONG_CONSUMER] = 0,
    [KONG_CONSUMER_GROUP] = 0,
    [KONG_MEMBERSHIP] = 1,
    [KONG_CERTIFICATE] = 0,
    [KONG_SNI] = 1,
    [KONG_CA_CERTIFICATE] = 0,
    [KONG_KEY_AUTH] = 1,
    [KONG_BASIC_AUTH] = 1,
    [KONG_HMAC_AUTH] = 1,
    [KONG_JWT] = 1,
    [KONG_OAUTH2] = 1,
    [KONG_ACL] = 1,
    [KONG_MTLS_AUTH] = 1,
    [KONG_VAULT] = 0,
    [KONG_LICENSE] = 0,
    [KONG_CUSTOM] = MIRROR_LEVELS - 1,
};

static void finish_level(struct mirror *mirror);

struct mirror *mirror_new(const struct mirror_options *options, mirror_done_fn *done, void *user)
{
    struct mirror *mirror = xcalloc(1, sizeof(*mirror));
    mirror->options = *options;
    mirror->done = done;
    mirror->level_read = finish_level;
    mirror->user = user;
    for (int kind = 0; kind < KONG_KIND_COUNT; kind++) {
        mirror->lists[kind].mirror = mirror;
        mirror->lists[kind].kind = kong_kind_get((enum kong_kind_id)kind);
        mirror->lists[kind].rows = (struct buf)BUF_OWN;
    }
    mirror->failure_text = (struct buf)BUF_OWN;
    map_init(&mirror->target_ids, NULL);
    map_init(&mirror->asked, NULL);
    return mirror;
}

void mirror_free(struct mirror *mirror)
{
    if (mirror == NULL)
        return;
    for (int kind = 0; kind < KONG_KIND_COUNT; kind++)
        buf_done(&mirror->lists[kind].rows);
    map_done(&mirror->target_ids);
    map_done(&mirror->asked);
    vec_done(&mirror->upstreams);
    for (size_t i = 0; i < mirror->notes.count; i++)
        free(mirror->notes.items[i]);
    vec_done(&mirror->notes);
    buf_done(&mirror->failure_text);
    free(mirror);
}

size_t mirror_entities(const struct mirror *mirror)
{
    return mirror->entities;
}

bool mirror_unread(const struct mirror *mirror, enum kong_kind_id kind)
{
    bool skipped = (kind == KONG_CA_CERTIFICATE && mirror->options.skip_ca_certificates) ||
                   (kind != KONG_CUSTOM && mirror->options.types_only);
    /* Memberships are listed as their groups are. */
    return !mirror->listed[kind] && !skipped && kind != KONG_MEMBERSHIP &&
           !kong_plan_state(mirror->options.plan)->unsupported[kind];
}

static void hold_rows(struct mirror *mirror, struct mirror_list *list)
{
    for (const char *row = list->rows.data; list->row_count > 0; list->row_count--, row += strlen(row) + 1) {
        struct err err = ERR_INIT;
        AUTO(json) struct json *object = NULL;
        if (json_parse(row, strlen(row), &object, &err) == 0)
            mirror_hold(mirror, list->kind, object);
    }
    buf_done(&list->rows);
}

static void keep_row(struct mirror_list *list, const struct json *object)
{
    json_print(object, &list->rows);
    buf_append_char(&list->rows, '\0');
    list->row_count++;
}

/* True when all schemas that the object needs have come. */
static bool fetch_schemas(struct mirror_list *list, const struct json *object)
{
    const struct kong_schemas *schemas = list->mirror->options.schemas;
    AUTO(text) char *inner = kong_canonical_inner_schema(list->kind, object);
    mirror_fetch_schema(list->mirror, list->kind->table);
    if (inner != NULL)
        mirror_fetch_schema(list->mirror, inner);
    return kong_schemas_known(schemas, list->kind->table) && (inner == NULL || kong_schemas_known(schemas, inner));
}

static void on_row(void *user, const struct json *object)
{
    struct mirror_list *list = user;
    fetch_schemas(list, object);
    keep_row(list, object);
}

/* What an entity refers to has to be held before it: what stands in another level is; within the level it has to be through. */
static bool parents_are_held(const struct mirror_list *list)
{
    for (size_t i = 0; i < KONG_FOREIGN_MAX && list->kind->foreign[i].field != NULL; i++) {
        enum kong_kind_id parent = list->kind->foreign[i].kind;
        const struct mirror_list *other = &list->mirror->lists[parent];
        if (level_of[parent] == level_of[list->kind->id] && (!other->listed || other->row_count > 0))
            return false;
    }
    return true;
}

/* Rows of a database come by the ten thousand a second: those that can be held at once are not kept as texts. */
static void on_stored_row(void *user, const struct json *object)
{
    struct mirror_list *list = user;
    if (fetch_schemas(list, object) && parents_are_held(list))
        mirror_hold(list->mirror, list->kind, object);
    else
        keep_row(list, object);
}

static void on_listed(void *user, const struct kong_answer *answer)
{
    struct mirror_list *list = user;
    struct mirror *mirror = list->mirror;
    if (!mirror_fails(mirror, answer)) {
        list->listed = answer->class == KONG_DONE;
        kong_plan_unsupported(mirror->options.plan, list->kind, answer->class == KONG_MISSING);
    }
    mirror_step(mirror);
}

/* Asks the Admin API; the list is counted in mirror->waits already. */
static void ask_list(struct mirror *mirror, struct mirror_list *list)
{
    if (list->kind->id == KONG_TARGET && !mirror->wanted_known) {
        mirror->waits_for_wanted = true; /* they are matched with what is wanted */
        return;
    }
    if (list->kind->id == KONG_TARGET || list->kind->id == KONG_MEMBERSHIP) {
        if (list->kind->id == KONG_TARGET)
            mirror_targets(mirror);
        else
            mirror_memberships(mirror);
        mirror_step(mirror);
        return;
    }
    AUTO(text) char *tags = mirror_tag_query(mirror);
    AUTO(text)
    char *path = list->kind->tagged ? xasprintf("/%s?tags=%s", list->kind->collection, tags)
                                    : xasprintf("/%s", list->kind->collection);
    kong_admin_list(mirror->options.admin, path, on_row, on_listed, list);
}

/* Rows of a reading that was broken off do not count. */
static void forget_rows(struct mirror *mirror, struct mirror_list *list)
{
    const struct kong_state *state = kong_plan_state(mirror->options.plan);
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&state->actuals[list->kind->id], &position)) != NULL)
        ((struct kong_actual *)entry->value)->seen = false;
    buf_done(&list->rows);
    list->row_count = 0;
}

static void on_read(void *user, bool complete)
{
    struct mirror_list *list = user;
    struct mirror *mirror = list->mirror;
    if (complete) {
        list->listed = true;
        kong_plan_unsupported(mirror->options.plan, list->kind, false);
        mirror_step(mirror);
        return;
    }
    forget_rows(mirror, list);
    ask_list(mirror, list);
}

static void start_list(struct mirror *mirror, struct mirror_list *list)
{
    const struct kong_session_callbacks *callbacks = mirror->options.callbacks;
    if (list->kind->id == KONG_CA_CERTIFICATE && mirror->options.skip_ca_certificates)
        return;
    if (list->kind->id == KONG_CUSTOM) {
        mirror_types(mirror);
        return;
    }
    mirror->waits++;
    if (callbacks->read_kind == NULL ||
        !callbacks->read_kind(callbacks->user, list->kind, on_stored_row, on_read, list))
        ask_list(mirror, list);
    else
        mirror_fetch_schema(mirror, list->kind->table); /* so that it is there before the first row */
}

static void start_level(struct mirror *mirror)
{
    size_t count;
    const enum kong_kind_id *order = kong_state_order(&count);
    mirror->waits++;        /* so that no answer ends the level while it starts */
    if (mirror->level == 0) /* targets are found one by one later, when it is too late to wait for their schema */
        mirror_fetch_schema(mirror, mirror->lists[KONG_TARGET].kind->table);
    for (size_t i = 0; i < count; i++)
        if (level_of[order[i]] == mirror->level)
            start_list(mirror, &mirror->lists[order[i]]);
    mirror_step(mirror);
}

static void finish_level(struct mirror *mirror)
{
    size_t count;
    const enum kong_kind_id *order = kong_state_order(&count);
    for (size_t i = 0; i < count; i++) {
        struct mirror_list *list = &mirror->lists[order[i]];
        if (level_of[order[i]] != mirror->level)
            continue;
        mirror->listed[order[i]] = mirror->listed[order[i]] || list->listed;
        hold_rows(mirror, list);
    }
    mirror->level++;
    if (mirror->level < MIRROR_LEVELS) {
        start_level(mirror);
        return;
    }
    struct drift drift = mirror_drift(mirror);
    drift_gone(&drift, mirror->listed);
    mirror->done(mirror->user, NULL);
}

void mirror_start(struct mirror *mirror, bool wanted_known)
{
    mirror->wanted_known = wanted_known;
    mirror->level = mirror->options.types_only ? level_of[KONG_CUSTOM] : 0;
    kong_schemas_forget_missing(mirror->options.schemas); /* they may have come since */
    kong_plan_read_start(mirror->options.plan, mirror->options.report_drift);
    start_level(mirror);
}

void mirror_wanted_known(struct mirror *mirror)
{
    mirror->wanted_known = true;
    if (!mirror->waits_for_wanted)
        return;
    mirror->waits_for_wanted = false;
    ask_list(mirror, &mirror->lists[KONG_TARGET]);
}
