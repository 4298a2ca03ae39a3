/* Drift: what others write is found by looking at the database between readings, against a real PostgreSQL. */
#include "database_fixture.h"

static const struct how looking = {.look_ms = LOOK_MS};

static bool has_drifted(struct fixture *fixture)
{
    return fixture->drifts > 0 && fixture->converged && fixture->idle > 0;
}

/* Settled, and looked at so often that our own writes have been judged. */
static void settle(struct fixture *fixture)
{
    until(fixture, is_converged);
    until(fixture, is_working);
    look_on(fixture, 6 + 2 * SLACK_MS / LOOK_MS);
    fixture->drifts = 0;
    fixture->idle = 0;
    buf_clear(&fixture->drifted);
    buf_clear(&fixture->gateway->log);
}

static char *path_of(struct fixture *fixture, const char *collection, enum kong_kind_id id, const char *key)
{
    return xasprintf("/%s/%s", collection, id_of(fixture, id, key));
}

static void what_others_change_is_found_and_set_right(void **state)
{
    struct fixture *fixture = *state;
    NEEDS_SERVER();
    sync_shop(fixture, &looking);
    settle(fixture);
    AUTO(text) char *service = path_of(fixture, "services", KONG_SERVICE, "s");

    stored_write(fixture->gateway, "PATCH", service, "{\"host\":\"drifted\"}");
    until(fixture, has_drifted);

    assert_stored("SELECT host FROM services", "u");
    assert_string_equal(buf_text(&fixture->drifted), "service s\n");
    assert_int_equal(kong_session_counters(fixture->session).drifted, 1);
    /* a look at it to confirm, and the write: no list */
    assert_int_equal(stored_count(fixture->gateway, "GET"), 1);
    assert_int_equal(stored_count(fixture->gateway, "PUT"), 1);
}

/* What is wanted of it does not name the weight. */
static void a_default_that_others_change_is_set_right(void **state)
{
    struct fixture *fixture = *state;
    NEEDS_SERVER();
    sync_shop(fixture, &looking);
    settle(fixture);
    AUTO(text)
    char *target = xasprintf("/upstreams/%s/targets/%s", id_of(fixture, KONG_UPSTREAM, "u"),
                             id_of(fixture, KONG_TARGET, "u/10.0.0.2:80"));

    stored_write(fixture->gateway, "PATCH", target, "{\"weight\":7}");
    until(fixture, has_drifted);

    assert_stored("SELECT weight FROM targets WHERE target = '10.0.0.2:80'", "100");
}

/* The table has no updated_at, and who writes by hand would not set it anyway. */
static void a_credential_is_found_as_well(void **state)
{
    struct fixture *fixture = *state;
    NEEDS_SERVER();
    sync_shop(fixture, &looking);
    settle(fixture);
    char key[65];
    const struct kong_state *known = kong_plan_state(kong_session_plan(fixture->session));
    struct map_entry **items = map_sorted(&known->items[KONG_KEY_AUTH]);
    snprintf(key, sizeof(key), "%s", items[0]->key);
    free(items);
    AUTO(text) char *credential = path_of(fixture, "key-auths", KONG_KEY_AUTH, key);

    stored_write(fixture->gateway, "PATCH", credential, "{\"key\":\"opened\"}");
    until(fixture, has_drifted);

    assert_stored("SELECT key FROM keyauth_credentials", "opensesame");
    assert_null(strstr(buf_text(&fixture->drifted), "opened"));
    assert_null(strstr(buf_text(&fixture->drifted), "opensesame"));
}

static void what_others_delete_is_made_again_with_its_children(void **state)
{
    struct fixture *fixture = *state;
    NEEDS_SERVER();
    sync_shop(fixture, &looking);
    settle(fixture);
    AUTO(text) char *consumer = path_of(fixture, "consumers", KONG_CONSUMER, "bob");
    AUTO(text) char *upstream = path_of(fixture, "upstreams", KONG_UPSTREAM, "u");
    AUTO(text)
    char *target = xasprintf("%s/targets/%s", upstream, id_of(fixture, KONG_TARGET, "u/10.0.0.1:80"));

    stored_write(fixture->gateway, "DELETE", consumer, NULL);
    stored_write(fixture->gateway, "DELETE", target, NULL);
    until(fixture, has_drifted);
    look_on(fixture, 8);
    until(fixture, is_converged);

    assert_stored("SELECT count(*) FROM consumers", "1");
    assert_stored("SELECT count(*) FROM keyauth_credentials", "1");
    assert_stored("SELECT count(*) FROM acls", "1");
    assert_stored("SELECT count(*) FROM targets", "2");
    assert_int_equal(fixture->gone, 4);
}

static void what_others_make_under_our_tags_is_deleted_and_all_else_left_alone(void **state)
{
    struct fixture *fixture = *state;
    NEEDS_SERVER();
    sync_shop(fixture, &looking);
    settle(fixture);

    stored_write(fixture->gateway, "POST", "/consumers", "{\"username\":\"stray\",\"tags\":[\"mine\"]}");
    stored_write(fixture->gateway, "POST", "/consumers", "{\"username\":\"theirs\",\"tags\":[\"other\"]}");
    stored_write(fixture->gateway, "POST", "/consumers", "{\"username\":\"nobodys\"}");
    until(fixture, has_drifted);
    look_on(fixture, 8);

    assert_stored("SELECT string_agg(username, ',' ORDER BY username) FROM consumers", "bob,nobodys,theirs");
    assert_int_equal(fixture->strays, 1);
    assert_int_equal(fixture->drifts, 1);
}

/* Somebody takes our tag away: it is not ours any more, and in the way. */
static void an_entity_that_loses_our_tag_is_in_the_way(void **state)
{
    struct fixture *fixture = *state;
    NEEDS_SERVER();
    sync_shop(fixture, &looking);
    settle(fixture);
    AUTO(text) char *consumer = path_of(fixture, "consumers", KONG_CONSUMER, "bob");

    stored_write(fixture->gateway, "PATCH", consumer, "{\"tags\":[\"theirs\"]}");
    fixture->converged = false;
    look_on(fixture, 10);

    assert_stored("SELECT tags::text FROM consumers", "{theirs}");
    size_t count;
    struct problem **problems = kong_plan_problems(kong_session_plan(fixture->session), &count);
    assert_true(count >= 1);
    bool owner = false;
    for (size_t i = 0; i < count; i++) {
        owner = owner || strcmp(problems[i]->code, "KongForeignOwner") == 0;
        problem_unref(problems[i]);
    }
    free(problems);
    assert_true(owner);
}

static void our_own_writes_are_no_drift(void **state)
{
    struct fixture *fixture = *state;
    NEEDS_SERVER();
    sync_shop(fixture, &looking);
    until(fixture, is_working);
    for (int round = 0; round < 120; round++) {
        AUTO(text) char *service = xasprintf("{\"name\":\"s\",\"host\":\"u\",\"retries\":%d}", round % 7);
        AUTO(text) char *consumer = xasprintf("{\"username\":\"user-%d\"}", round % 5);
        AUTO(text) char *credential = xasprintf("{\"key\":\"key-%d\"}", round);
        AUTO(text) char *owner = xasprintf("user-%d", round % 5);
        want(fixture, KONG_SERVICE, service, NULL);
        struct kong_entity *user = wanted(KONG_CONSUMER, consumer, NULL);
        kong_session_want(fixture->session, user->kind, user->key, round % 3 == 0 ? NULL : user);
        kong_entity_unref(user);
        struct kong_entity *key = wanted(KONG_KEY_AUTH, credential, owner);
        if (round % 3 != 0)
            kong_session_want(fixture->session, key->kind, key->key, key);
        kong_entity_unref(key);
        kong_session_commit(fixture->session);
        for (int i = 0; i < 5; i++)
            loop_run_once(fixture->loop, true);
    }
    look_on(fixture, 10);
    look_on(fixture, 10);

    assert_int_equal(fixture->drifts, 0);
    assert_int_equal(kong_session_counters(fixture->session).drifted, 0);
    assert_int_equal(database_facts(fixture->database).troubles, 0);
    assert_true(fixture->works);
}

static void a_quiet_gateway_is_asked_nothing(void **state)
{
    struct fixture *fixture = *state;
    NEEDS_SERVER();
    sync_shop(fixture, &looking);
    settle(fixture);

    look_on(fixture, 20);
    postgres_sql(shared, "UPDATE schema_meta SET last_executed = last_executed"); /* something that is not ours */
    look_on(fixture, 5);

    assert_string_equal(buf_text(&fixture->gateway->log), "");
}

static size_t drift_problems(struct fixture *fixture)
{
    size_t count, found = 0;
    struct problem **problems = kong_plan_problems(kong_session_plan(fixture->session), &count);
    for (size_t i = 0; i < count; i++) {
        found += strcmp(problems[i]->code, "DriftFound") == 0;
        problem_unref(problems[i]);
    }
    free(problems);
    return found;
}

static void drift_that_is_only_reported_stays_until_it_is_undone(void **state)
{
    static const struct how reporting = {.look_ms = LOOK_MS, .report = true};
    struct fixture *fixture = *state;
    NEEDS_SERVER();
    sync_shop(fixture, &reporting);
    settle(fixture);
    AUTO(text) char *service = path_of(fixture, "services", KONG_SERVICE, "s");
    AUTO(text) char *route = path_of(fixture, "routes", KONG_ROUTE, "r");

    stored_write(fixture->gateway, "PATCH", service, "{\"retries\":1}");
    stored_write(fixture->gateway, "POST", "/consumers", "{\"username\":\"stray\",\"tags\":[\"mine\"]}");
    look_on(fixture, 8);
    assert_stored("SELECT retries FROM services", "1");
    assert_int_equal(drift_problems(fixture), 1);
    assert_int_equal(fixture->kept, 2);
    assert_stored("SELECT count(*) FROM consumers", "2");

    stored_write(fixture->gateway, "PATCH", service, "{\"retries\":5}");
    look_on(fixture, 8);
    assert_int_equal(drift_problems(fixture), 0);

    stored_write(fixture->gateway, "PATCH", route, "{\"paths\":[\"/other\"]}");
    look_on(fixture, 8);
    assert_int_equal(drift_problems(fixture), 1);
    want(fixture, KONG_ROUTE, "{\"name\":\"r\",\"paths\":[\"/new\"]}", "s"); /* what is wanted anew is sent */
    kong_session_commit(fixture->session);
    look_on(fixture, 8);
    assert_stored("SELECT paths::text FROM routes", "{/new}");
    assert_int_equal(drift_problems(fixture), 0);
    assert_int_equal(stored_count(fixture->gateway, "DELETE"), 0);
}

static void drift_during_an_outage_of_the_database_is_found_after_it(void **state)
{
    struct fixture *fixture = *state;
    NEEDS_SERVER();
    sync_shop(fixture, &looking);
    settle(fixture);
    AUTO(text) char *service = path_of(fixture, "services", KONG_SERVICE, "s");
    postgres_sql(shared, "ALTER TABLE workspaces RENAME TO hidden");
    stored_write(fixture->gateway, "PATCH", service, "{\"host\":\"drifted\"}");
    while (fixture->works)
        loop_run_once(fixture->loop, true);

    postgres_sql(shared, "ALTER TABLE hidden RENAME TO workspaces");
    until(fixture, has_drifted);

    assert_stored("SELECT host FROM services", "u");
    until(fixture, is_working);
    assert_int_equal(database_facts(fixture->database).troubles, 1);
}

static void a_server_that_restarts_is_looked_at_anew(void **state)
{
    struct fixture *fixture = *state;
    NEEDS_SERVER();
    sync_shop(fixture, &looking);
    settle(fixture);
    AUTO(text) char *service = path_of(fixture, "services", KONG_SERVICE, "s");

    postgres_halt(shared);
    postgres_launch(shared);
    postgres_connect(shared);
    stored_write(fixture->gateway, "PATCH", service, "{\"host\":\"drifted\"}");
    until(fixture, has_drifted);

    assert_stored("SELECT host FROM services", "u");
}

static bool does_not_work(struct fixture *fixture)
{
    return !fixture->works && database_facts(fixture->database).troubles > 0;
}

/* A copy that the gateway has stopped writing to: what we have written is not there. */
static void a_database_that_does_not_get_our_writes_is_not_believed(void **state)
{
    struct fixture *fixture = *state;
    NEEDS_SERVER();
    sync_shop(fixture, &looking);
    settle(fixture);
    fixture->gateway->apart = true;

    fixture->converged = false;
    want(fixture, KONG_SERVICE, "{\"name\":\"s\",\"host\":\"u\",\"retries\":3}", NULL);
    want(fixture, KONG_CONSUMER, "{\"username\":\"eve\"}", NULL);
    kong_session_commit(fixture->session);
    until(fixture, does_not_work);
    until(fixture, is_converged);

    assert_true(log_has(fixture, "it is not the gateway's, or lags behind"));
    assert_int_equal(fixture->drifts, 0);
    assert_int_equal(stored_count(fixture->gateway, "PUT"), 1);
    assert_int_equal(stored_count(fixture->gateway, "POST"), 1);
}

/* Rows that the gateway never had: believed, they would be deleted there, or what it has would be made again. */
static void what_only_the_database_says_is_not_believed(void **state)
{
    struct fixture *fixture = *state;
    NEEDS_SERVER();
    sync_shop(fixture, &looking);
    settle(fixture);

    postgres_sql(shared, "UPDATE routes SET paths = '{/elsewhere}'; DELETE FROM acls");
    until(fixture, does_not_work);

    assert_int_equal(fixture->drifts, 0);
    assert_int_equal(stored_count(fixture->gateway, "PUT") + stored_count(fixture->gateway, "POST"), 0);
}

static uint32_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

/* A random edit of somebody else, of one entity of ours. */
static void edit(struct fixture *fixture, uint64_t *seed)
{
    static const struct {
        enum kong_kind_id kind;
        const char *collection, *body;
    } rows[] = {{KONG_SERVICE, "services", "{\"retries\":%u}"},
                {KONG_ROUTE, "routes", "{\"regex_priority\":%u}"},
                {KONG_CONSUMER, "consumers", "{\"custom_id\":\"c-%u\"}"},
                {KONG_UPSTREAM, "upstreams", "{\"slots\":1%u0}"},
                {KONG_PLUGIN, "plugins", "{\"config\":{\"max_age\":%u}}"}};
    uint32_t pick = next_random(seed) % COUNT_OF(rows);
    const struct kong_state *state = kong_plan_state(kong_session_plan(fixture->session));
    struct map_entry **actuals = map_sorted(&state->actuals[rows[pick].kind]);
    size_t count = state->actuals[rows[pick].kind].count;
    if (count > 0) {
        const struct kong_actual *actual = actuals[next_random(seed) % count]->value;
        AUTO(text) char *path = xasprintf("/%s/%s", rows[pick].collection, actual->id);
        AUTO(buf) struct buf body = BUF_OWN;
        const char *mark = strchr(rows[pick].body, '%');
        buf_printf(&body, "%.*s%u%s", (int)(mark - rows[pick].body), rows[pick].body, 10 + next_random(seed) % 80,
                   mark + 2);
        bool deletes = next_random(seed) % 3 == 0 && rows[pick].kind != KONG_SERVICE;
        stored_request(fixture->gateway, deletes ? "DELETE" : "PATCH", path, deletes ? NULL : buf_text(&body), NULL);
    }
    free(actuals);
}

static bool all_is_well(struct fixture *fixture)
{
    return fixture->converged &&
           postgres_says(shared, "SELECT (SELECT retries || host FROM services) = '5u' AND "
                                 "(SELECT paths::text || regex_priority FROM routes) = '{/}0' AND "
                                 "(SELECT slots FROM upstreams) = 10000 AND "
                                 "(SELECT count(*) || COALESCE(max(custom_id), '') FROM consumers) = '1' AND "
                                 "(SELECT count(*) || COALESCE(max(config ->> 'max_age'), '') FROM plugins) = '2' AND "
                                 "(SELECT count(*) FROM keyauth_credentials) = 1 AND (SELECT count(*) FROM acls) = 1 "
                                 "AND (SELECT count(*) FROM targets) = 2");
}

/* Others edit while we change what is wanted: in the end all is as it is wanted, in the database as well. */
static void random_edits_come_right(void **state)
{
    struct fixture *fixture = *state;
    NEEDS_SERVER();
    const char *given = getenv("KONGRUENT_SEED");
    uint64_t seed = given != NULL ? strtoull(given, NULL, 10) : 1;
    sync_shop(fixture, &looking);
    settle(fixture);
    for (int round = 0; round < 60; round++) {
        edit(fixture, &seed);
        if (next_random(&seed) % 4 == 0) {
            AUTO(text) char *route = xasprintf("{\"name\":\"r\",\"paths\":[\"/%u\"]}", next_random(&seed) % 9);
            want(fixture, KONG_ROUTE, route, "s");
            kong_session_commit(fixture->session);
        }
        for (uint32_t i = next_random(&seed) % 30; i > 0; i--)
            loop_run_once(fixture->loop, true);
    }
    want_shop(fixture);
    kong_session_commit(fixture->session);
    until(fixture, all_is_well);

    assert_true(fixture->drifts > 0);
    assert_true(fixture->works);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(what_others_change_is_found_and_set_right),
        test(a_default_that_others_change_is_set_right),
        test(a_credential_is_found_as_well),
        test(what_others_delete_is_made_again_with_its_children),
        test(what_others_make_under_our_tags_is_deleted_and_all_else_left_alone),
        test(an_entity_that_loses_our_tag_is_in_the_way),
        test(our_own_writes_are_no_drift),
        test(a_quiet_gateway_is_asked_nothing),
        test(drift_that_is_only_reported_stays_until_it_is_undone),
        test(drift_during_an_outage_of_the_database_is_found_after_it),
        test(a_server_that_restarts_is_looked_at_anew),
        test(a_database_that_does_not_get_our_writes_is_not_believed),
        test(what_only_the_database_says_is_not_believed),
        test(random_edits_come_right),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
