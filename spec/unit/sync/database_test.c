/* The mirror out of the database, against a real PostgreSQL. */
#include "database_fixture.h"

/* "kind id canonical-text foreign-ids", sorted: all that the mirror knows of the gateway. */
static char *mirror_text(struct fixture *fixture)
{
    const struct kong_state *state = kong_plan_state(kong_session_plan(fixture->session));
    struct buf text = BUF_OWN;
    for (int kind = 0; kind < KONG_KIND_COUNT; kind++) {
        struct map_entry **entries = map_sorted(&state->actuals[kind]);
        for (size_t i = 0; i < state->actuals[kind].count; i++) {
            const struct kong_actual *actual = entries[i]->value;
            buf_printf(&text, "%s %s %s %s", actual->kind->table, actual->id, actual->item->key, actual->text);
            for (size_t n = 0; n < KONG_FOREIGN_MAX; n++)
                buf_printf(&text, " %s", actual->foreign_ids[n] != NULL ? actual->foreign_ids[n] : "-");
            buf_printf(&text, " %s\n", actual->owned ? "owned" : "foreign");
        }
        free(entries);
    }
    return buf_take(&text);
}

static void the_mirror_is_the_same_either_way(void **state)
{
    struct fixture *fixture = *state;
    NEEDS_SERVER();
    sync_shop(fixture, &(struct how){.admin_only = true});
    close_session(fixture);
    sync_shop(fixture, &(struct how){.admin_only = true}); /* now it is read */
    AUTO(text) char *by_requests = mirror_text(fixture);
    close_session(fixture);

    sync_shop(fixture, &(struct how){0});

    AUTO(text) char *by_rows = mirror_text(fixture);
    assert_string_equal(by_rows, by_requests);
    assert_int_equal(database_facts(fixture->database).readings, 1);
    until(fixture, is_working);
}

static void a_restart_asks_for_no_list_and_writes_nothing(void **state)
{
    struct fixture *fixture = *state;
    NEEDS_SERVER();
    sync_shop(fixture, &(struct how){.admin_only = true});
    close_session(fixture);

    sync_shop(fixture, &(struct how){0});

    const struct stored_gateway *gateway = fixture->gateway;
    assert_int_equal(stored_count(gateway, "POST") + stored_count(gateway, "PUT") + stored_count(gateway, "DELETE"), 0);
    assert_int_equal(stored_count(gateway, "GET /services?"), 0);
    assert_int_equal(stored_count(gateway, "GET /upstreams"), 1); /* or another one of the rows written last */
    assert_int_equal(stored_count(gateway, "GET /tags/mine"), 1);
    until(fixture, is_working);
    assert_true(log_has(fixture, "the gateway's database is read"));
}

/* What was sent before the gateway's schemas were known is compared by them later. */
static void a_second_reading_finds_no_drift_in_what_was_just_sent(void **state)
{
    struct fixture *fixture = *state;
    NEEDS_SERVER();
    sync_shop(fixture, &(struct how){.report = true});
    uint64_t readings = kong_session_counters(fixture->session).reads;

    kong_session_reread(fixture->session);
    while (kong_session_counters(fixture->session).reads == readings)
        loop_run_once(fixture->loop, true);

    assert_int_equal(kong_session_counters(fixture->session).drifted, 0);
    assert_int_equal(fixture->drifts, 0);
}

static void what_is_left_over_is_deleted_and_what_is_missing_made(void **state)
{
    struct fixture *fixture = *state;
    NEEDS_SERVER();
    sync_shop(fixture, &(struct how){.admin_only = true});
    stored_write(fixture->gateway, "POST", "/consumers", "{\"username\":\"old\",\"tags\":[\"mine\"]}");
    stored_write(fixture->gateway, "POST", "/consumers", "{\"username\":\"theirs\",\"tags\":[\"other\"]}");
    AUTO(text)
    char *target = xasprintf("/upstreams/%s/targets/%s", id_of(fixture, KONG_UPSTREAM, "u"),
                             id_of(fixture, KONG_TARGET, "u/10.0.0.1:80"));
    stored_write(fixture->gateway, "DELETE", target, NULL);
    AUTO(text)
    char *other = xasprintf("/upstreams/%s/targets/%s", id_of(fixture, KONG_UPSTREAM, "u"),
                            id_of(fixture, KONG_TARGET, "u/10.0.0.2:80"));
    stored_write(fixture->gateway, "PATCH", other, "{\"weight\":77}");
    close_session(fixture);

    sync_shop(fixture, &(struct how){0});

    assert_stored("SELECT string_agg(username, ',' ORDER BY username) FROM consumers", "bob,theirs");
    assert_stored("SELECT string_agg(target || '=' || weight, ',' ORDER BY target) FROM targets",
                  "10.0.0.1:80=1,10.0.0.2:80=100");
}

static void custom_entities_are_read_by_their_tables(void **state)
{
    struct fixture *fixture = *state;
    NEEDS_SERVER();
    static const char set[] = "{\"id\":\"00000000-0000-4000-8000-000000000191\",\"name\":\"set\",\"tags\":[\"mine\"]}";
    static const char key[] = "{\"id\":\"00000000-0000-4000-8000-0000000001a1\",\"name\":\"k\",\"kid\":\"k1\","
                              "\"set\":{\"id\":\"00000000-0000-4000-8000-000000000191\"},\"tags\":[\"mine\"],"
                              "\"pem\":{\"public_key\":\"-----BEGIN PUBLIC KEY-----\\n"
                              "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEIQ1nYriH9u/d0lzUr0z5IGWRp6yJ\\n"
                              "VIebiqAhlvCHs4YZIhDm3eRNaZdDXLipJ3GntocM2j1WU9PlNjDBs5cTTw==\\n"
                              "-----END PUBLIC KEY-----\\n\"}}";
    AUTO(text) char *seed = xasprintf("{\"key_sets\":[%s],\"keys\":[%s]}", set, key);
    struct err err = ERR_INIT;
    assert_int_equal(sandbox_seed(fixture->gateway->sandbox, seed, strlen(seed), &err), 0);
    stored_put(fixture->gateway, "/key-sets", set);
    stored_put(fixture->gateway, "/keys", key);
    open_session(fixture, &(struct how){0});
    /* held back, so that nothing is deleted before it was looked at */
    kong_session_permit_deletes(fixture->session, false);
    kong_session_complete(fixture->session);
    kong_session_start(fixture->session);
    while (database_facts(fixture->database).readings == 0)
        loop_run_once(fixture->loop, true);

    AUTO(text) char *text = mirror_text(fixture);
    assert_non_null(strstr(text, "keys "));
    assert_non_null(strstr(text, "\"set\":{\"id\":"));
    assert_int_equal(stored_count(fixture->gateway, "GET /keys?tags"), 0);
    assert_int_equal(stored_count(fixture->gateway, "GET /key-sets?size=1"), 1);
}

static void rows_that_cannot_be_read_are_asked_of_the_admin_api(void **state)
{
    struct fixture *fixture = *state;
    NEEDS_SERVER();
    sync_shop(fixture, &(struct how){.admin_only = true});
    close_session(fixture);
    sync_shop(fixture, &(struct how){.admin_only = true}); /* now it is read */
    AUTO(text) char *by_requests = mirror_text(fixture);
    close_session(fixture);
    postgres_sql(shared, "UPDATE plugins SET config = (repeat('[', 300) || repeat(']', 300))::jsonb");

    sync_shop(fixture, &(struct how){0});

    AUTO(text) char *text = mirror_text(fixture);
    assert_string_equal(text, by_requests);
    assert_int_equal(stored_count(fixture->gateway, "GET /plugins?tags=mine"), 1);
    assert_true(log_has(fixture, "column \\\"config\\\""));
    assert_false(fixture->works);
}

static void without_a_server_the_admin_api_is_asked(void **state)
{
    struct fixture *fixture = *state;
    NEEDS_SERVER();

    sync_shop(fixture, &(struct how){.dsn = "host=/there/is/none dbname=kong"});

    assert_int_equal(kong_session_counters(fixture->session).created, SHOP_ENTITIES);
    assert_true(log_has(fixture, "the Admin API is asked instead"));
    assert_false(fixture->works);
}

static void another_gateways_database_is_not_believed(void **state)
{
    struct fixture *fixture = *state;
    NEEDS_SERVER();
    sync_shop(fixture, &(struct how){.admin_only = true});
    close_session(fixture);
    /* a copy whose entities have the same names and ids, and were written at another time */
    postgres_sql(shared, "UPDATE services SET updated_at = updated_at - interval '1 hour', host = 'elsewhere';"
                         "UPDATE upstreams SET updated_at = updated_at - interval '1 hour';"
                         "UPDATE routes SET updated_at = updated_at - interval '1 hour';"
                         "UPDATE plugins SET updated_at = updated_at - interval '1 hour';"
                         "UPDATE consumers SET updated_at = updated_at - interval '1 hour'");

    sync_shop(fixture, &(struct how){0});

    assert_true(log_has(fixture, "it is not the gateway's, or lags behind"));
    assert_int_equal(stored_count(fixture->gateway, "PUT"), 0);
    assert_int_equal(stored_count(fixture->gateway, "GET /services?tags=mine"), 1);
}

static void an_empty_database_beside_a_full_gateway_is_not_believed(void **state)
{
    struct fixture *fixture = *state;
    NEEDS_SERVER();
    sync_shop(fixture, &(struct how){.admin_only = true});
    close_session(fixture);
    postgres_sql(shared, "TRUNCATE services, routes, upstreams, targets, consumers, plugins, sm_vaults, acls, "
                         "keyauth_credentials, tags CASCADE");

    sync_shop(fixture, &(struct how){0});

    assert_true(log_has(fixture, "the gateway says otherwise of entities with our tag"));
    assert_int_equal(stored_count(fixture->gateway, "POST"), 0);
}

static void a_reading_that_is_cut_by_a_stop_goes_on_with_the_next_start(void **state)
{
    struct fixture *fixture = *state;
    NEEDS_SERVER();
    sync_shop(fixture, &(struct how){.admin_only = true});
    close_session(fixture);
    open_session(fixture, &(struct how){0});
    want_shop(fixture);
    for (int turns = 1; turns < 40; turns++) { /* at whatever point */
        kong_session_start(fixture->session);
        for (int i = 0; i < turns; i++)
            loop_run_once(fixture->loop, true);
        kong_session_stop(fixture->session);
    }

    fixture->converged = false;
    kong_session_start(fixture->session);
    until(fixture, is_converged);

    assert_int_equal(stored_count(fixture->gateway, "POST"), 0);
    assert_int_equal(database_facts(fixture->database).troubles, 0);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(the_mirror_is_the_same_either_way),
        test(a_restart_asks_for_no_list_and_writes_nothing),
        test(a_second_reading_finds_no_drift_in_what_was_just_sent),
        test(what_is_left_over_is_deleted_and_what_is_missing_made),
        test(custom_entities_are_read_by_their_tables),
        test(rows_that_cannot_be_read_are_asked_of_the_admin_api),
        test(without_a_server_the_admin_api_is_asked),
        test(another_gateways_database_is_not_believed),
        test(an_empty_database_beside_a_full_gateway_is_not_believed),
        test(a_reading_that_is_cut_by_a_stop_goes_on_with_the_next_start),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
