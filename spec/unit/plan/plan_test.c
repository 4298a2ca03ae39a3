/* The order of operations, guards, deletes and the brake; no gateway is needed for that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "plan/report.h"

static int setup_serving(void **state)
{
    return setup_with(state, (struct kong_plan_options){.policy = KONG_POLICY_SYNC, .serve_unguarded = true});
}

static int setup_spreading(void **state)
{
    return setup_with(state, (struct kong_plan_options){.policy = KONG_POLICY_SYNC, .spread_ms = 5000});
}

static int setup_upsert_only(void **state)
{
    return setup_with(state, (struct kong_plan_options){.policy = KONG_POLICY_UPSERT_ONLY});
}

static struct kong_entity *upstream(const char *name)
{
    AUTO(text) char *text = xasprintf("{\"name\":\"%s\"}", name);
    return wanted(KONG_UPSTREAM, text, NULL);
}

static struct kong_entity *target(const char *of, const char *address)
{
    AUTO(text) char *text = xasprintf("{\"target\":\"%s\"}", address);
    return wanted(KONG_TARGET, text, of);
}

static struct kong_entity *route(const char *name, const char *of, const char *path)
{
    AUTO(text) char *text = xasprintf("{\"name\":\"%s\",\"paths\":[\"%s\"],\"protocols\":[\"http\"]}", name, path);
    return wanted(KONG_ROUTE, text, of);
}

static void want_chain(struct fixture *fixture)
{
    want(fixture, route("r", "s", "/"));
    want(fixture, service("s", "u"));
    want(fixture, target("u", "10.0.0.1:80"));
    want(fixture, upstream("u"));
    commit(fixture);
}

static void what_is_referred_to_comes_first(void **state)
{
    struct fixture *fixture = *state;
    want_chain(fixture);

    assert_run(fixture, "create upstream u; create target u/10.0.0.1:80; create service s; create route r");
    assert_int_equal(kong_plan_counters(fixture->plan).active, 0);
}

static void a_service_waits_for_the_targets_of_its_upstream(void **state)
{
    struct fixture *fixture = *state;
    struct kong_op upstream_op, target_op, service_op;
    want_chain(fixture);

    assert_next(fixture, "create upstream u", &upstream_op);
    assert_none(fixture);
    land(fixture, &upstream_op);
    assert_next(fixture, "create target u/10.0.0.1:80", &target_op);
    assert_none(fixture);
    land(fixture, &target_op);
    assert_next(fixture, "create service s", &service_op);
}

static void an_upstream_changes_when_its_new_targets_are_there(void **state)
{
    struct fixture *fixture = *state;
    want(fixture, upstream("u"));
    commit(fixture);
    free(run(fixture));

    want(fixture, wanted(KONG_UPSTREAM, "{\"name\":\"u\",\"algorithm\":\"least-connections\"}", NULL));
    want(fixture, target("u", "10.0.0.1:80"));
    want(fixture, target("u", "10.0.0.2:80"));
    commit(fixture);

    assert_run(fixture, "create target u/10.0.0.1:80; create target u/10.0.0.2:80; update upstream u");
}

static void what_is_as_wanted_already_is_left_alone(void **state)
{
    struct fixture *fixture = *state;
    want_chain(fixture);
    free(run(fixture));

    want_chain(fixture);

    assert_run(fixture, "");
}

static void one_change_is_one_operation(void **state)
{
    struct fixture *fixture = *state;
    want_chain(fixture);
    free(run(fixture));

    want(fixture, route("r", "s", "/new"));
    commit(fixture);

    assert_run(fixture, "update route r");
}

static void a_replaced_endpoint_is_there_before_the_old_one_goes(void **state)
{
    struct fixture *fixture = *state;
    want_chain(fixture);
    free(run(fixture));

    unwant(fixture, KONG_TARGET, "u/10.0.0.1:80");
    want(fixture, target("u", "10.0.0.2:80"));
    commit(fixture);

    assert_run(fixture, "create target u/10.0.0.2:80; delete target u/10.0.0.1:80");
}

static void a_service_moves_before_its_old_upstream_goes_with_its_targets(void **state)
{
    struct fixture *fixture = *state;
    want_chain(fixture);
    free(run(fixture));

    unwant(fixture, KONG_UPSTREAM, "u");
    unwant(fixture, KONG_TARGET, "u/10.0.0.1:80");
    want(fixture, upstream("v"));
    want(fixture, target("v", "10.0.0.2:80"));
    want(fixture, service("s", "v"));
    commit(fixture);

    assert_run(fixture, "create upstream v; create target v/10.0.0.2:80; update service s; delete upstream u");
    assert_int_equal(kong_plan_state(fixture->plan)->owned[KONG_TARGET], 1);
}

static void hold(struct fixture *fixture, enum kong_kind_id kind, const char *object)
{
    struct err err = ERR_INIT;
    AUTO(json) struct json *value = NULL;
    assert_int_equal(json_parse(object, strlen(object), &value, &err), 0);
    kong_plan_hold(fixture->plan, kong_kind_get(kind), value);
}

static char *body_text(struct fixture *fixture, const struct kong_op *op)
{
    AUTO(json) struct json *body = kong_op_body(kong_plan_state(fixture->plan), op);
    return json_print_text(body);
}

#define RANDOM_ID "11111111-2222-4333-8444-555555555555"

static void an_entity_of_the_same_name_is_updated_under_the_id_that_it_has(void **state)
{
    struct fixture *fixture = *state;
    struct kong_op op;
    hold(fixture, KONG_SERVICE, "{\"id\":\"" RANDOM_ID "\",\"name\":\"s\",\"host\":\"old\",\"tags\":[\"mine\"]}");
    want(fixture, service("s", "new"));
    commit(fixture);

    assert_next(fixture, "update service s", &op);
    AUTO(text) char *body = body_text(fixture, &op);

    assert_string_equal(op.item->actual->id, RANDOM_ID);
    assert_string_equal(body, "{\"host\":\"new\",\"name\":\"s\",\"tags\":[\"mine\"]}");
    land(fixture, &op);
    assert_none(fixture);
}

static void a_renewed_certificate_keeps_its_id(void **state)
{
    struct fixture *fixture = *state;
    struct kong_entity *old = wanted(KONG_CERTIFICATE, "{\"cert\":\"C1\",\"key\":\"K1\"}", NULL);
    struct kong_entity *renewed = wanted(KONG_CERTIFICATE, "{\"cert\":\"C2\",\"key\":\"K2\"}", NULL);
    AUTO(text) char *old_key = xstrdup(old->key);
    AUTO(text) char *key = xstrdup(renewed->key);
    memcpy(renewed->id, old->id, 37);
    want(fixture, wanted(KONG_SNI, "{\"name\":\"a.example.com\"}", old->key));
    want(fixture, old);
    commit(fixture);
    free(run(fixture));

    unwant(fixture, KONG_CERTIFICATE, old_key);
    want(fixture, renewed);
    want(fixture, wanted(KONG_SNI, "{\"name\":\"a.example.com\"}", key));
    commit(fixture);

    AUTO(text) char *expected = xasprintf("update certificate %s", key);
    assert_run(fixture, expected);
}

static void an_entity_of_others_is_never_touched(void **state)
{
    struct fixture *fixture = *state;
    hold(fixture, KONG_SERVICE, "{\"id\":\"" RANDOM_ID "\",\"name\":\"s\",\"host\":\"old\",\"tags\":[\"theirs\"]}");
    want(fixture, service("s", "new"));
    commit(fixture);

    assert_run(fixture, "");
    size_t count;
    struct problem **problems = kong_plan_problems(fixture->plan, &count);
    assert_int_equal(count, 1);
    assert_string_equal(problems[0]->code, "KongForeignOwner");
    problem_unref(problems[0]);
    free(problems);
}

static struct kong_entity *guarded_route(const char *path)
{
    struct kong_entity *entity = route("r", "s", path);
    guard(entity, "key-auth:route/r");
    return entity;
}

static void want_guarded(struct fixture *fixture)
{
    want(fixture, service("s", "h"));
    want(fixture, guarded_route("/"));
    want(fixture, wanted(KONG_PLUGIN, "{\"name\":\"key-auth\"}", ",r"));
    commit(fixture);
}

static void a_new_route_matches_nothing_until_its_guard_is_in_place(void **state)
{
    struct fixture *fixture = *state;
    struct kong_op op;
    want_guarded(fixture);

    assert_next(fixture, "create service s", &op);
    land(fixture, &op);
    assert_next(fixture, "park route r", &op);
    AUTO(text) char *body = body_text(fixture, &op);
    assert_non_null(strstr(body, ".parked.invalid"));
    assert_null(strstr(body, "paths"));
    assert_null(strstr(body, "service"));
    land(fixture, &op);

    assert_run(fixture, "create plugin key-auth:route/r; update route r");
}

static void pass(struct fixture *fixture, uint64_t milliseconds)
{
    fixture->now += milliseconds;
    kong_plan_wake(fixture->plan, fixture->now);
}

static void a_route_goes_live_when_all_nodes_know_its_guard(void **state)
{
    struct fixture *fixture = *state;
    want_guarded(fixture);

    assert_run(fixture, "create service s; park route r; create plugin key-auth:route/r");
    assert_int_equal(kong_plan_counters(fixture->plan).active, 1);
    assert_true(kong_plan_is_spreading(fixture->plan));
    assert_int_equal(kong_plan_wakes_at(fixture->plan), fixture->now + 5000);
    pass(fixture, 4999);
    assert_run(fixture, "");
    pass(fixture, 1);
    assert_run(fixture, "update route r");
    assert_int_equal(kong_plan_wakes_at(fixture->plan), 0);

    want(fixture, guarded_route("/elsewhere"));
    commit(fixture);
    assert_run(fixture, "update route r");
}

static void a_plugin_goes_when_all_nodes_know_the_one_in_its_place(void **state)
{
    struct fixture *fixture = *state;
    want_guarded(fixture);
    free(run(fixture));
    pass(fixture, 5000);
    free(run(fixture));

    struct kong_entity *same = route("r", "s", "/");
    guard(same, "jwt:route/r");
    want(fixture, same);
    want(fixture, wanted(KONG_PLUGIN, "{\"name\":\"jwt\"}", ",r"));
    unwant(fixture, KONG_PLUGIN, "key-auth:route/r");
    commit(fixture);

    assert_run(fixture, "create plugin jwt:route/r");
    pass(fixture, 5000);
    assert_run(fixture, "delete plugin key-auth:route/r");
}

static void a_route_with_plugins_is_withdrawn_before_it_goes(void **state)
{
    struct fixture *fixture = *state;
    want_guarded(fixture);
    want(fixture, route("bare", "s", "/bare"));
    commit(fixture);
    free(run(fixture));
    pass(fixture, 5000);
    free(run(fixture));

    unwant(fixture, KONG_ROUTE, "r");
    unwant(fixture, KONG_PLUGIN, "key-auth:route/r");
    unwant(fixture, KONG_ROUTE, "bare");
    commit(fixture);

    assert_run(fixture, "delete route bare; withdraw route r");
    assert_true(kong_plan_is_spreading(fixture->plan));
    pass(fixture, 4999);
    assert_run(fixture, "");
    pass(fixture, 1);
    assert_run(fixture, "delete route r");
    assert_null(kong_state_find(kong_plan_state(fixture->plan), KONG_PLUGIN, "key-auth:route/r"));
}

static void a_withdrawn_route_that_is_wanted_again_is_put_back(void **state)
{
    struct fixture *fixture = *state;
    want_guarded(fixture);
    free(run(fixture));
    pass(fixture, 5000);
    free(run(fixture));
    unwant(fixture, KONG_ROUTE, "r");
    unwant(fixture, KONG_PLUGIN, "key-auth:route/r");
    commit(fixture);
    assert_run(fixture, "withdraw route r");

    want_guarded(fixture);

    assert_run(fixture, "update route r");
    pass(fixture, 5000);
    assert_run(fixture, "");
}

static void a_parked_route_that_is_found_waits_as_if_its_guard_were_new(void **state)
{
    struct fixture *fixture = *state;
    hold(fixture, KONG_SERVICE, "{\"id\":\"" RANDOM_ID "\",\"name\":\"s\",\"host\":\"h\",\"tags\":[\"mine\"]}");
    hold(fixture, KONG_ROUTE,
         "{\"id\":\"11111111-1111-4111-8111-111111111111\",\"name\":\"r\",\"hosts\":[\"x.parked.invalid\"],\"tags\":["
         "\"mine\"]}");
    hold(fixture, KONG_PLUGIN,
         "{\"id\":\"22222222-2222-4222-8222-222222222222\",\"name\":\"key-auth\",\"tags\":[\"mine\"],"
         "\"route\":{\"id\":\"11111111-1111-4111-8111-111111111111\"}}");
    want_guarded(fixture);

    assert_run(fixture, "");
    pass(fixture, 5000);
    assert_run(fixture, "update route r");
}

static void a_refused_guard_withholds_its_route_and_nothing_else(void **state)
{
    struct fixture *fixture = *state;
    struct kong_op op;
    want_guarded(fixture);
    want(fixture, route("other", "s", "/other"));
    commit(fixture);
    bool other_landed = false;

    while (next(fixture, &op)) {
        other_landed = other_landed || is(&op, "create route other");
        if (op.item->kind->id == KONG_PLUGIN)
            kong_plan_refused(fixture->plan, &op, "KongRefused", "no", fixture->now);
        else
            land(fixture, &op);
    }

    assert_true(other_landed);
    assert_non_null(
        strstr(kong_state_find(kong_plan_state(fixture->plan), KONG_ROUTE, "r")->actual->text, "parked.invalid"));
    assert_string_equal(kong_state_find(kong_plan_state(fixture->plan), KONG_ROUTE, "r")->code, "RouteWithheld");

    fixture->now = kong_plan_wakes_at(fixture->plan);
    kong_plan_wake(fixture->plan, fixture->now);
    assert_run(fixture, "create plugin key-auth:route/r; update route r");
}

static void a_live_route_and_its_plugins_stay_when_its_new_guard_is_missing(void **state)
{
    struct fixture *fixture = *state;
    want_guarded(fixture);
    free(run(fixture));

    struct kong_entity *changed = route("r", "s", "/new");
    guard(changed, "jwt:route/r");
    unwant(fixture, KONG_PLUGIN, "key-auth:route/r");
    want(fixture, changed);
    commit(fixture);

    assert_run(fixture, "");
    assert_int_equal(kong_plan_counters(fixture->plan).withheld, 1);

    want(fixture, wanted(KONG_PLUGIN, "{\"name\":\"jwt\"}", ",r"));
    commit(fixture);
    assert_run(fixture, "create plugin jwt:route/r; update route r; delete plugin key-auth:route/r");
}

static void an_exchanged_plugin_leaves_no_moment_without_one(void **state)
{
    struct fixture *fixture = *state;
    want_guarded(fixture);
    free(run(fixture));

    struct kong_entity *same = route("r", "s", "/");
    guard(same, "jwt:route/r");
    want(fixture, same);
    want(fixture, wanted(KONG_PLUGIN, "{\"name\":\"jwt\"}", ",r"));
    unwant(fixture, KONG_PLUGIN, "key-auth:route/r");
    commit(fixture);

    assert_run(fixture, "create plugin jwt:route/r; delete plugin key-auth:route/r");
}

static void without_withholding_a_route_is_served_when_its_guard_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct kong_op op;
    want_guarded(fixture);
    bool live = false;

    while (next(fixture, &op)) {
        live = live || is(&op, "update route r");
        if (op.item->kind->id == KONG_PLUGIN)
            kong_plan_refused(fixture->plan, &op, "KongRefused", "no", fixture->now);
        else
            land(fixture, &op);
    }

    assert_true(live);
}

static void plugins_go_with_their_route_in_one_step(void **state)
{
    struct fixture *fixture = *state;
    want_guarded(fixture);
    free(run(fixture));

    unwant(fixture, KONG_PLUGIN, "key-auth:route/r");
    unwant(fixture, KONG_ROUTE, "r");
    unwant(fixture, KONG_SERVICE, "s");
    commit(fixture);

    assert_run(fixture, "delete route r; delete service s");
    for (int kind = 0; kind < KONG_KIND_COUNT; kind++)
        assert_int_equal(kong_plan_state(fixture->plan)->actuals[kind].count, 0);
}

static void a_moved_credential_is_saved_from_its_old_consumer(void **state)
{
    struct fixture *fixture = *state;
    want(fixture, wanted(KONG_CONSUMER, "{\"username\":\"a\"}", NULL));
    want(fixture, wanted(KONG_ACL, "{\"group\":\"g\"}", "a"));
    want(fixture, wanted(KONG_BASIC_AUTH, "{\"username\":\"login\",\"password\":\"p\"}", "a"));
    commit(fixture);
    free(run(fixture));

    unwant(fixture, KONG_CONSUMER, "a");
    unwant(fixture, KONG_ACL, "a/g");
    want(fixture, wanted(KONG_CONSUMER, "{\"username\":\"b\"}", NULL));
    want(fixture, wanted(KONG_BASIC_AUTH, "{\"username\":\"login\",\"password\":\"p\"}", "b"));
    commit(fixture);

    assert_run(fixture, "create consumer b; update basic_auth login; delete consumer a");
}

static void a_refused_entity_holds_up_only_what_depends_on_it(void **state)
{
    struct fixture *fixture = *state;
    struct kong_op op;
    want(fixture, service("bad", "h"));
    want(fixture, route("of-bad", "bad", "/bad"));
    want(fixture, service("good", "h"));
    want(fixture, route("of-good", "good", "/good"));
    commit(fixture);
    assert_next(fixture, "create service bad", &op);
    kong_plan_refused(fixture->plan, &op, "KongRefused", "no", fixture->now);

    assert_run(fixture, "create service good; create route of-good");
    assert_string_equal(kong_state_find(kong_plan_state(fixture->plan), KONG_ROUTE, "of-bad")->code,
                        "DanglingReference");

    want(fixture, service("bad", "better"));
    commit(fixture);
    assert_run(fixture, "create service bad; create route of-bad");
    size_t count;
    free(kong_plan_problems(fixture->plan, &count));
    assert_int_equal(count, 0);
}

static void retries_come_later_and_later(void **state)
{
    struct fixture *fixture = *state;
    struct kong_op op;
    uint64_t delays[3];
    want(fixture, service("bad", "h"));
    commit(fixture);

    for (size_t i = 0; i < 3; i++) {
        assert_next(fixture, "create service bad", &op);
        kong_plan_refused(fixture->plan, &op, "KongRefused", "no", fixture->now);
        delays[i] = kong_plan_wakes_at(fixture->plan) - fixture->now;
        fixture->now += delays[i];
        kong_plan_wake(fixture->plan, fixture->now);
    }

    assert_int_equal(delays[0], KONG_RETRY_MS);
    assert_int_equal(delays[2], 4 * KONG_RETRY_MS);
}

static void after_no_answer_it_is_read_first(void **state)
{
    struct fixture *fixture = *state;
    struct kong_op op;
    want(fixture, service("s", "h"));
    commit(fixture);
    assert_next(fixture, "create service s", &op);
    kong_plan_unsure(fixture->plan, &op);

    assert_next(fixture, "read service s", &op);
    kong_plan_found(fixture->plan, &op, NULL, fixture->now);

    assert_run(fixture, "create service s");
}

static void want_many(struct fixture *fixture, int count)
{
    for (int i = 0; i < count; i++) {
        AUTO(text) char *name = xasprintf("s%02d", i);
        want(fixture, service(name, "h"));
    }
    commit(fixture);
    free(run(fixture));
}

static void unwant_many(struct fixture *fixture, int from, int count)
{
    for (int i = from; i < from + count; i++) {
        AUTO(text) char *name = xasprintf("s%02d", i);
        unwant(fixture, KONG_SERVICE, name);
    }
    commit(fixture);
}

static void upsert_only_deletes_nothing(void **state)
{
    struct fixture *fixture = *state;
    want_many(fixture, 2);
    unwant_many(fixture, 0, 2);

    assert_run(fixture, "");
    assert_int_equal(kong_plan_state(fixture->plan)->owned[KONG_SERVICE], 2);
}

static void a_kind_that_the_gateway_lacks_is_a_problem_and_no_failure(void **state)
{
    struct fixture *fixture = *state;
    kong_plan_unsupported(fixture->plan, kong_kind_get(KONG_CONSUMER_GROUP), true);
    want(fixture, wanted(KONG_CONSUMER_GROUP, "{\"name\":\"gold\"}", NULL));
    want(fixture, wanted(KONG_CONSUMER, "{\"username\":\"a\"}", NULL));
    want(fixture, wanted(KONG_MEMBERSHIP, "{}", "gold,a"));
    commit(fixture);

    assert_run(fixture, "create consumer a");
    assert_string_equal(kong_state_find(kong_plan_state(fixture->plan), KONG_CONSUMER_GROUP, "gold")->code,
                        "KongUnsupported");
    assert_string_equal(kong_state_find(kong_plan_state(fixture->plan), KONG_MEMBERSHIP, "gold/a")->code,
                        "KongUnsupported");
}

static void an_unlisted_kind_loses_nothing(void **state)
{
    struct fixture *fixture = *state;
    bool listed[KONG_KIND_COUNT] = {false};
    want_many(fixture, 2);
    kong_plan_read_start(fixture->plan, false);
    kong_plan_read_done(fixture->plan, listed);
    commit(fixture);
    assert_run(fixture, "");

    listed[KONG_SERVICE] = true;
    kong_plan_read_start(fixture->plan, false);
    kong_plan_read_done(fixture->plan, listed);
    commit(fixture);
    assert_run(fixture, "create service s00; create service s01");
}

static void a_report_names_operations_and_fields(void **state)
{
    struct fixture *fixture = *state;
    AUTO(buf) struct buf text = BUF_OWN;
    AUTO(buf) struct buf json = BUF_OWN;
    want_many(fixture, 2);
    want(fixture, service("s00", "moved"));
    want(fixture, service("new", "h"));
    unwant_many(fixture, 1, 1);

    kong_report_text(fixture->plan, false, &text);
    kong_report_json(fixture->plan, &json);

    assert_string_equal(text.data,
                        "create service new\nupdate service s00\n  host: \"h\" -> \"moved\"\n"
                        "delete service s01\nsummary: 1 to create, 1 to update, 1 to delete, withheld 0, held 0\n");
    assert_non_null(strstr(json.data, "\"summary\""));
    assert_int_equal(kong_report_count(fixture->plan), 3);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(what_is_referred_to_comes_first),
        test(a_service_waits_for_the_targets_of_its_upstream),
        test(an_upstream_changes_when_its_new_targets_are_there),
        test(what_is_as_wanted_already_is_left_alone),
        test(one_change_is_one_operation),
        test(a_replaced_endpoint_is_there_before_the_old_one_goes),
        test(a_service_moves_before_its_old_upstream_goes_with_its_targets),
        test(an_entity_of_the_same_name_is_updated_under_the_id_that_it_has),
        test(a_renewed_certificate_keeps_its_id),
        test(an_entity_of_others_is_never_touched),
        test(a_new_route_matches_nothing_until_its_guard_is_in_place),
        cmocka_unit_test_setup_teardown(a_route_goes_live_when_all_nodes_know_its_guard, setup_spreading, teardown),
        cmocka_unit_test_setup_teardown(a_plugin_goes_when_all_nodes_know_the_one_in_its_place, setup_spreading,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_route_with_plugins_is_withdrawn_before_it_goes, setup_spreading, teardown),
        cmocka_unit_test_setup_teardown(a_withdrawn_route_that_is_wanted_again_is_put_back, setup_spreading, teardown),
        cmocka_unit_test_setup_teardown(a_parked_route_that_is_found_waits_as_if_its_guard_were_new, setup_spreading,
                                        teardown),
        test(a_refused_guard_withholds_its_route_and_nothing_else),
        test(a_live_route_and_its_plugins_stay_when_its_new_guard_is_missing),
        test(an_exchanged_plugin_leaves_no_moment_without_one),
        cmocka_unit_test_setup_teardown(without_withholding_a_route_is_served_when_its_guard_is_refused, setup_serving,
                                        teardown),
        test(plugins_go_with_their_route_in_one_step),
        test(a_moved_credential_is_saved_from_its_old_consumer),
        test(a_refused_entity_holds_up_only_what_depends_on_it),
        test(retries_come_later_and_later),
        test(after_no_answer_it_is_read_first),
        cmocka_unit_test_setup_teardown(upsert_only_deletes_nothing, setup_upsert_only, teardown),
        test(a_kind_that_the_gateway_lacks_is_a_problem_and_no_failure),
        test(an_unlisted_kind_loses_nothing),
        test(a_report_names_operations_and_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
