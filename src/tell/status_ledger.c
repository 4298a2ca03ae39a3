/* Counting, for each object, what comes from it. */
#include "status_ledger.h"

#include <string.h>

enum part_state { PART_PENDING, PART_IN_PLACE, PART_FAILED };

struct part {
    struct kong_entity *entity;
    enum part_state state;
};

static void part_free(void *value)
{
    struct part *part = value;
    kong_entity_unref(part->entity);
    free(part);
}

void status_record_forget_said(struct status_record *record)
{
    for (size_t i = 0; i < record->conditions.count; i++)
        rules_condition_unref(record->conditions.items[i]);
    vec_done(&record->conditions);
}

static void record_free(void *value)
{
    struct status_record *record = value;
    status_record_forget_said(record);
    object_unref(record->object);
    json_free(record->sent);
    free(record->sent_version);
    vec_done(&record->watchers);
    vec_done(&record->watched);
    free(record->key);
    free(record->namespace);
    free(record->name);
    free(record);
}

void status_ledger_init(struct status_ledger *ledger, const struct store_kinds *kinds,
                        void (*changed)(void *user, struct status_record *record), void *user)
{
    *ledger = (struct status_ledger){.kinds = kinds, .changed = changed, .user = user};
    map_init(&ledger->records, record_free);
    map_init(&ledger->parts, part_free);
    map_init(&ledger->touched, NULL);
    map_init(&ledger->pending, NULL);
}

void status_ledger_done(struct status_ledger *ledger)
{
    map_done(&ledger->touched);
    map_done(&ledger->pending);
    map_done(&ledger->parts);
    map_done(&ledger->records);
}

/* Rules name a kind by the version that the object came in. */
static const struct status_row *row_of(const struct status_ledger *ledger, const char *kind)
{
    const struct status_row *row = status_row_find(kind);
    if (row != NULL)
        return row;
    const struct store_kind *known = store_kinds_find(ledger->kinds, kind);
    return known != NULL ? status_row_find(known->id) : NULL;
}

struct status_record *status_ledger_record(struct status_ledger *ledger, const char *kind, const char *namespace,
                                           const char *name, bool make)
{
    const struct status_row *row = row_of(ledger, kind);
    if (row == NULL)
        return NULL;
    AUTO(text) char *key = xasprintf("%s|%s/%s", row->kind, namespace, name);
    struct status_record *record = map_find(&ledger->records, key);
    if (record != NULL || !make)
        return record;
    record = xcalloc(1, sizeof(*record));
    record->row = row;
    record->key = xstrdup(key);
    record->namespace = xstrdup(namespace);
    record->name = xstrdup(name);
    map_put(&ledger->records, key, record);
    return record;
}

void status_ledger_release(struct status_ledger *ledger, struct status_record *record)
{
    if (record->object != NULL || record->parts != 0 || record->conditions.count != 0 || record->errors != 0 ||
        record->unknown || record->watchers.count != 0 || record->watched.count != 0 || record->dirty)
        return;
    AUTO(text) char *key = xstrdup(record->key); /* goes with the record */
    map_remove(&ledger->records, key);
}

enum status_outcome status_record_outcome(const struct status_record *record)
{
    if (record->failed != 0 || record->errors != 0)
        return STATUS_FAILED;
    if (record->parts == 0)
        return STATUS_NONE;
    return record->in_place == record->parts ? STATUS_PROGRAMMED : STATUS_PENDING;
}

static void add_state(struct status_record *record, const struct part *part, size_t by)
{
    bool in_place = part->state == PART_IN_PLACE;
    record->in_place += in_place ? by : 0;
    record->failed += part->state == PART_FAILED ? by : 0;
    record->live += in_place && part->entity->kind->id == KONG_ROUTE ? by : 0;
}

/* Adds the part to what is counted of its objects (`by` 1), or takes it out again (-1, in the arithmetic of size_t). */
static void count_part(struct status_ledger *ledger, const struct part *part, size_t by)
{
    const struct kong_origin *origin = &part->entity->origin;
    for (size_t i = 0; i < origin->source_count; i++) {
        const struct kong_source *source = &origin->sources[i];
        struct status_record *record =
            status_ledger_record(ledger, source->kind, source->namespace, source->name, true);
        if (record == NULL)
            continue;
        record->parts += by;
        add_state(record, part, by);
        ledger->changed(ledger->user, record);
    }
}

static char *part_key(const struct kong_kind *kind, const char *key)
{
    return xasprintf("%03d|%s", (int)kind->id, key);
}

void status_ledger_want(struct status_ledger *ledger, const struct kong_kind *kind, const char *key,
                        struct kong_entity *entity)
{
    AUTO(text) char *name = part_key(kind, key);
    const struct part *old = map_find(&ledger->parts, name);
    if (old != NULL) {
        count_part(ledger, old, (size_t)-1);
        map_take(&ledger->touched, name);
        map_take(&ledger->pending, name);
        map_remove(&ledger->parts, name);
    }
    if (entity == NULL)
        return;
    struct part *part = xcalloc(1, sizeof(*part));
    part->entity = kong_entity_ref(entity);
    map_put(&ledger->parts, name, part);
    map_put(&ledger->pending, name, part);
    count_part(ledger, part, 1);
}

void status_ledger_touch(struct status_ledger *ledger, const struct kong_kind *kind, const char *key)
{
    AUTO(text) char *name = part_key(kind, key);
    struct part *part = map_find(&ledger->parts, name);
    if (part != NULL)
        map_put(&ledger->touched, name, part);
}

void status_ledger_doubt(struct status_ledger *ledger)
{
    struct map_entry *entry;
    for (size_t at = 0; (entry = map_next(&ledger->parts, &at)) != NULL;)
        map_put_bytes(&ledger->pending, entry->key, entry->key_length, entry->value);
}

static enum part_state state_of(const struct kong_state *state, const struct part *part)
{
    const struct kong_item *item = kong_state_find(state, part->entity->kind->id, part->entity->key);
    if (item == NULL || item->entity == NULL || item->noted)
        return PART_PENDING;
    if (item->status == KONG_SYNCED)
        return item->actual != NULL ? PART_IN_PLACE : PART_PENDING;
    return item->status == KONG_INACTIVE && item->code != NULL ? PART_FAILED : PART_PENDING;
}

static void set_state(struct status_ledger *ledger, struct part *part, enum part_state state)
{
    if (part->state == state)
        return;
    count_part(ledger, part, (size_t)-1);
    part->state = state;
    count_part(ledger, part, 1);
}

void status_ledger_look(struct status_ledger *ledger, const struct kong_state *state, bool all)
{
    struct map_entry *entry;
    for (size_t at = 0; (entry = map_next(&ledger->touched, &at)) != NULL;)
        map_put_bytes(&ledger->pending, entry->key, entry->key_length, entry->value);
    struct map *which = all ? &ledger->pending : &ledger->touched;
    for (size_t at = 0; (entry = map_next(which, &at)) != NULL;) {
        struct part *part = entry->value;
        set_state(ledger, part, state_of(state, part));
        if (part->state != PART_IN_PLACE)
            continue;
        AUTO(text) char *name = xstrdup(entry->key);
        map_take(&ledger->pending, name);
    }
    map_done(&ledger->touched);
}
