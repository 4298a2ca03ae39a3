/* Custom entities: types learnt from a gateway on a real socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "plan/report.h"
#include "session_fixture.h"
#include "wanted.h"

#define RANDOM_ID "11111111-2222-4333-8444-555555555555"

#define TAGGED_SCHEMA                                                                                                  \
    "\"fields\":[{\"id\":{\"type\":\"string\",\"auto\":true}},{\"name\":{\"type\":\"string\"}},"                       \
    "{\"set\":{\"type\":\"foreign\",\"reference\":\"key_sets\"}},"                                                     \
    "{\"owner\":{\"type\":\"foreign\",\"reference\":\"services\",\"on_delete\":\"cascade\"}},"                         \
    "{\"weight\":{\"type\":\"integer\",\"default\":5}},{\"tags\":{\"type\":\"set\"}}]"
#define PLAIN_SCHEMA "\"fields\":[{\"id\":{\"type\":\"string\",\"auto\":true}},{\"session_id\":{\"type\":\"string\"}}]"

static int setup(void **state)
{
    struct fixture *fixture = fixture_new();
    fake_seed(fixture->kong, "schemas", "{\"id\":\"widget_sets\"," TAGGED_SCHEMA "}");
    fake_seed(fixture->kong, "schemas", "{\"id\":\"widgets\"," TAGGED_SCHEMA "}");
    fake_seed(fixture->kong, "schemas", "{\"id\":\"sessions\"," PLAIN_SCHEMA "}");
    *state = fixture;
    return 0;
}

static void sync_until(struct fixture *fixture, bool converged)
{
    kong_session_commit(fixture->session);
    kong_session_complete(fixture->session);
    kong_session_start(fixture->session);
    run_until(fixture, converged);
}

static size_t writes(const struct fixture *fixture)
{
    struct kong_admin_counters counters = kong_session_counters(fixture->session).requests;
    return counters.posts + counters.puts + counters.patches + counters.deletes;
}

/* `service`: natural key of the service that it is linked to, or NULL. */
static void want(struct fixture *fixture, const char *type, const char *name, const char *text, const char *service)
{
    const char *foreign[KONG_FOREIGN_MAX] = {service};
    struct kong_entity *entity = kong_entity_new(kong_kind_get(KONG_CUSTOM));
    struct err err = ERR_INIT;
    struct json *fields = NULL;
    assert_int_equal(json_parse(text, strlen(text), &fields, &err), 0);
    entity->key = kong_custom_key(type, name, foreign);
    entity->text = json_print_text(fields);
    entity->foreign_keys[0] = xstrdup(service);
    entity->id = xcalloc(1, 37);
    const char *given = json_find_text(fields, "id");
    if (given != NULL)
        memcpy(entity->id, given, 37);
    else
        kong_kind_make_id(entity->kind, NULL, entity->key, entity->id);
    kong_session_want(fixture->session, entity->kind, entity->key, entity);
    json_free(fields);
    kong_entity_unref(entity);
}

static void withdraw(struct fixture *fixture, const char *type, const char *name, const char *service)
{
    const char *foreign[KONG_FOREIGN_MAX] = {service};
    AUTO(text) char *key = kong_custom_key(type, name, foreign);
    kong_session_want(fixture->session, kong_kind_get(KONG_CUSTOM), key, NULL);
}

static void want_service(struct fixture *fixture)
{
    struct kong_entity *service = wanted(KONG_SERVICE, "{\"name\":\"s\",\"host\":\"h\"}", NULL);
    kong_session_want(fixture->session, service->kind, service->key, service);
    kong_entity_unref(service);
}

static char *only_problem(struct fixture *fixture)
{
    size_t count;
    struct problem **problems = kong_plan_problems(kong_session_plan(fixture->session), &count);
    char *code = xstrdup(count == 1 ? problems[0]->code : count == 0 ? "none" : "several");
    for (size_t i = 0; i < count; i++)
        problem_unref(problems[i]);
    free(problems);
    return code;
}

static void an_entity_is_made_with_our_tag_and_the_id_of_what_it_is_linked_to(void **state)
{
    struct fixture *fixture = *state;
    want_service(fixture);
    want(fixture, "widget_sets", "a/x", "{\"name\":\"x\"}", "s");

    sync_until(fixture, true);

    const struct json *set = fake_find(fixture->kong, "widget-sets", "x");
    const struct json *service = fake_find(fixture->kong, "services", "s");
    assert_non_null(set);
    assert_true(fake_has_tag(set, "mine"));
    assert_string_equal(json_text(json_find_path(set, "owner.id")), json_find_text(service, "id"));
}

static void a_restart_on_equal_entities_writes_nothing(void **state)
{
    struct fixture *fixture = *state;
    want_service(fixture);
    want(fixture, "widget_sets", "a/x", "{\"name\":\"x\"}", "s");
    want(fixture, "sessions", "a/y", "{\"session_id\":\"1\"}", NULL);
    sync_until(fixture, true);
    restart(fixture, KONG_POLICY_SYNC);
    want_service(fixture);
    want(fixture, "widget_sets", "a/x", "{\"name\":\"x\",\"weight\":5}", "s");
    want(fixture, "sessions", "a/y", "{\"session_id\":\"1\"}", NULL);

    sync_until(fixture, true);

    assert_int_equal(writes(fixture), 0);
}

static void a_dry_run_sees_that_nothing_has_to_be_done(void **state)
{
    struct fixture *fixture = *state;
    want(fixture, "widgets", "a/x", "{\"name\":\"x\"}", NULL);
    want(fixture, "sessions", "a/y", "{\"session_id\":\"1\"}", NULL);
    sync_until(fixture, true);
    restart(fixture, KONG_POLICY_OBSERVE);
    want(fixture, "widgets", "a/x", "{\"name\":\"x\"}", NULL);
    want(fixture, "sessions", "a/y", "{\"session_id\":\"1\"}", NULL);

    sync_until(fixture, true);

    assert_int_equal(kong_report_count(kong_session_plan(fixture->session)), 0);
}

static void a_type_that_the_gateway_lacks_is_told_and_not_sent(void **state)
{
    struct fixture *fixture = *state;
    want(fixture, "nowhere", "a/x", "{\"name\":\"x\"}", NULL);

    sync_until(fixture, false);

    AUTO(text) char *code = only_problem(fixture);
    assert_string_equal(code, "KongUnsupported");
    assert_int_equal(writes(fixture), 0);
}

static void what_nobody_wants_any_more_is_found_by_its_tag(void **state)
{
    struct fixture *fixture = *state;
    fake_seed(fixture->kong, "widgets", "{\"id\":\"" RANDOM_ID "\",\"name\":\"old\",\"tags\":[\"mine\"]}");

    sync_until(fixture, true);

    assert_null(fake_find(fixture->kong, "widgets", RANDOM_ID));
}

static void a_foreign_entity_of_a_wanted_type_stays(void **state) /* P3 */
{
    struct fixture *fixture = *state;
    fake_seed(fixture->kong, "widgets", "{\"id\":\"" RANDOM_ID "\",\"name\":\"x\",\"tags\":[\"theirs\"]}");
    want(fixture, "widgets", "a/x", "{\"name\":\"x\"}", NULL);

    sync_until(fixture, false);

    assert_string_equal(json_find_text(fake_find(fixture->kong, "widgets", "x"), "id"), RANDOM_ID);
    assert_int_equal(count_lines(fixture, "PUT "), 0);
}

static void an_untagged_entity_goes_while_it_is_known_who_made_it(void **state)
{
    struct fixture *fixture = *state;
    want(fixture, "sessions", "a/y", "{\"session_id\":\"1\"}", NULL);
    sync_until(fixture, true);

    withdraw(fixture, "sessions", "a/y", NULL);
    kong_session_commit(fixture->session);
    run_until(fixture, true);

    assert_int_equal(count_lines(fixture, "DELETE /sessions/"), 1);
}

static void an_untagged_entity_of_an_earlier_process_is_never_deleted(void **state) /* P4 */
{
    struct fixture *fixture = *state;
    want(fixture, "sessions", "a/y", "{\"session_id\":\"1\"}", NULL);
    sync_until(fixture, true);
    restart(fixture, KONG_POLICY_SYNC);
    want(fixture, "sessions", "a/y", "{\"session_id\":\"1\"}", NULL);
    sync_until(fixture, true);

    withdraw(fixture, "sessions", "a/y", NULL);
    kong_session_commit(fixture->session);
    run_until(fixture, true);

    assert_int_equal(writes(fixture), 0);
}

static void a_chosen_id_does_not_make_an_untagged_entity_ours(void **state) /* P3 */
{
    struct fixture *fixture = *state;
    fake_seed(fixture->kong, "sessions", "{\"id\":\"" RANDOM_ID "\",\"session_id\":\"theirs\"}");
    want(fixture, "sessions", "a/y", "{\"id\":\"" RANDOM_ID "\",\"session_id\":\"1\"}", NULL);

    sync_until(fixture, false);

    AUTO(text) char *code = only_problem(fixture);
    assert_string_equal(code, "KongForeignOwner");
    assert_int_equal(writes(fixture), 0);
}

static void a_type_that_comes_up_later_is_read_by_itself(void **state)
{
    struct fixture *fixture = *state;
    want_service(fixture);
    sync_until(fixture, true);
    buf_clear(&fixture->kong->log);

    want(fixture, "widgets", "a/x", "{\"name\":\"x\"}", "s");
    kong_session_commit(fixture->session);
    run_until(fixture, true);

    assert_non_null(fake_find(fixture->kong, "widgets", "x"));
    assert_int_equal(count_lines(fixture, "GET /services"), 0);
    assert_int_equal(count_lines(fixture, "GET /schemas/widgets"), 1);
}

static void while_somebody_asks_for_a_type_none_of_it_is_deleted(void **state) /* P4 */
{
    struct fixture *fixture = *state;
    fake_seed(fixture->kong, "widgets", "{\"id\":\"" RANDOM_ID "\",\"name\":\"old\",\"tags\":[\"mine\"]}");
    want(fixture, "widgets", KONG_CUSTOM_QUESTION, "{}", NULL);
    kong_session_complete(fixture->session);
    kong_session_start(fixture->session);
    while (fixture->reads == 0)
        loop_run_once(fixture->loop, true);
    for (int turn = 0; turn < 20; turn++)
        loop_run_once(fixture->loop, false);
    bool idle_before = fixture->idle;
    AUTO(json) struct json *types = kong_session_types(fixture->session);

    withdraw(fixture, "widgets", KONG_CUSTOM_QUESTION, NULL);
    want(fixture, "widgets", "a/x", "{\"id\":\"" RANDOM_ID "\",\"name\":\"old\"}", NULL);
    kong_session_commit(fixture->session);
    run_until(fixture, true);

    assert_false(idle_before);
    assert_string_equal(json_text(json_find_path(types, "widgets.owner")), "services");
    assert_string_equal(json_text(json_find_path(types, "widgets.set")), "key_sets");
    assert_int_equal(writes(fixture), 0);
}

static void names_that_cannot_be_types_are_none(void **state)
{
    static const char *const names[] = {"", "services", "key-auths", "acls", "a/b", "Keys", "..", "keys?x"};
    struct kong_types *types = kong_types_new();

    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_null(kong_types_find(types, names[i]));

    assert_non_null(kong_types_find(types, "keys"));
    kong_types_free(types);
}

static void links_are_a_part_of_the_natural_key(void **state)
{
    const char *foreign[KONG_FOREIGN_MAX] = {"s", NULL, "a:plugin/p", NULL};

    AUTO(text) char *key = kong_custom_key("keys", "ns/n", foreign);
    AUTO(text) char *type = kong_custom_type(key);

    assert_string_equal(key, "keys/ns/n:service/s:consumer/a:plugin%2Fp");
    assert_string_equal(type, "keys");
    assert_false(kong_custom_is_question(key));
    assert_true(kong_custom_is_question("keys/?"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_entity_is_made_with_our_tag_and_the_id_of_what_it_is_linked_to, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_restart_on_equal_entities_writes_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(a_dry_run_sees_that_nothing_has_to_be_done, setup, teardown),
        cmocka_unit_test_setup_teardown(a_type_that_the_gateway_lacks_is_told_and_not_sent, setup, teardown),
        cmocka_unit_test_setup_teardown(what_nobody_wants_any_more_is_found_by_its_tag, setup, teardown),
        cmocka_unit_test_setup_teardown(a_foreign_entity_of_a_wanted_type_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(an_untagged_entity_goes_while_it_is_known_who_made_it, setup, teardown),
        cmocka_unit_test_setup_teardown(an_untagged_entity_of_an_earlier_process_is_never_deleted, setup, teardown),
        cmocka_unit_test_setup_teardown(a_chosen_id_does_not_make_an_untagged_entity_ours, setup, teardown),
        cmocka_unit_test_setup_teardown(a_type_that_comes_up_later_is_read_by_itself, setup, teardown),
        cmocka_unit_test_setup_teardown(while_somebody_asks_for_a_type_none_of_it_is_deleted, setup, teardown),
        cmocka_unit_test(names_that_cannot_be_types_are_none),
        cmocka_unit_test(links_are_a_part_of_the_natural_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
