/* Decides what is looked at between readings: what was written since the last look, what is missing, and what we wrote
 * ourselves, which has to be there. */
#include <string.h>

#include "base/clock.h"
#include "database_parts.h"
#include "kong/types.h"

static void on_timer(void *user);

void database_schedule(struct database *database)
{
    if (database->options.look_ms == 0 || database->session == NULL)
        return;
    if (database->timer == NULL)
        database->timer = loop_timer_new(database->loop, on_timer, database);
    uint64_t rest_ms = (uint64_t)(database->facts.look_seconds * 10 * DATABASE_REST_PERCENT);
    loop_timer_start(database->timer, rest_ms > database->options.look_ms ? rest_ms : database->options.look_ms);
}

void database_forget_look(struct database *database)
{
    for (size_t i = 0; i < database->tables.count; i++) {
        map_done(&database->tables.items[i]->ids);
        free(database->tables.items[i]);
    }
    for (size_t i = 0; i < database->candidates.count; i++) {
        free(database->candidates.items[i].id);
        json_free(database->candidates.items[i].object);
    }
    database->tables.count = database->candidates.count = 0;
}

static void look_again(struct database *database, const struct kong_kind *kind, const char *id)
{
    if (database->again.count < DATABASE_AGAIN_MAX || map_find(&database->again, id) != NULL)
        map_put(&database->again, id, (void *)kind);
    else
        database->incomplete = true;
}

/* `good`: what this snapshot holds is known, but for what was left out. */
static void finish(struct database *database, bool good)
{
    for (size_t i = 0; i < database->candidates.count && !good; i++)
        look_again(database, database->candidates.items[i].kind, database->candidates.items[i].id);
    if (good && !database->incomplete) {
        database_keep(&database->seen_snapshot, database->snapshot);
        database_keep(&database->seen_server, database->server);
    }
    database->facts.looks += good;
    database->facts.look_seconds = (double)(clock_monotonic_us() - database->look_started_us) / 1e6;
    database_forget_look(database);
    database->state = DATABASE_IDLE;
    database_schedule(database);
}

static void on_confirmed(struct database *database, bool good)
{
    bool contradicted = database->contradicted;
    database->doubts = contradicted ? database->doubts + 1 : 0;
    if (contradicted && database->doubts >= DATABASE_DOUBTS_MAX) {
        free(TAKE(database->seen_snapshot)); /* what was read out of it counts for nothing */
        finish(database, false);
        database_distrust(database);
        kong_session_reread(database->session);
        return;
    }
    finish(database, good);
}

static void end_look(struct database *database)
{
    postgres_reader_end(database->reader);
    if (!kong_look_stands(database->session, &database->look)) {
        finish(database, false);
    } else if (database->candidates.count == 0) {
        database->doubts = 0;
        finish(database, true);
    } else if (database->asked > 0) {
        finish(database, false); /* the gateway still owes answers of another time */
    } else {
        database->state = DATABASE_CONFIRMING;
        database_confirm(database, on_confirmed);
    }
}

static void table_answered(struct database *database, bool complete)
{
    database->broken = database->broken || !complete;
    if (--database->table_waits > 0)
        return;
    if (database->broken)
        finish(database, false);
    else
        end_look(database);
}

static void judge(struct database_table *table, const char *id, const struct json *object)
{
    struct database *database = table->database;
    switch (kong_look_judge(database->session, &database->look, table->kind, id, object)) {
    case KONG_SEEN_LATER:
        if (kong_look_stands(database->session, &database->look))
            look_again(database, table->kind, id);
        return;
    case KONG_SEEN_OTHER:
        if (database->candidates.count >= DATABASE_CANDIDATES) {
            database->incomplete = true;
            return;
        }
        vec_push(&database->candidates, ((struct database_candidate){table->kind, xstrdup(id), json_copy(object)}));
        break;
    case KONG_SEEN_SAME:
        break;
    }
    map_take(&database->again, id);
}

static void on_row(void *user, const struct json *object)
{
    struct database_table *table = user;
    const char *id = json_find_text(object, "id");
    if (id == NULL)
        return;
    map_put(&table->ids, id, DATABASE_SEEN);
    judge(table, id, object);
}

static void on_missing(void *user, const char *id)
{
    judge(user, id, NULL);
}

/* What was asked for by its id and did not come. */
static void on_rows(void *user, bool complete)
{
    struct database_table *table = user;
    size_t position = 0;
    struct map_entry *entry;
    while (complete && !table->all && (entry = map_next(&table->ids, &position)) != NULL)
        if (entry->value != DATABASE_SEEN)
            judge(table, entry->key, NULL);
    table_answered(table->database, complete);
}

static void on_id(void *user, const char *entity, const char *id)
{
    map_put(&((struct database_table *)user)->ids, id, DATABASE_SEEN);
}

static void on_ids(void *user, bool complete)
{
    struct database_table *table = user;
    if (complete)
        kong_look_missing(table->database->session, table->kind, &table->ids, on_missing, table);
    table_answered(table->database, complete);
}

static void ask_by_ids(struct database_table *table)
{
    struct database *database = table->database;
    const char **ids = xcalloc(table->ids.count + 1, sizeof(char *));
    size_t count = 0, position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&table->ids, &position)) != NULL)
        ids[count++] = entry->key;
    database->table_waits++;
    database_rows(database, table->kind, ids, count, on_row, on_rows, table);
    free(ids);
}

static void ask_ids(struct database_table *table)
{
    table->database->table_waits++;
    table->all = true;
    postgres_reader_ids(table->database->reader, table->kind->table, on_id, on_ids, table);
}

/* All of a table: its ids tell what is missing as well. */
static void on_all_rows(void *user, bool complete)
{
    on_ids(user, complete);
}

static void look_at_all(struct database *database)
{
    for (size_t i = 0; i < database->tables.count; i++) {
        struct database_table *table = database->tables.items[i];
        database->table_waits++;
        table->all = true;
        database_rows(database, table->kind, NULL, 0, on_row, on_all_rows, table);
    }
}

static struct database_table *table_of(struct database *database, const char *entity)
{
    for (size_t i = 0; i < database->tables.count; i++)
        if (strcmp(database->tables.items[i]->kind->table, entity) == 0)
            return database->tables.items[i];
    return NULL;
}

/* After what was changed is known, we know of every row that there is: so if there are fewer, some are gone. */
static void on_changes(void *user, const char *entity, size_t rows, const char *const *changed, size_t changed_count)
{
    struct database *database = user;
    struct database_table *table = table_of(database, entity);
    if (table == NULL)
        return;
    size_t expected = kong_look_count(database->session, table->kind);
    for (size_t i = 0; i < changed_count; i++) {
        map_put(&table->ids, changed[i], NULL);
        expected += !kong_look_knows(database->session, table->kind, changed[i]);
    }
    table->all = rows != expected;
}

static void on_all_changes(void *user, bool complete)
{
    struct database *database = user;
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&database->again, &position)) != NULL) {
        struct database_table *table = table_of(database, ((const struct kong_kind *)entry->value)->table);
        if (table != NULL)
            map_put(&table->ids, entry->key, NULL);
    }
    for (size_t i = 0; i < database->tables.count && complete; i++) {
        struct database_table *table = database->tables.items[i];
        if (table->ids.count > 0)
            ask_by_ids(table);
        if (table->all)
            ask_ids(table);
    }
    table_answered(database, complete);
}

static void add_table(struct database *database, const struct kong_kind *kind)
{
    bool skipped = kind->id == KONG_CA_CERTIFICATE && database->options.skip_ca_certificates;
    if (skipped || !kind->tagged || !postgres_reader_has(database->reader, kind->table) ||
        kong_state_unsupported(kong_plan_state(kong_session_plan(database->session)), kind))
        return;
    struct database_table *table = xcalloc(1, sizeof(*table));
    table->database = database;
    table->kind = kind;
    map_init(&table->ids, NULL);
    vec_push(&database->tables, table);
}

/* In the order of references, in which what is found is taken over later. */
static void choose_tables(struct database *database)
{
    size_t count, position = 0;
    const enum kong_kind_id *order = kong_state_order(&count);
    const struct kong_type *type;
    for (size_t i = 0; i < count; i++)
        if (order[i] != KONG_CUSTOM)
            add_table(database, kong_kind_get(order[i]));
    const struct kong_types *types = kong_plan_state(kong_session_plan(database->session))->types;
    while ((type = kong_types_next(types, &position)) != NULL)
        if (type->state == KONG_TYPE_KNOWN)
            add_table(database, &type->kind);
}

static void on_begun(void *user, const struct postgres_snapshot *snapshot)
{
    struct database *database = user;
    database->incomplete = database->broken = false;
    database->look_started_us = clock_monotonic_us();
    if (snapshot == NULL) {
        finish(database, false);
        return;
    }
    database_keep(&database->snapshot, snapshot->text);
    database_keep(&database->server, snapshot->server);
    if (!postgres_reader_holds(database->reader)) {
        finish(database, true); /* nothing has been committed since */
        return;
    }
    choose_tables(database);
    bool known = database->seen_snapshot != NULL && strcmp(database->seen_server, database->server) == 0;
    struct postgres_snapshot since = {database->seen_snapshot, database->seen_server};
    database->table_waits = 1;
    if (!known) {
        look_at_all(database);
        table_answered(database, true);
        return;
    }
    const char **entities = xcalloc(database->tables.count + 1, sizeof(char *));
    for (size_t i = 0; i < database->tables.count; i++)
        entities[i] = database->tables.items[i]->kind->table;
    postgres_reader_changes(database->reader, entities, database->tables.count, &since, on_changes, on_all_changes,
                            database);
    free(entities);
}

static void on_timer(void *user)
{
    struct database *database = user;
    struct postgres_snapshot seen = {database->seen_snapshot, database->seen_server};
    bool all = database->seen_snapshot == NULL || database->again.count > 0;
    if (database->state == DATABASE_IDLE &&
        kong_look_begin(database->session, database->options.slack_ms, &database->look) &&
        postgres_reader_begin(database->reader, all ? NULL : &seen, on_begun, database)) {
        database->state = DATABASE_LOOKING;
        return;
    }
    database_schedule(database);
}
