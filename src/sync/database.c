/* Decides when the mirror gets what it asks for out of the database. */
#include "database.h"

#include <string.h>

#include "database_parts.h"
#include "kong/types.h"

static void on_troubled(void *user, const struct postgres_trouble *trouble)
{
    struct database *database = user;
    bool news = database->trouble == NULL || strcmp(database->trouble, trouble->err.text) != 0;
    AUTO(text) char *title = postgres_reader_title(database->reader);
    database->facts.troubles++;
    if (news)
        log_warn(database->options.log, "the gateway's database is not read; the Admin API is asked instead", "reason",
                 trouble->err.text, "remedy", trouble->remedy, "postgres", title);
    database_keep(&database->trouble, trouble->err.text);
    database->facts.used = false;
    database->options.works(database->options.user, false);
}

static void on_works(void *user)
{
    struct database *database = user;
    AUTO(text) char *title = postgres_reader_title(database->reader);
    log_info(database->options.log,
             database->trouble != NULL ? "the gateway's database is read again" : "the gateway's database is read",
             "postgres", title);
    free(TAKE(database->trouble));
    database->facts.used = true;
    database->options.works(database->options.user, true);
}

int database_new(struct loop *loop, const struct database_options *options, struct database **ret_database,
                 struct err *err)
{
    struct database *database = xcalloc(1, sizeof(*database));
    const char *tables[KONG_KIND_COUNT + 1] = {NULL};
    size_t count = 0;
    for (int id = 0; id < KONG_CUSTOM; id++)
        if (kong_kind_get((enum kong_kind_id)id)->tagged)
            tables[count++] = kong_kind_get((enum kong_kind_id)id)->table;
    struct postgres_reader_options postgres = *options->postgres;
    postgres.tables = tables;
    struct postgres_reader_callbacks callbacks = {database, on_troubled, on_works};
    int rc = postgres_reader_new(loop, &postgres, &callbacks, &database->reader, err);
    if (rc != 0) {
        free(database);
        return rc;
    }
    database->loop = loop;
    database->facts.configured = true;
    database->options = *options;
    database->tag = xstrdup(options->postgres->tags[0]);
    database->contradiction = (struct buf)BUF_OWN;
    map_init(&database->again, NULL);
    *ret_database = database;
    return 0;
}

void database_use(struct database *database, struct kong_session *session)
{
    if (database == NULL)
        return;
    database->session = session;
    database_schedule(database);
}

static void forget_readings(struct database *database)
{
    for (size_t i = 0; i < database->readings.count; i++)
        free(database->readings.items[i]);
    database->readings.count = database->waiting.count = 0;
}

void database_free(struct database *database)
{
    if (database == NULL)
        return;
    database_forget_look(database);
    postgres_reader_free(database->reader);
    loop_timer_free(database->timer);
    forget_readings(database);
    vec_done(&database->readings);
    vec_done(&database->waiting);
    vec_done(&database->tables);
    vec_done(&database->candidates);
    map_done(&database->again);
    while (database->tagged_count > 0)
        free(database->tagged[--database->tagged_count]);
    buf_done(&database->contradiction);
    free(database->tag);
    free(database->trouble);
    free(database->snapshot);
    free(database->server);
    free(database->seen_snapshot);
    free(database->seen_server);
    free(database);
}

static void on_object(void *user, const struct json *object)
{
    const struct database_reading *reading = user;
    reading->each(reading->reader, object);
}

static void on_rows(void *user, bool complete)
{
    struct database_reading *reading = user;
    struct database *database = reading->database;
    database->whole = database->whole && complete;
    database->covers = database->covers || reading->kind->id == KONG_SERVICE;
    reading->done(reading->reader, complete); /* may end the reading */
}

static void start_reading(struct database *database, struct database_reading *reading)
{
    if (postgres_reader_holds(database->reader) && postgres_reader_has(database->reader, reading->kind->table))
        database_rows(database, reading->kind, NULL, 0, on_object, on_rows, reading);
    else
        reading->done(reading->reader, false);
}

/* What the mirror was promised is given to it, or asked of the Admin API by itself. */
static void serve(struct database *database)
{
    struct {
        VEC(struct database_reading *);
    } waiting = {0};
    for (size_t i = 0; i < database->waiting.count; i++)
        vec_push(&waiting, database->waiting.items[i]);
    database->waiting.count = 0;
    for (size_t i = 0; i < waiting.count; i++)
        start_reading(database, waiting.items[i]);
    vec_done(&waiting);
}

static void give_up(struct database *database)
{
    postgres_reader_cancel(database->reader);
    database->state = DATABASE_READING; /* … of which there is nothing to be had */
    database->whole = false;
    serve(database);
}

/* A type that nobody wants any more is known by its rows only. */
static void on_other(void *user, const char *entity, const char *id)
{
    const struct database *database = user;
    kong_types_find(kong_plan_state(kong_session_plan(database->session))->types, entity);
}

static void on_others(void *user, bool complete)
{
    struct database *database = user;
    database->state = DATABASE_READING;
    database->whole = database->whole && complete;
    serve(database);
}

static void look_for_types(struct database *database)
{
    const char *known[KONG_KIND_COUNT + 1] = {NULL};
    for (int id = 0; id < KONG_CUSTOM; id++)
        known[id] = kong_kind_get((enum kong_kind_id)id)->table;
    postgres_reader_others(database->reader, known, on_other, on_others, database);
}

static void on_checked(struct database *database, bool good)
{
    if (good)
        look_for_types(database);
    else if (database->contradicted) {
        database_distrust(database);
        give_up(database);
    } else {
        give_up(database);
    }
}

static void on_begun(void *user, const struct postgres_snapshot *snapshot)
{
    struct database *database = user;
    if (snapshot == NULL) {
        give_up(database);
        return;
    }
    database_keep(&database->snapshot, snapshot->text);
    database_keep(&database->server, snapshot->server);
    database->state = DATABASE_CHECKING;
    database_check(database, on_checked);
}

static bool open_snapshot(struct database *database)
{
    if (database->asked > 0 || !postgres_reader_begin(database->reader, NULL, on_begun, database))
        return false;
    forget_readings(database);
    database->state = DATABASE_OPENING;
    database->whole = true;
    database->covers = false;
    return true;
}

/* No callback of what is under way, but for answers of the gateway, which nobody waits for any more. */
static void close_snapshot(struct database *database)
{
    database_forget_look(database);
    postgres_reader_cancel(database->reader);
    database->decided = database->all_answered = NULL;
    forget_readings(database);
    database->state = DATABASE_IDLE;
}

/* Out of the present snapshot: then it is another reading that asks, the last one having been broken off. */
static bool was_read(const struct database *database, const struct kong_kind *kind)
{
    for (size_t i = 0; i < database->readings.count; i++)
        if (database->readings.items[i]->kind == kind)
            return true;
    return false;
}

bool database_read_kind(struct database *database, const struct kong_kind *kind, kong_each_fn *each,
                        kong_read_done_fn *done, void *reader)
{
    if (!kind->tagged)
        return false;
    if (database->state == DATABASE_LOOKING || database->state == DATABASE_CONFIRMING || was_read(database, kind))
        close_snapshot(database);
    if (database->state == DATABASE_IDLE && !open_snapshot(database))
        return false;
    bool held = postgres_reader_holds(database->reader);
    if (database->state == DATABASE_READING && (!held || !postgres_reader_has(database->reader, kind->table))) {
        database->whole = database->whole && held;
        return false;
    }
    struct database_reading *reading = xcalloc(1, sizeof(*reading));
    *reading = (struct database_reading){database, kind, each, done, reader};
    vec_push(&database->readings, reading);
    if (database->state == DATABASE_READING)
        start_reading(database, reading);
    else
        vec_push(&database->waiting, reading);
    return true;
}

void database_read_done(struct database *database)
{
    if (database == NULL)
        return;
    if (database->state == DATABASE_READING) {
        if (database->whole && database->covers) {
            database_keep(&database->seen_snapshot, database->snapshot);
            database_keep(&database->seen_server, database->server);
        }
        database->facts.readings += database->whole;
        postgres_reader_end(database->reader);
        database->state = DATABASE_IDLE;
    }
    forget_readings(database);
    if (database->state == DATABASE_IDLE)
        database_schedule(database);
}

void database_lost(struct database *database)
{
    if (database == NULL || database->state == DATABASE_IDLE)
        return;
    close_snapshot(database);
    database_schedule(database);
}

void database_read_cancel(struct database *database)
{
    if (database == NULL)
        return;
    close_snapshot(database);
    database->asked = 0; /* what was under way is cancelled */
    database_schedule(database);
}

void database_wrote(struct database *database, const struct kong_op *op, const struct kong_answer *answer)
{
    if (database == NULL || database->options.look_ms == 0 || op->verb == KONG_READ || answer->class != KONG_DONE ||
        !op->item->kind->tagged || database->again.count >= DATABASE_AGAIN_MAX)
        return;
    const char *id = op->item->actual != NULL ? op->item->actual->id : op->item->sent_id;
    if (id != NULL)
        map_put(&database->again, id, (void *)op->item->kind);
}

struct sync_database_facts database_facts(const struct database *database)
{
    return database != NULL ? database->facts : (struct sync_database_facts){0};
}
