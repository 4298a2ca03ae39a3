/* Decides what a session does next: connect, read, send, wait. */
#include "gateway/session.h"

#include <string.h>

#include "base/clock.h"
#include "session_parts.h"

static void on_pump(void *user);
static void connect_gateway(struct kong_session *session);

static void start_reread_timer(struct kong_session *session)
{
    uint64_t delay = session->options.reread_ms;
    if (session->partial && (delay == 0 || delay > KONG_UNREAD_RETRY_MS))
        delay = KONG_UNREAD_RETRY_MS;
    if (delay > 0)
        loop_timer_start(session->reread, delay);
}

static void tell_unread(struct kong_session *session)
{
    struct problem *problems[KONG_KIND_COUNT];
    size_t count = 0;
    for (size_t kind = 0; kind < KONG_KIND_COUNT; kind++) {
        if (!session->unread[kind])
            continue;
        AUTO(text)
        char *text = xasprintf("%s: the gateway does not let us list them, so none of them is deleted",
                               kong_kind_get((enum kong_kind_id)kind)->name);
        problems[count++] = problem_new(PROBLEM_ERROR, "KongUnreadable", NULL, text);
    }
    if (session->callbacks.unread != NULL)
        session->callbacks.unread(session->callbacks.user, problems, count);
    for (size_t i = 0; i < count; i++)
        problem_unref(problems[i]);
}

static void note_unread(struct kong_session *session, const bool unread[KONG_KIND_COUNT])
{
    bool changed = memcmp(session->unread, unread, sizeof(session->unread)) != 0;
    memcpy(session->unread, unread, sizeof(session->unread));
    session->partial = false;
    for (size_t kind = 0; kind < KONG_KIND_COUNT; kind++)
        session->partial = session->partial || unread[kind];
    start_reread_timer(session);
    if (changed)
        tell_unread(session);
}

static void on_read(void *user, const struct kong_answer *failure)
{
    struct kong_session *session = user;
    size_t entities = mirror_entities(session->mirror);
    bool unread[KONG_KIND_COUNT];
    for (size_t kind = 0; kind < KONG_KIND_COUNT; kind++)
        unread[kind] = mirror_unread(session->mirror, (enum kong_kind_id)kind);
    struct kong_answer copy = failure != NULL ? *failure : (struct kong_answer){.message = ""};
    AUTO(text) char *message = xstrdup(copy.message);
    copy.message = message;
    mirror_free(TAKE(session->mirror));
    if (failure != NULL) {
        session->state = SESSION_CONNECTING;
        session_pause(session, &copy);
        session_pump(session);
        return;
    }
    session->state = SESSION_RUNNING;
    if (session->reading_types) {
        bool custom = unread[KONG_CUSTOM];
        memcpy(unread, session->unread, sizeof(unread));
        unread[KONG_CUSTOM] = custom;
    } else {
        session->counters.reads++;
        session->due = session->deep = session->gentle = false;
    }
    session_answered(session);
    note_unread(session, unread);
    if (session->callbacks.read != NULL)
        session->callbacks.read(session->callbacks.user, entities);
    session->committed = false;
    session_pump(session);
}

static void read_gateway(struct kong_session *session, bool types_only)
{
    session->state = SESSION_READING;
    session->readings++;
    session->reading_types = types_only;
    struct mirror_options options = {
        .admin = session->admin,
        .plan = session->plan,
        .schemas = session->schemas,
        .callbacks = &session->callbacks,
        .skip_ca_certificates = session->options.skip_ca_certificates,
        .report_drift = session->options.report_drift,
        .reread = session->counters.reads > 0,
        .verify_targets = session->deep,
        .verify_after = session->gentle ? session->verified : NULL,
        .types_only = types_only,
    };
    session->mirror = mirror_new(&options, on_read, session);
    mirror_start(session->mirror, session->complete);
}

static const char *text_or_empty(const struct json *object, const char *path)
{
    const char *text = json_text(json_find_path(object, path));
    return text != NULL ? text : "";
}

static double seconds_or(const struct json *configuration, const char *name, double otherwise)
{
    double seconds = json_number(json_find(configuration, name), otherwise);
    return seconds >= 0 && seconds < KONG_SPREAD_MAX_S ? seconds : otherwise;
}

/* Each node asks the database for news every db_update_frequency, and then makes its list of plugins anew every
 * worker_state_update_frequency, by another clock than its router (Kong 3.9, runloop/handler.lua).  Data planes are given
 * both at once. */
static uint64_t spread_of(const struct json *configuration, const char *role)
{
    const char *consistency = json_find_text(configuration, "worker_consistency");
    if (strcmp(role, "control_plane") == 0)
        return 0;
    double seconds = seconds_or(configuration, "db_update_frequency", KONG_UPDATE_FREQUENCY_S) +
                     seconds_or(configuration, "db_update_propagation", 0);
    if (consistency == NULL || strcmp(consistency, "strict") != 0)
        seconds += seconds_or(configuration, "worker_state_update_frequency", KONG_UPDATE_FREQUENCY_S);
    return seconds > 0 ? (uint64_t)(seconds * 10 * KONG_SPREAD_PERCENT) + KONG_SPREAD_MARGIN_MS : 0;
}

static void on_root(void *user, const struct kong_answer *answer)
{
    struct kong_session *session = user;
    session->connecting = false;
    if (answer->class != KONG_DONE || json_find_text(answer->body, "version") == NULL) {
        struct kong_answer failure = *answer;
        if (answer->class == KONG_DONE)
            failure.message = "this is not an Admin API of Kong";
        session_pause(session, &failure);
        return;
    }
    struct kong_gateway_info info = {
        .version = text_or_empty(answer->body, "version"),
        .edition = text_or_empty(answer->body, "edition"),
        .flavor = text_or_empty(answer->body, "configuration.router_flavor"),
        .database = text_or_empty(answer->body, "configuration.database"),
        .role = text_or_empty(answer->body, "configuration.role"),
        .plugins = json_find_path(answer->body, "plugins.available_on_server"),
        .proxy_listeners = json_find_path(answer->body, "configuration.proxy_listeners"),
        .stream_listeners = json_find_path(answer->body, "configuration.stream_listeners"),
    };
    info.spread_ms = spread_of(json_find(answer->body, "configuration"), info.role);
    if (session->options.spread_by_gateway)
        kong_plan_set_spread(session->plan, info.spread_ms);
    if (strcmp(info.database, "off") == 0) {
        session_pause(session, &(struct kong_answer){
                                   .message = "this gateway has no database: it cannot be configured by entities"});
        return;
    }
    AUTO(text) char *version = xasprintf("%s/%s/%s", info.edition, info.version, info.flavor);
    if (session->version == NULL || strcmp(session->version, version) != 0)
        kong_schemas_clear(session->schemas); /* another version may have other fields and defaults */
    free(session->version);
    session->version = TAKE(version);
    if (session->callbacks.connected != NULL)
        session->callbacks.connected(session->callbacks.user, &info);
    if (session->state == SESSION_STOPPED)
        return;
    read_gateway(session, false);
}

static void connect_gateway(struct kong_session *session)
{
    session->state = SESSION_CONNECTING;
    if (session->connecting)
        return;
    session->connecting = true;
    kong_admin_send(session->admin, "GET", "/", NULL, on_root, session);
}

static void tell_item(void *user, const struct kong_item *item)
{
    const struct kong_session *session = user;
    if (session->callbacks.item != NULL)
        session->callbacks.item(session->callbacks.user, item);
}

static void tell_changes(struct kong_session *session)
{
    kong_plan_tell(session->plan, tell_item, session);
    if (!kong_plan_held_changed(session->plan))
        return;
    struct kong_held held = kong_plan_held(session->plan);
    if (strcmp(held.hash, session->held) == 0)
        return;
    memcpy(session->held, held.hash, sizeof(session->held));
    if (session->callbacks.held != NULL)
        session->callbacks.held(session->callbacks.user, &held);
}

static void tell_idle(struct kong_session *session)
{
    /* A pump to come has something to do, such as deletes that were approved just now. */
    bool idle =
        session->committed && session->running_count == 0 && !session->paused && !loop_timer_running(session->pump);
    const struct kong_types *types = kong_plan_state(session->plan)->types;
    idle = idle && !kong_types_unread(types) && !kong_types_asked(types) && !kong_plan_is_spreading(session->plan) &&
           !kong_plan_is_settling(session->plan);
    struct kong_plan_counters counters = kong_plan_counters(session->plan);
    bool converged = idle && !session->partial && counters.active == 0 && counters.refused == 0 && counters.held == 0 &&
                     counters.inactive == 0;
    if (idle && converged)
        session->counters.last_success = clock_wall();
    if (idle && (!session->idle || converged != session->converged)) {
        session->idle = true;
        session->converged = converged;
        if (session->callbacks.idle != NULL)
            session->callbacks.idle(session->callbacks.user, converged);
    }
    session->idle = idle;
}

static void schedule_wake(struct kong_session *session)
{
    uint64_t at = kong_plan_wakes_at(session->plan);
    uint64_t now = clock_monotonic_ms();
    if (session->paused)
        return;
    if (at == 0)
        loop_timer_stop(session->retry);
    else
        loop_timer_start(session->retry, at > now ? at - now : 1);
}

static bool may_write(const struct kong_session *session)
{
    return session->callbacks.may_write == NULL || session->callbacks.may_write(session->callbacks.user);
}

/* Of everything, or of types of custom entities that have come up since. */
static bool reading_is_due(const struct kong_session *session)
{
    return session->due || kong_types_unread(kong_plan_state(session->plan)->types);
}

static void run_plan(struct kong_session *session)
{
    uint64_t now = clock_monotonic_ms();
    if (!session->committed) {
        kong_plan_commit(session->plan, now);
        session->committed = true;
        session->idle = false;
    }
    int concurrency = session->options.concurrency > 0 ? session->options.concurrency : KONG_CONCURRENCY;
    if (concurrency > KONG_CONCURRENCY_MAX)
        concurrency = KONG_CONCURRENCY_MAX;
    if (session->pauses > 0)
        concurrency = 1; /* one request finds out whether the gateway is back */
    struct kong_op op;
    while (!reading_is_due(session) && session->running_count < concurrency && may_write(session) &&
           kong_plan_next(session->plan, now, &op)) {
        session->idle = false;
        session_run(session, &op);
    }
}

static void drain(struct kong_session *session)
{
    if (session->running_count != 0)
        return;
    void (*done)(void *user) = TAKE(session->drained);
    kong_session_stop(session);
    done(session->drained_user);
}

static void on_pump(void *user)
{
    struct kong_session *session = user;
    if (session->drained != NULL) {
        drain(session);
        return;
    }
    if (session->paused || session->state == SESSION_STOPPED)
        return;
    if (session->state == SESSION_CONNECTING)
        connect_gateway(session);
    if (session->state == SESSION_RUNNING && reading_is_due(session) && session->running_count == 0)
        read_gateway(session, !session->due);
    if (session->state == SESSION_RUNNING && session->complete) {
        run_plan(session);
        schedule_wake(session);
        tell_changes(session);
        tell_idle(session);
    }
}

static void on_retry(void *user)
{
    struct kong_session *session = user;
    if (session->drained != NULL)
        return;
    bool was_paused = session->paused;
    session->paused = false;
    kong_plan_wake(session->plan, clock_monotonic_ms());
    /* After a longer outage others may have written: what the gateway holds is read again. */
    if (session->state == SESSION_CONNECTING || (was_paused && session->pauses >= KONG_LOST_AFTER &&
                                                 session->running_count == 0 && session->state == SESSION_RUNNING))
        connect_gateway(session);
    session_pump(session);
}

static void on_reread(void *user)
{
    struct kong_session *session = user;
    start_reread_timer(session);
    session->due = session->due || session->state == SESSION_RUNNING;
    session->gentle = true;
    session_pump(session);
}

int kong_session_new(struct loop *loop, struct kong_gateways *gateways, const struct kong_session_options *options,
                     const struct kong_session_callbacks *callbacks, struct kong_session **ret_session, struct err *err)
{
    struct kong_admin *admin = NULL;
    if (options->tag_count == 0)
        return err_set(err, ERR_INVALID, "no ownership tag is set, so nothing in the gateway could be told to be ours");
    int rc = kong_admin_new(loop, gateways, &options->admin, &admin, err);
    if (rc < 0)
        return rc;

    struct kong_session *session = xcalloc(1, sizeof(*session));
    session->loop = loop;
    session->gateways = gateways;
    session->admin = admin;
    session->schemas = kong_schemas_new();
    session->options = *options;
    session->callbacks = *callbacks;
    session->tags = xcalloc(options->tag_count, sizeof(char *));
    session->tag_count = options->tag_count;
    for (size_t i = 0; i < options->tag_count; i++)
        session->tags[i] = xstrdup(options->tags[i]);
    struct kong_tags tags = {(const char *const *)session->tags, session->tag_count};
    map_init(&session->recent, NULL);
    map_init(&session->schema_questions, free);
    session->plan = kong_plan_new(session->schemas, tags, &options->plan);
    session->pump = loop_timer_new(loop, on_pump, session);
    session->retry = loop_timer_new(loop, on_retry, session);
    session->reread = loop_timer_new(loop, on_reread, session);
    *ret_session = session;
    return 0;
}

void kong_session_free(struct kong_session *session)
{
    if (session == NULL)
        return;
    kong_session_stop(session);
    kong_admin_free(session->admin);
    kong_plan_free(session->plan);
    kong_schemas_free(session->schemas);
    loop_timer_free(session->pump);
    loop_timer_free(session->retry);
    loop_timer_free(session->reread);
    for (size_t i = 0; i < session->tag_count; i++)
        free(session->tags[i]);
    free(session->tags);
    map_done(&session->recent);
    map_done(&session->schema_questions);
    free(session->version);
    free(session);
}

void kong_session_want(struct kong_session *session, const struct kong_kind *kind, const char *key,
                       struct kong_entity *entity)
{
    if (kind->id == KONG_CA_CERTIFICATE && session->options.skip_ca_certificates)
        return;
    kong_plan_want(session->plan, kind, key, entity);
}

void kong_session_commit(struct kong_session *session)
{
    session->committed = false;
    session_pump(session);
}

void kong_session_complete(struct kong_session *session)
{
    if (session->complete)
        return;
    session->complete = true;
    session->committed = false;
    if (session->mirror != NULL)
        mirror_wanted_known(session->mirror);
    session_pump(session);
}

void kong_session_await(struct kong_session *session, const struct kong_source *object, bool missing)
{
    if (missing)
        kong_plan_await(session->plan, object, clock_monotonic_ms());
    else
        kong_plan_complete(session->plan, object);
    session_pump(session);
}

void kong_session_arrival(struct kong_session *session)
{
    kong_plan_arrival(session->plan, clock_monotonic_ms());
}

void kong_session_permit_deletes(struct kong_session *session, bool permitted)
{
    kong_plan_permit_deletes(session->plan, permitted);
    kong_session_commit(session);
}

bool kong_session_holds_tag(struct kong_session *session, const char *tag)
{
    const struct kong_state *state = kong_plan_state(session->plan);
    AUTO(buf) struct buf quoted = BUF_OWN;
    json_print_string(tag, strlen(tag), &quoted);
    for (size_t kind = 0; kind < KONG_KIND_COUNT; kind++) {
        size_t position = 0;
        struct map_entry *entry;
        while ((entry = map_next(&state->actuals[kind], &position)) != NULL) {
            const struct kong_actual *actual = entry->value;
            if (actual->owned && strstr(actual->text, quoted.data) != NULL)
                return true;
        }
    }
    return false;
}

void kong_session_remember_held(struct kong_session *session, size_t passed, size_t of)
{
    session->held_passed = passed;
    session->held_of = of;
}

void kong_session_start(struct kong_session *session)
{
    if (session->state != SESSION_STOPPED)
        return;
    kong_plan_begin_term(session->plan, session->held_passed, session->held_of);
    session->held_passed = session->held_of = 0;
    session->pauses = 0;
    session->paused = false;
    session->idle = session->converged = false;
    connect_gateway(session);
    start_reread_timer(session);
}

void kong_session_stop(struct kong_session *session)
{
    if (session->state == SESSION_STOPPED)
        return;
    kong_admin_cancel(session->admin);
    if (session->callbacks.read_cancel != NULL)
        session->callbacks.read_cancel(session->callbacks.user);
    mirror_free(TAKE(session->mirror));
    session_cut(session);
    map_done(&session->schema_questions);
    map_init(&session->schema_questions, free);
    loop_timer_stop(session->pump);
    loop_timer_stop(session->retry);
    loop_timer_stop(session->reread);
    session->state = SESSION_STOPPED;
    session->connecting = false;
    session->committed = false;
    if (session->drained != NULL)
        loop_timer_start(session->pump, 0);
}

void kong_session_drain(struct kong_session *session, void (*done)(void *user), void *user)
{
    session->drained = done;
    session->drained_user = user;
    loop_timer_start(session->pump, 0);
}

void kong_session_reread(struct kong_session *session)
{
    if (session->state != SESSION_RUNNING)
        return;
    session->due = session->deep = true;
    session_pump(session);
}

void kong_session_set_reread(struct kong_session *session, uint64_t reread_ms)
{
    if (session->options.reread_ms == reread_ms)
        return;
    session->options.reread_ms = reread_ms;
    loop_timer_stop(session->reread);
    if (session->state != SESSION_STOPPED)
        start_reread_timer(session);
}

void kong_session_kick(struct kong_session *session)
{
    if (session->paused)
        loop_timer_start(session->retry, 0);
}

bool kong_session_approve(struct kong_session *session, const char *hash)
{
    bool approved = kong_plan_approve(session->plan, hash);
    if (approved)
        session_pump(session);
    return approved;
}

struct kong_plan *kong_session_plan(struct kong_session *session)
{
    return session->plan;
}

const struct kong_schemas *kong_session_schemas(const struct kong_session *session)
{
    return session->schemas;
}

struct json *kong_session_types(const struct kong_session *session)
{
    return kong_types_references(kong_plan_state(session->plan)->types);
}

struct kong_admin *kong_session_admin(struct kong_session *session)
{
    return session->admin;
}

struct kong_session_counters kong_session_counters(const struct kong_session *session)
{
    struct kong_session_counters counters = session->counters;
    counters.requests = kong_admin_counters(session->admin);
    counters.plan = kong_plan_counters(session->plan);
    counters.drifted = kong_plan_drifted(session->plan) + session->strays;
    return counters;
}

bool kong_session_has_work(const struct kong_session *session)
{
    bool waits = session->state == SESSION_RUNNING && session->committed && session->running_count == 0 &&
                 !session->paused && !loop_timer_running(session->pump) && kong_plan_is_spreading(session->plan);
    return !session->idle && !waits;
}
