/* database_fixture.h - a session whose gateway keeps its entities in a real PostgreSQL, which is read as well. */
#pragma once

#include <fcntl.h>

#include "database.h"
#include "plan/report.h"
#include "stored_gateway.h"
#include "waiting.h"
#include "wanted.h"

#define LOOK_MS  20
#define SLACK_MS 50

struct fixture {
    struct loop *loop;
    struct stored_gateway *gateway;
    struct kong_gateways *gateways;
    struct kong_session *session;
    struct database *database;
    struct log log;
    char *log_path;
    bool converged, works;
    int drifts, gone, strays, kept, idle;
    uint64_t reread_ms;
    struct buf drifted; /* titles, a line each */
};

static struct postgres_server *shared;

static inline void on_idle(void *user, bool converged)
{
    struct fixture *fixture = user;
    fixture->idle++;
    fixture->converged = converged;
}

static inline void on_drifted(void *user, const struct kong_drift *drift)
{
    struct fixture *fixture = user;
    fixture->drifts++;
    fixture->gone += drift->gone;
    fixture->strays += drift->stray;
    fixture->kept += drift->kept;
    buf_printf(&fixture->drifted, "%s\n", drift->title);
}

static inline void on_works(void *user, bool works)
{
    ((struct fixture *)user)->works = works;
}

static inline bool on_read_kind(void *user, const struct kong_kind *kind, kong_each_fn *each, kong_read_done_fn *done,
                                void *reader)
{
    return database_read_kind(((struct fixture *)user)->database, kind, each, done, reader);
}

static inline void on_read_cancel(void *user)
{
    database_read_cancel(((struct fixture *)user)->database);
}

static inline void on_read(void *user, size_t entities)
{
    database_read_done(((struct fixture *)user)->database);
}

static inline void on_lost(void *user, const char *text)
{
    database_lost(((struct fixture *)user)->database);
}

static inline void on_operation(void *user, const struct kong_op *op, const struct kong_answer *answer)
{
    database_wrote(((struct fixture *)user)->database, op, answer);
}

struct how {
    bool report, admin_only;
    uint64_t look_ms;
    const char *dsn; /* NULL: the shared server's */
    const char *tag; /* NULL: "mine" */
};

static inline void open_session(struct fixture *fixture, const struct how *how)
{
    const char *const tags[] = {how->tag != NULL ? how->tag : "mine", NULL};
    struct err err = ERR_INIT;
    AUTO(text) char *own = shared != NULL ? xasprintf("%s dbname=kong", shared->dsn) : NULL;
    const char *dsn = how->dsn != NULL ? how->dsn : own;
    struct postgres_reader_options postgres = {
        .dsn = dsn, .workspace = "", .tags = tags, .statement_ms = 10000, .lag_ms = 1000};
    struct database_options database = {.log = &fixture->log,
                                        .postgres = &postgres,
                                        .look_ms = how->look_ms,
                                        .slack_ms = SLACK_MS,
                                        .works = on_works,
                                        .user = fixture};
    struct kong_session_options session = {
        .tags = tags, .tag_count = 1, .report_drift = how->report, .looks = how->look_ms != 0};
    struct kong_session_callbacks callbacks = {.user = fixture,
                                               .idle = on_idle,
                                               .drifted = on_drifted,
                                               .read = on_read,
                                               .lost = on_lost,
                                               .operation = on_operation};
    if (!how->admin_only) {
        assert_int_equal(database_new(fixture->loop, &database, &fixture->database, &err), 0);
        callbacks.read_kind = on_read_kind;
        callbacks.read_cancel = on_read_cancel;
    }
    assert_int_equal(kong_session_new(fixture->loop, fixture->gateways, &session, &callbacks, &fixture->session, &err),
                     0);
    database_use(fixture->database, fixture->session);
}

static inline void close_session(struct fixture *fixture)
{
    if (fixture->session != NULL)
        kong_session_stop(fixture->session);
    if (fixture->database != NULL)
        database_free(TAKE(fixture->database));
    kong_session_free(TAKE(fixture->session));
    fixture->drifts = fixture->gone = fixture->strays = fixture->kept = 0;
    fixture->converged = fixture->works = false;
    buf_clear(&fixture->drifted);
    buf_clear(&fixture->gateway->log);
}

static inline int setup(void **state)
{
    struct fixture *fixture = xcalloc(1, sizeof(*fixture));
    struct err err = ERR_INIT;
    *state = fixture;
    fixture->drifted = (struct buf)BUF_OWN;
    fixture->log = (struct log)LOG_INIT;
    assert_int_equal(loop_new(&fixture->loop, &err), 0);
    if (shared == NULL)
        return 0;
    postgres_sql(shared,
                 "TRUNCATE certificates, ca_certificates, services, routes, snis, upstreams, targets, consumers, "
                 "plugins, sm_vaults, key_sets, keys, acls, basicauth_credentials, hmacauth_credentials, "
                 "jwt_secrets, keyauth_credentials, oauth2_credentials, tags CASCADE");
    fixture->gateway = stored_gateway_new(fixture->loop, shared);
    fixture->gateways = kong_gateways_new();
    const char *const urls[] = {fixture->gateway->url};
    kong_gateways_set(fixture->gateways, urls, 1);
    fixture->log_path = xasprintf("%s/program.log", shared->scratch.path);
    fixture->log.fd = open(fixture->log_path, O_CREAT | O_TRUNC | O_RDWR, 0600);
    return 0;
}

static inline int teardown(void **state)
{
    struct fixture *fixture = *state;
    if (shared != NULL) {
        close_session(fixture);
        stored_gateway_free(fixture->gateway);
        kong_gateways_free(fixture->gateways);
        close(fixture->log.fd);
    }
    loop_free(fixture->loop);
    buf_done(&fixture->drifted);
    free(fixture->log_path);
    free(fixture);
    return 0;
}

static inline int start_server(void **state)
{
    if (postgres_missing())
        return 0;
    shared = postgres_start("", "");
    postgres_sql_file(shared, "spec/support/kong_put_row.sql");
    return 0;
}

static inline int stop_server(void **state)
{
    postgres_stop(shared);
    return 0;
}

#define NEEDS_SERVER()                                                                                                 \
    do {                                                                                                               \
        if (shared == NULL)                                                                                            \
            skip();                                                                                                    \
    } while (0)

static inline void want(struct fixture *fixture, enum kong_kind_id id, const char *text, const char *foreign)
{
    struct kong_entity *entity = wanted(id, text, foreign);
    kong_session_want(fixture->session, entity->kind, entity->key, entity);
    kong_entity_unref(entity);
}

/* Runs the loop until `holds` is true of the fixture. */
static inline void run_until(struct fixture *fixture, bool (*holds)(struct fixture *fixture), const char *what)
{
    bool gave_up = false;
    struct loop_timer *guard = loop_timer_new(fixture->loop, waiting_gave_up, &gave_up);
    loop_timer_start(guard, WAITING_MAX_MS);
    while (!holds(fixture) && !gave_up)
        loop_run_once(fixture->loop, true);
    loop_timer_free(guard);
    if (gave_up)
        fail_msg("never: %s\n%s", what, fixture->gateway != NULL ? buf_text(&fixture->gateway->log) : "");
}
#define until(fixture, condition) run_until(fixture, condition, #condition)

static inline bool is_converged(struct fixture *fixture)
{
    return fixture->converged;
}

static inline bool is_working(struct fixture *fixture)
{
    return fixture->works;
}

/* So many looks later: whatever there was to see has been seen. */
static inline void look_on(struct fixture *fixture, uint64_t looks)
{
    uint64_t wanted_looks = database_facts(fixture->database).looks + looks;
    bool gave_up = false;
    struct loop_timer *guard = loop_timer_new(fixture->loop, waiting_gave_up, &gave_up);
    loop_timer_start(guard, WAITING_MAX_MS);
    while (database_facts(fixture->database).looks < wanted_looks && !gave_up)
        loop_run_once(fixture->loop, true);
    loop_timer_free(guard);
    assert_false(gave_up);
}

static inline void want_shop(struct fixture *fixture)
{
    want(fixture, KONG_UPSTREAM, "{\"name\":\"u\"}", NULL);
    want(fixture, KONG_TARGET, "{\"target\":\"10.0.0.1:80\",\"weight\":1}", "u");
    want(fixture, KONG_TARGET, "{\"target\":\"10.0.0.2:80\"}", "u");
    want(fixture, KONG_SERVICE, "{\"name\":\"s\",\"host\":\"u\"}", NULL);
    want(fixture, KONG_ROUTE, "{\"name\":\"r\",\"paths\":[\"/\"],\"headers\":{\"x-a\":[\"1\",\"2\"]}}", "s");
    want(fixture, KONG_CONSUMER, "{\"username\":\"bob\"}", NULL);
    want(fixture, KONG_KEY_AUTH, "{\"key\":\"opensesame\"}", "bob");
    want(fixture, KONG_ACL, "{\"group\":\"admins\"}", "bob");
    want(fixture, KONG_PLUGIN, "{\"name\":\"cors\",\"config\":{\"origins\":[\"a\",\"b\"]}}", "s,r");
    /* shown with fields that are not stored */
    want(fixture, KONG_PLUGIN, "{\"name\":\"rate-limiting\",\"config\":{\"minute\":5,\"redis\":{\"host\":\"h\"}}}",
         "s,r");
    want(fixture, KONG_VAULT, "{\"name\":\"env\",\"prefix\":\"my-env\",\"config\":{\"prefix\":\"X_\"}}", NULL);
    kong_session_complete(fixture->session);
}

#define SHOP_ENTITIES 11

static inline void sync_shop(struct fixture *fixture, const struct how *how)
{
    open_session(fixture, how);
    want_shop(fixture);
    kong_session_start(fixture->session);
    until(fixture, is_converged);
}

/* The id that an entity has in the gateway. */
static inline const char *id_of(struct fixture *fixture, enum kong_kind_id id, const char *key)
{
    const struct kong_item *item = kong_state_find(kong_plan_state(kong_session_plan(fixture->session)), id, key);
    assert_non_null(item);
    assert_non_null(item->actual);
    return item->actual->id;
}

static inline bool log_has(const struct fixture *fixture, const char *text)
{
    AUTO(buf) struct buf content = BUF_OWN;
    struct err err = ERR_INIT;
    assert_int_equal(file_read(fixture->log_path, &content, &err), 0);
    return strstr(buf_text(&content), text) != NULL;
}

/* What is stored: a statement's only value. */
static inline char *stored_value(const char *sql)
{
    PGresult *result = PQexec(shared->admin, sql);
    char *value = PQntuples(result) == 1 ? xstrdup(PQgetvalue(result, 0, 0)) : xstrdup("(none)");
    PQclear(result);
    return value;
}

static inline void assert_stored(const char *sql, const char *expected)
{
    AUTO(text) char *value = stored_value(sql);
    assert_string_equal(value, expected);
}
