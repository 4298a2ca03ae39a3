#include "asking.h"

static struct sandbox *with_faults(const char *faults)
{
    struct sandbox *sandbox = controlled();
    assert_int_equal(status_of(sandbox, "PUT", "/sandbox/faults", faults), 200);
    return sandbox;
}

static void a_fault_strikes_the_requests_it_names_as_often_as_it_says(void **state)
{
    struct sandbox *sandbox = with_faults("{\"faults\":[{\"method\":\"PUT\",\"path\":\"^/services/\",\"times\":2,"
                                          "\"action\":\"fail\",\"status\":429,\"retry_after\":\"3\"}]}");

    struct asked first = ask(sandbox, "PUT", "/services/a", "{\"host\":\"h\"}");
    int other_path = status_of(sandbox, "PUT", "/consumers/a", "{}");
    int other_method = status_of(sandbox, "GET", "/services/a", NULL);
    int second = status_of(sandbox, "PUT", "/services/a", "{\"host\":\"h\"}");
    int third = status_of(sandbox, "PUT", "/services/a", "{\"host\":\"h\"}");

    assert_int_equal(first.status, 429);
    assert_string_equal(first.retry_after, "3");
    assert_int_equal(other_path, 200);
    assert_int_equal(other_method, 404);
    assert_int_equal(second, 429);
    assert_int_equal(third, 200);
    asked_done(&first);
    sandbox_free(sandbox);
}

static void a_fault_can_spare_the_first_requests(void **state)
{
    struct sandbox *sandbox = with_faults(
        "{\"faults\":[{\"path\":\"^/services\",\"skip\":1,\"times\":1,\"action\":\"fail\",\"status\":500}]}");

    int first = status_of(sandbox, "GET", "/services", NULL);
    int second = status_of(sandbox, "GET", "/services", NULL);
    int third = status_of(sandbox, "GET", "/services", NULL);

    assert_int_equal(first, 200);
    assert_int_equal(second, 500);
    assert_int_equal(third, 200);
    sandbox_free(sandbox);
}

static void a_lie_says_yes_and_stores_nothing(void **state)
{
    struct sandbox *sandbox = controlled();
    status_of(sandbox, "PUT", "/consumers/kept", "{}");
    status_of(sandbox, "PUT", "/sandbox/faults", "{\"faults\":[{\"path\":\".\",\"times\":2,\"action\":\"lie\"}]}");

    struct asked put = ask(sandbox, "PUT", "/services/a", "{\"host\":\"h\"}");
    int deleted = status_of(sandbox, "DELETE", "/consumers/kept", NULL);

    assert_int_equal(put.status, 200);
    assert_string_equal(json_find_text(put.body, "name"), "a");
    assert_int_equal(deleted, 204);
    assert_int_equal(status_of(sandbox, "GET", "/services/a", NULL), 404);
    assert_int_equal(status_of(sandbox, "GET", "/consumers/kept", NULL), 200);
    asked_done(&put);
    sandbox_free(sandbox);
}

static void a_connection_can_hang_be_cut_or_be_slow(void **state)
{
    struct sandbox *sandbox = with_faults("{\"faults\":[{\"path\":\"/a$\",\"action\":\"hang\"},"
                                          "{\"path\":\"/b$\",\"action\":\"drop\",\"after\":true},"
                                          "{\"path\":\"/c$\",\"action\":\"delay\",\"delay_ms\":250}]}");

    struct asked hangs = ask(sandbox, "PUT", "/services/a", "{\"host\":\"h\"}");
    struct asked drops = ask(sandbox, "PUT", "/services/b", "{\"host\":\"h\"}");
    struct asked slow = ask(sandbox, "PUT", "/services/c", "{\"host\":\"h\"}");
    struct asked all = ask(sandbox, "GET", "/services", NULL);

    assert_int_equal(hangs.fate, SANDBOX_HANG);
    assert_int_equal(drops.fate, SANDBOX_DROP);
    assert_int_equal(slow.fate, SANDBOX_ANSWER);
    assert_int_equal(slow.delay_ms, 250);
    assert_int_equal(slow.status, 200);
    assert_int_equal(json_count(json_find(all.body, "data")), 2);
    asked_done(&hangs);
    asked_done(&drops);
    asked_done(&slow);
    asked_done(&all);
    sandbox_free(sandbox);
}

static void a_list_with_a_mistake_changes_nothing(void **state)
{
    struct sandbox *sandbox = with_faults("{\"faults\":[{\"path\":\".\",\"action\":\"fail\",\"status\":503}]}");

    int unknown_action = status_of(sandbox, "PUT", "/sandbox/faults", "{\"faults\":[{\"action\":\"explode\"}]}");
    int unknown_field =
        status_of(sandbox, "PUT", "/sandbox/faults", "{\"faults\":[{\"action\":\"fail\",\"count\":1}]}");
    int broken_path =
        status_of(sandbox, "PUT", "/sandbox/faults", "{\"faults\":[{\"action\":\"fail\",\"path\":\"(\"}]}");

    assert_int_equal(unknown_action, 400);
    assert_int_equal(unknown_field, 400);
    assert_int_equal(broken_path, 400);
    assert_int_equal(status_of(sandbox, "GET", "/services", NULL), 503);
    assert_int_equal(status_of(sandbox, "DELETE", "/sandbox/faults", NULL), 204);
    assert_int_equal(status_of(sandbox, "GET", "/services", NULL), 200);
    sandbox_free(sandbox);
}

static void requests_are_remembered_in_order_with_their_bodies(void **state)
{
    struct sandbox *sandbox = controlled();
    status_of(sandbox, "PUT", "/services/a?x=1", "{\"host\":\"h\"}");
    status_of(sandbox, "GET", "/sandbox/state", NULL);
    status_of(sandbox, "DELETE", "/services/a", NULL);

    struct asked all = ask(sandbox, "GET", "/sandbox/requests", NULL);
    struct asked late = ask(sandbox, "GET", "/sandbox/requests?after=1", NULL);
    int cleared = status_of(sandbox, "DELETE", "/sandbox/requests", NULL);

    const struct json *list = json_find(all.body, "requests");
    assert_int_equal(json_count(list), 2);
    assert_string_equal(json_find_text(json_at(list, 0), "method"), "PUT");
    assert_string_equal(json_find_text(json_at(list, 0), "path"), "/services/a?x=1");
    assert_string_equal(json_text(json_find_path(json_at(list, 0), "body.host")), "h");
    assert_int_equal(json_integer(json_find(json_at(list, 0), "status"), 0), 200);
    assert_int_equal(json_count(json_find(late.body, "requests")), 1);
    assert_int_equal(cleared, 204);
    assert_int_equal(sandbox_request_count(sandbox), 0);
    asked_done(&all);
    asked_done(&late);
    sandbox_free(sandbox);
}

static void remembered_requests_are_bounded(void **state)
{
    struct sandbox *sandbox = controlled();
    for (int i = 0; i < SANDBOX_REQUESTS_MAX + 10; i++)
        status_of(sandbox, "GET", "/services/none", NULL);

    struct asked all = ask(sandbox, "GET", "/sandbox/requests", NULL);

    assert_int_equal(json_integer(json_find(all.body, "total"), 0), SANDBOX_REQUESTS_MAX + 10);
    assert_int_equal(json_integer(json_find(all.body, "forgotten"), 0), 10);
    assert_int_equal(json_count(json_find(all.body, "requests")), SANDBOX_REQUESTS_MAX);
    asked_done(&all);
    sandbox_free(sandbox);
}

static void without_the_option_there_are_no_control_paths(void **state)
{
    struct sandbox *sandbox = sandbox_new(NULL);

    assert_int_equal(status_of(sandbox, "GET", "/sandbox/state", NULL), 404);
    assert_int_equal(status_of(sandbox, "PUT", "/sandbox/faults", "{\"faults\":[]}"), 404);

    sandbox_free(sandbox);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fault_strikes_the_requests_it_names_as_often_as_it_says),
        cmocka_unit_test(a_fault_can_spare_the_first_requests),
        cmocka_unit_test(a_lie_says_yes_and_stores_nothing),
        cmocka_unit_test(a_connection_can_hang_be_cut_or_be_slow),
        cmocka_unit_test(a_list_with_a_mistake_changes_nothing),
        cmocka_unit_test(requests_are_remembered_in_order_with_their_bodies),
        cmocka_unit_test(remembered_requests_are_bounded),
        cmocka_unit_test(without_the_option_there_are_no_control_paths),
    };
    return cmocka_run_group_tests_name("sandbox faults", tests, NULL, NULL);
}
