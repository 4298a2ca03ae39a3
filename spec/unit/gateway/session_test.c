/* A session against an Admin API on a real socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "session_fixture.h"
#include "wanted.h"

#define RANDOM_ID "11111111-2222-4333-8444-555555555555"

static int setup(void **state)
{
    *state = fixture_new();
    return 0;
}

static void want(struct fixture *fixture, struct kong_entity *entity)
{
    kong_session_want(fixture->session, entity->kind, entity->key, entity);
    kong_entity_unref(entity);
}

static void want_shop(struct fixture *fixture, const char *path)
{
    AUTO(text) char *route = xasprintf("{\"name\":\"r\",\"paths\":[\"%s\"],\"protocols\":[\"http\"]}", path);
    want(fixture, wanted(KONG_UPSTREAM, "{\"name\":\"u\"}", NULL));
    want(fixture, wanted(KONG_TARGET, "{\"target\":\"10.0.0.1:80\",\"weight\":1}", "u"));
    want(fixture, wanted(KONG_SERVICE, "{\"name\":\"s\",\"host\":\"u\"}", NULL));
    struct kong_entity *guarded = wanted(KONG_ROUTE, route, "s");
    guarded->guards = xcalloc(1, sizeof(char *));
    guarded->guards[guarded->guard_count++] = xstrdup("key-auth:route/r");
    want(fixture, guarded);
    want(fixture, wanted(KONG_PLUGIN, "{\"name\":\"key-auth\"}", ",r"));
    want(fixture, wanted(KONG_CONSUMER, "{\"username\":\"alice\"}", NULL));
    want(fixture, wanted(KONG_KEY_AUTH, "{\"key\":\"k1\"}", "alice"));
    kong_session_commit(fixture->session);
}

static void sync_all(struct fixture *fixture)
{
    kong_session_complete(fixture->session);
    kong_session_start(fixture->session);
    run_until(fixture, true);
}

static void a_first_sync_sends_all_and_then_is_silent(void **state)
{
    struct fixture *fixture = *state;
    want_shop(fixture, "/");

    sync_all(fixture);

    assert_int_equal(fixture->kong->entities.count, 7);
    assert_int_equal(count_lines(fixture, "POST "), 7);
    assert_int_equal(count_lines(fixture, "PUT "), 1); /* the parked route goes live */
    const struct json *route = fake_find(fixture->kong, "routes", "r");
    AUTO(text) char *text = json_print_text(json_find(route, "paths"));
    assert_string_equal(text, "[\"/\"]");
    assert_true(fake_has_tag(route, "mine"));
    assert_int_equal(kong_session_counters(fixture->session).created, 7);
    assert_true(kong_session_counters(fixture->session).last_success > 0);
}

static void it_is_not_idle_before_a_guarded_route_is_live(void **state)
{
    struct fixture *fixture = *state;
    kong_plan_set_spread(kong_session_plan(fixture->session), 40);
    want_shop(fixture, "/");
    kong_session_complete(fixture->session);
    kong_session_start(fixture->session);

    run_until(fixture, false); /* up to the first time that it is idle */

    assert_true(fixture->converged);
    assert_non_null(json_find(fake_find(fixture->kong, "routes", "r"), "paths"));
}

static void waiting_for_nodes_to_learn_of_a_plugin_is_no_work(void **state)
{
    struct fixture *fixture = *state;
    kong_plan_set_spread(kong_session_plan(fixture->session), 3600000);
    want_shop(fixture, "/");
    kong_session_complete(fixture->session);
    kong_session_start(fixture->session);
    assert_true(kong_session_has_work(fixture->session));

    while (kong_session_has_work(fixture->session))
        loop_run_once(fixture->loop, true);

    assert_false(fixture->idle);
    assert_int_equal(count_lines(fixture, "POST "), 7);
    assert_null(json_find(fake_find(fixture->kong, "routes", "r"), "paths"));
}

static void nothing_is_written_before_all_that_is_wanted_is_known(void **state)
{
    struct fixture *fixture = *state;
    fake_seed(fixture->kong, "services",
              "{\"id\":\"" RANDOM_ID "\",\"name\":\"old\",\"host\":\"h\",\"tags\":[\"mine\"]}");
    want_shop(fixture, "/");
    kong_session_start(fixture->session);
    while (count_lines(fixture, "GET /upstreams") == 0 || count_lines(fixture, "GET /vaults") == 0)
        loop_run_once(fixture->loop, true);

    assert_int_equal(count_lines(fixture, "GET "), kong_session_counters(fixture->session).requests.gets);
    assert_int_equal(kong_session_counters(fixture->session).requests.posts, 0);
    kong_session_complete(fixture->session);
    run_until(fixture, true);
    assert_null(fake_find(fixture->kong, "services", RANDOM_ID));
}

static void a_restart_on_an_equal_state_writes_nothing(void **state)
{
    struct fixture *fixture = *state;
    want_shop(fixture, "/");
    sync_all(fixture);
    restart(fixture, KONG_POLICY_SYNC);
    fixture->kong->page = 2;
    want_shop(fixture, "/");

    sync_all(fixture);

    assert_int_equal(count_lines(fixture, "GET "), strlen(buf_text(&fixture->kong->log)) > 0
                                                       ? kong_session_counters(fixture->session).requests.gets
                                                       : 0);
    assert_int_equal(kong_session_counters(fixture->session).requests.puts, 0);
    assert_int_equal(kong_session_counters(fixture->session).requests.posts, 0);
    assert_int_equal(count_lines(fixture, "GET /upstreams/"), 0); /* no request per upstream */
}

static void one_changed_route_is_one_put_and_no_read(void **state)
{
    struct fixture *fixture = *state;
    want_shop(fixture, "/");
    sync_all(fixture);
    buf_clear(&fixture->kong->log);

    want_shop(fixture, "/new");
    run_until(fixture, true);

    AUTO(text)
    char *expected = xasprintf("PUT /routes/%s\n", json_find_text(fake_find(fixture->kong, "routes", "r"), "id"));
    assert_string_equal(buf_text(&fixture->kong->log), expected);
}

static void one_changed_endpoint_is_two_requests(void **state)
{
    struct fixture *fixture = *state;
    want_shop(fixture, "/");
    sync_all(fixture);
    buf_clear(&fixture->kong->log);

    kong_session_want(fixture->session, kong_kind_get(KONG_TARGET), "u/10.0.0.1:80", NULL);
    want(fixture, wanted(KONG_TARGET, "{\"target\":\"10.0.0.2:80\",\"weight\":1}", "u"));
    kong_session_commit(fixture->session);
    run_until(fixture, true);

    assert_int_equal(count_lines(fixture, ""), 2);
    assert_true(strncmp(buf_text(&fixture->kong->log), "POST /upstreams/", 16) == 0);
    assert_int_equal(count_lines(fixture, "DELETE /upstreams/"), 1);
}

static void a_stray_target_is_found_and_removed(void **state)
{
    struct fixture *fixture = *state;
    want_shop(fixture, "/");
    sync_all(fixture);
    AUTO(text)
    char *stray = xasprintf("{\"id\":\"" RANDOM_ID
                            "\",\"target\":\"10.9.9.9:80\",\"tags\":[\"mine\"],\"upstream\":{\"id\":\"%s\"}}",
                            json_find_text(fake_find(fixture->kong, "upstreams", "u"), "id"));
    fake_seed(fixture->kong, "targets", stray);
    restart(fixture, KONG_POLICY_SYNC);
    want_shop(fixture, "/");

    sync_all(fixture);

    assert_null(fake_find(fixture->kong, "targets", RANDOM_ID));
    assert_int_equal(kong_session_counters(fixture->session).deleted, 1);
}

static void an_entity_that_is_not_ours_is_reported_and_left_alone(void **state)
{
    struct fixture *fixture = *state;
    char same[37];
    kong_kind_make_id(kong_kind_get(KONG_CONSUMER), NULL, "alice", same);
    AUTO(text) char *alice = xasprintf("{\"id\":\"%s\",\"username\":\"alice\",\"tags\":[\"theirs\"]}", same);
    fake_seed(fixture->kong, "services", "{\"id\":\"" RANDOM_ID "\",\"name\":\"s\",\"host\":\"theirs\"}");
    fake_seed(fixture->kong, "consumers", alice);
    want_shop(fixture, "/");
    kong_session_complete(fixture->session);
    kong_session_start(fixture->session);

    run_until(fixture, false);

    assert_string_equal(json_find_text(fake_find(fixture->kong, "services", "s"), "host"), "theirs");
    assert_true(fake_has_tag(fake_find(fixture->kong, "consumers", "alice"), "theirs"));
    size_t count, foreign = 0;
    struct problem **problems = kong_plan_problems(kong_session_plan(fixture->session), &count);
    for (size_t i = 0; i < count; i++) {
        foreign += strcmp(problems[i]->code, "KongForeignOwner") == 0;
        problem_unref(problems[i]);
    }
    free(problems);
    assert_int_equal(foreign, 2);
    assert_false(fixture->converged);
}

static void one_of_ours_that_was_not_known_is_taken_over_with_its_id(void **state)
{
    struct fixture *fixture = *state;
    want_shop(fixture, "/");
    sync_all(fixture);
    fake_seed(fixture->kong, "services",
              "{\"id\":\"" RANDOM_ID "\",\"name\":\"late\",\"host\":\"h\",\"tags\":[\"mine\"]}");

    want(fixture, wanted(KONG_SERVICE, "{\"name\":\"late\",\"host\":\"new\"}", NULL));
    kong_session_commit(fixture->session);
    run_until(fixture, true);

    assert_string_equal(json_find_text(fake_find(fixture->kong, "services", "late"), "id"), RANDOM_ID);
    assert_string_equal(json_find_text(fake_find(fixture->kong, "services", "late"), "host"), "new");
}

static void a_refused_entity_does_not_delay_the_others(void **state)
{
    struct fixture *fixture = *state;
    fixture->kong->refuse = "poison";
    want(fixture, wanted(KONG_SERVICE, "{\"name\":\"bad\",\"host\":\"poison\"}", NULL));
    want_shop(fixture, "/");
    kong_session_complete(fixture->session);
    kong_session_start(fixture->session);

    run_until(fixture, false);

    assert_int_equal(fixture->kong->entities.count, 7);
    size_t count;
    struct problem **problems = kong_plan_problems(kong_session_plan(fixture->session), &count);
    assert_int_equal(count, 1);
    assert_string_equal(problems[0]->code, "KongRefused");
    assert_non_null(strstr(problems[0]->text, "schema violation (host: bad)"));
    problem_unref(problems[0]);
    free(problems);
}

static void an_outage_is_waited_out(void **state)
{
    struct fixture *fixture = *state;
    fixture->kong->fail_status = 503;
    fixture->kong->fail_count = 3;
    want_shop(fixture, "/");

    sync_all(fixture);

    assert_true(fixture->lost >= 1);
    assert_int_equal(fixture->kong->entities.count, 7);
}

static void what_got_no_answer_is_read_before_it_is_sent_again(void **state)
{
    struct fixture *fixture = *state;
    fixture->kong->drop_writes =
        true; /* the HTTP client sends once more by itself when a kept connection turns out dead */
    want(fixture, wanted(KONG_SERVICE, "{\"name\":\"s\",\"host\":\"h\"}", NULL));

    sync_all(fixture);

    AUTO(text)
    char *last = xasprintf("\nGET /services/%s\n", json_find_text(fake_find(fixture->kong, "services", "s"), "id"));
    const char *read = strstr(buf_text(&fixture->kong->log), last);
    assert_non_null(read);
    assert_string_equal(read, last);
    assert_int_equal(fixture->kong->entities.count, 1);
}

static void an_entity_that_breaks_the_gateway_is_set_aside(void **state)
{
    struct fixture *fixture = *state;
    fixture->kong->fail_on = "poison";
    want(fixture, wanted(KONG_SERVICE, "{\"name\":\"bad\",\"host\":\"poison\"}", NULL));
    want_shop(fixture, "/");
    kong_session_complete(fixture->session);
    kong_session_start(fixture->session);

    run_until(fixture, false);

    assert_int_equal(fixture->kong->entities.count, 7);
    assert_string_equal(
        kong_state_find(kong_plan_state(kong_session_plan(fixture->session)), KONG_SERVICE, "bad")->code,
        "KongUnavailable");
}

static void another_gateway_takes_over(void **state)
{
    struct fixture *fixture = *state;
    const char *const urls[] = {"http://127.0.0.1:1", fixture->kong->url};
    kong_gateways_set(fixture->gateways, urls, 2);
    want_shop(fixture, "/");

    sync_all(fixture);

    assert_int_equal(fixture->kong->entities.count, 7);
}

static void a_stop_cuts_what_is_under_way_and_a_start_goes_on(void **state)
{
    struct fixture *fixture = *state;
    want_shop(fixture, "/");
    kong_session_complete(fixture->session);
    kong_session_start(fixture->session);
    while (kong_session_counters(fixture->session).requests.posts == 0)
        loop_run_once(fixture->loop, true);
    kong_session_stop(fixture->session);
    uint64_t sent = kong_session_counters(fixture->session).requests.posts;
    want_shop(fixture, "/changed");

    kong_session_start(fixture->session);
    run_until(fixture, true);

    assert_true(sent > 0);
    assert_int_equal(fixture->kong->entities.count, 7);
    AUTO(text) char *text = json_print_text(json_find(fake_find(fixture->kong, "routes", "r"), "paths"));
    assert_string_equal(text, "[\"/changed\"]");
}

static void drift_is_set_right(void **state)
{
    struct fixture *fixture = *state;
    want_shop(fixture, "/");
    sync_all(fixture);
    json_set_text(fake_find(fixture->kong, "services", "s"), "host", "drifted");
    json_set_number(fake_find(fixture->kong, "targets", "10.0.0.1:80"), "weight", 77);

    kong_session_reread(fixture->session);
    run_until(fixture, true);

    assert_string_equal(json_find_text(fake_find(fixture->kong, "services", "s"), "host"), "u");
    assert_int_equal(json_integer(json_find(fake_find(fixture->kong, "targets", "10.0.0.1:80"), "weight"), 0), 1);
    assert_int_equal(kong_session_counters(fixture->session).drifted, 2);
}

/* By and by: a reading that looked at the targets of all upstreams would take too long. */
static void readings_for_drift_take_turns_with_targets(void **state)
{
    enum { UPSTREAMS = KONG_VERIFY_UPSTREAMS + 50 };
    struct fixture *fixture = *state;
    for (int i = 0; i < UPSTREAMS; i++) {
        AUTO(text) char *name = xasprintf("u%d", i), *upstream = xasprintf("{\"name\":\"u%d\"}", i);
        AUTO(text) char *target = xasprintf("{\"target\":\"10.0.%d.%d:80\",\"weight\":1}", i / 250, i % 250);
        want(fixture, wanted(KONG_UPSTREAM, upstream, NULL));
        want(fixture, wanted(KONG_TARGET, target, name));
    }
    sync_all(fixture);
    for (int i = 0; i < UPSTREAMS; i++) {
        AUTO(text) char *target = xasprintf("10.0.%d.%d:80", i / 250, i % 250);
        json_set_number(fake_find(fixture->kong, "targets", target), "weight", 77);
    }
    buf_clear(&fixture->kong->log);
    uint64_t reads = kong_session_counters(fixture->session).reads;

    kong_session_set_reread(fixture->session, 1);
    while (kong_session_counters(fixture->session).reads == reads)
        loop_run_once(fixture->loop, true);
    assert_int_equal(count_lines(fixture, "GET /upstreams/"), KONG_VERIFY_UPSTREAMS);
    assert_int_equal(kong_session_counters(fixture->session).drifted, KONG_VERIFY_UPSTREAMS);
    while (kong_session_counters(fixture->session).drifted < UPSTREAMS)
        loop_run_once(fixture->loop, true);
    kong_session_set_reread(fixture->session, 0);
    run_until(fixture, true);

    assert_int_equal(json_integer(json_find(fake_find(fixture->kong, "targets", "10.0.0.7:80"), "weight"), 0), 1);
}

static void on_drained(void *user)
{
    struct fixture *fixture = user;
    fixture->drained = true;
    loop_stop(fixture->loop);
}

static void a_drain_lets_what_is_under_way_end_and_starts_nothing(void **state)
{
    struct fixture *fixture = *state;
    want_shop(fixture, "/");
    kong_session_complete(fixture->session);
    kong_session_start(fixture->session);
    while (kong_session_counters(fixture->session).requests.posts == 0)
        loop_run_once(fixture->loop, true);
    uint64_t sent = kong_session_counters(fixture->session).requests.posts;

    kong_session_drain(fixture->session, on_drained, fixture);
    run_until(fixture, true);

    assert_true(fixture->drained);
    assert_true(sent < 7);
    assert_int_equal(kong_session_counters(fixture->session).created, sent);
    assert_int_equal(fixture->kong->entities.count, sent);
}

static void nothing_is_sent_while_it_may_not_write(void **state)
{
    struct fixture *fixture = *state;
    want_shop(fixture, "/");
    fixture->may_not_write = true;
    kong_session_complete(fixture->session);
    kong_session_start(fixture->session);
    run_until(fixture, false);
    uint64_t before = kong_session_counters(fixture->session).requests.posts;

    fixture->may_not_write = false;
    kong_session_commit(fixture->session);
    run_until(fixture, true);

    assert_int_equal(before, 0);
    assert_int_equal(fixture->kong->entities.count, 7);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_first_sync_sends_all_and_then_is_silent),
        test(it_is_not_idle_before_a_guarded_route_is_live),
        test(waiting_for_nodes_to_learn_of_a_plugin_is_no_work),
        test(nothing_is_written_before_all_that_is_wanted_is_known),
        test(a_restart_on_an_equal_state_writes_nothing),
        test(one_changed_route_is_one_put_and_no_read),
        test(one_changed_endpoint_is_two_requests),
        test(a_stray_target_is_found_and_removed),
        test(an_entity_that_is_not_ours_is_reported_and_left_alone),
        test(one_of_ours_that_was_not_known_is_taken_over_with_its_id),
        test(a_refused_entity_does_not_delay_the_others),
        test(an_outage_is_waited_out),
        test(what_got_no_answer_is_read_before_it_is_sent_again),
        test(an_entity_that_breaks_the_gateway_is_set_aside),
        test(another_gateway_takes_over),
        test(a_stop_cuts_what_is_under_way_and_a_start_goes_on),
        test(drift_is_set_right),
        test(readings_for_drift_take_turns_with_targets),
        test(a_drain_lets_what_is_under_way_end_and_starts_nothing),
        test(nothing_is_sent_while_it_may_not_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
