/* What the recordings do not show, or show only together with much else. */
#include "asking.h"

#define SERVICE_COUNT 2345

static void every_page_shows_the_next_entities_and_none_twice(void **state)
{
    struct sandbox *sandbox = controlled();
    for (int i = 0; i < SERVICE_COUNT; i++) {
        AUTO(text) char *path = xasprintf("/services/s%d", i);
        const char *body =
            i % 5 == 0 ? "{\"host\":\"h\",\"tags\":[\"all\",\"fifth\"]}" : "{\"host\":\"h\",\"tags\":[\"all\"]}";
        assert_int_equal(status_of(sandbox, "PUT", path, body), 200);
    }
    static const struct {
        const char *start;
        size_t expected;
    } cases[] = {
        {"/services?size=100", SERVICE_COUNT},           {"/services?size=7&tags=fifth", SERVICE_COUNT / 5},
        {"/services?tags=all,fifth", SERVICE_COUNT / 5}, {"/services?tags=none/fifth/all", SERVICE_COUNT},
        {"/services?size=1000", SERVICE_COUNT},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t seen = 0;
        AUTO(text) char *last = xstrdup("");
        AUTO(text) char *next = xstrdup(cases[i].start);
        while (next != NULL) {
            struct asked page = ask(sandbox, "GET", next, NULL);
            json_each (entity, json_find(page.body, "data")) {
                assert_true(strcmp(last, json_find_text(entity, "id")) < 0);
                free(last);
                last = xstrdup(json_find_text(entity, "id"));
                seen++;
            }
            free(next);
            next = xstrdup(json_find_text(page.body, "next"));
            asked_done(&page);
        }

        assert_int_equal(seen, cases[i].expected);
    }
    sandbox_free(sandbox);
}

static void deleting_frees_names_and_takes_dependants_along(void **state)
{
    struct sandbox *sandbox = controlled();
    status_of(sandbox, "PUT", "/services/s", "{\"host\":\"h\"}");
    status_of(sandbox, "PUT", "/services/s/routes/r", "{\"paths\":[\"/r\"]}");
    status_of(sandbox, "POST", "/routes/r/plugins", "{\"name\":\"key-auth\",\"tags\":[\"t\"]}");
    status_of(sandbox, "POST", "/services/s/plugins", "{\"name\":\"cors\"}");

    int with_route = status_of(sandbox, "DELETE", "/services/s", NULL);
    int route = status_of(sandbox, "DELETE", "/routes/r", NULL);
    int service = status_of(sandbox, "DELETE", "/services/s", NULL);

    assert_int_equal(with_route, 400);
    assert_int_equal(route, 204);
    assert_int_equal(service, 204);
    struct asked plugins = ask(sandbox, "GET", "/plugins", NULL);
    struct asked tagged = ask(sandbox, "GET", "/plugins?tags=t", NULL);
    assert_int_equal(json_count(json_find(plugins.body, "data")), 0);
    assert_int_equal(json_count(json_find(tagged.body, "data")), 0);
    assert_int_equal(status_of(sandbox, "POST", "/services", "{\"name\":\"s\",\"host\":\"h\"}"), 201);
    asked_done(&plugins);
    asked_done(&tagged);
    sandbox_free(sandbox);
}

static void a_changed_entity_is_found_by_what_it_is_now(void **state)
{
    struct sandbox *sandbox = controlled();
    status_of(sandbox, "PUT", "/services/00000000-0000-4000-8000-000000000001",
              "{\"name\":\"old\",\"host\":\"h\",\"tags\":[\"before\"]}");

    int renamed = status_of(sandbox, "PATCH", "/services/old", "{\"name\":\"new\",\"tags\":[\"after\"]}");

    struct asked before = ask(sandbox, "GET", "/services?tags=before", NULL);
    struct asked after = ask(sandbox, "GET", "/services?tags=after", NULL);
    assert_int_equal(renamed, 200);
    assert_int_equal(status_of(sandbox, "GET", "/services/old", NULL), 404);
    assert_int_equal(status_of(sandbox, "GET", "/services/new", NULL), 200);
    assert_int_equal(json_count(json_find(before.body, "data")), 0);
    assert_int_equal(json_count(json_find(after.body, "data")), 1);
    asked_done(&before);
    asked_done(&after);
    sandbox_free(sandbox);
}

static void what_belongs_to_another_parent_is_not_seen_but_taken_over_by_put(void **state)
{
    struct sandbox *sandbox = controlled();
    status_of(sandbox, "PUT", "/consumers/alice", "{}");
    status_of(sandbox, "PUT", "/consumers/bob", "{}");
    status_of(sandbox, "PUT", "/consumers/alice/acls/admins", "{}");
    status_of(sandbox, "PUT", "/consumers/alice/key-auth/secret", "{}");

    assert_int_equal(status_of(sandbox, "GET", "/consumers/bob/acls/admins", NULL), 404);
    assert_int_equal(status_of(sandbox, "GET", "/consumers/bob/key-auth/secret", NULL), 404);
    assert_int_equal(status_of(sandbox, "PATCH", "/consumers/bob/key-auth/secret", "{\"tags\":[\"t\"]}"), 404);
    assert_int_equal(status_of(sandbox, "PUT", "/consumers/bob/key-auth/secret", "{}"), 200);
    assert_int_equal(status_of(sandbox, "GET", "/consumers/alice/key-auth/secret", NULL), 404);
    assert_int_equal(status_of(sandbox, "GET", "/consumers/bob/key-auth/secret", NULL), 200);

    sandbox_free(sandbox);
}

/* A dump without the times of its entities. */
static struct json *timeless(const struct buf *dump)
{
    struct err err = ERR_INIT;
    struct json *state = NULL;
    assert_int_equal(json_parse(buf_text(dump), dump->length, &state, &err), 0);
    json_each (list, state) {
        json_each (entity, list) {
            json_remove(entity, "created_at");
            json_remove(entity, "updated_at");
        }
    }
    return state;
}

static void a_seed_is_what_the_state_shows_afterwards(void **state)
{
    struct sandbox *sandbox = controlled();
    struct sandbox *copy = controlled();
    status_of(sandbox, "PUT", "/services/s", "{\"host\":\"h\",\"tags\":[\"t\"]}");
    status_of(sandbox, "PUT", "/services/s/routes/r", "{\"paths\":[\"/r\"],\"hosts\":[\"a.example.com\"]}");
    status_of(sandbox, "PUT", "/upstreams/u", "{}");
    status_of(sandbox, "POST", "/upstreams/u/targets", "{\"target\":\"10.0.0.1:80\"}");
    status_of(sandbox, "POST", "/routes/r/plugins", "{\"name\":\"rate-limiting\",\"config\":{\"minute\":5}}");
    struct buf first = BUF_OWN, second = BUF_OWN;
    struct err err = ERR_INIT;
    sandbox_dump(sandbox, &first);

    int rc = sandbox_seed(copy, buf_text(&first), first.length, &err);

    assert_string_equal(err.text, "");
    assert_int_equal(rc, 0);
    struct asked ours = ask(sandbox, "GET", "/plugins", NULL);
    struct asked theirs = ask(copy, "GET", "/plugins", NULL);
    assert_int_equal(json_count(json_find(theirs.body, "data")), 1);
    assert_true(json_equal(json_find_path(json_at(json_find(ours.body, "data"), 0), "config"),
                           json_find_path(json_at(json_find(theirs.body, "data"), 0), "config")));
    sandbox_dump(copy, &second);
    AUTO(json) struct json *before = timeless(&first);
    AUTO(json) struct json *after = timeless(&second);
    assert_true(json_equal(before, after));
    asked_done(&ours);
    asked_done(&theirs);
    buf_done(&first);
    buf_done(&second);
    sandbox_free(sandbox);
    sandbox_free(copy);
}

static void a_refused_entity_leaves_no_trace(void **state)
{
    struct sandbox *sandbox = controlled();
    struct buf before = BUF_OWN, after = BUF_OWN;
    status_of(sandbox, "PUT", "/services/s", "{\"host\":\"h\"}");
    sandbox_dump(sandbox, &before);

    static const struct {
        const char *method, *target, *body;
        int status;
    } cases[] = {
        {"PUT", "/services/s", "{\"host\":\"h\",\"retries\":-1}", 400},
        {"PATCH", "/services/s", "{\"nonsense\":1}", 400},
        {"POST", "/services", "{\"name\":\"s\",\"host\":\"other\"}", 409},
        {"POST", "/routes", "{\"paths\":[\"/x\"],\"service\":{\"name\":\"none\"}}", 400},
        {"POST", "/plugins", "{\"name\":\"cors\",\"service\":{\"id\":\"00000000-0000-4000-8000-000000000009\"}}", 400},
        {"POST", "/plugins", "{\"name\":\"none\"}", 400},
        {"POST", "/services", "{\"name\":\"x\",\"host\":\"h\",\"id\":\"no\"}", 400},
        {"POST", "/services", "[]", 500},
        {"POST", "/services", "{", 400},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(status_of(sandbox, cases[i].method, cases[i].target, cases[i].body), cases[i].status);

    sandbox_dump(sandbox, &after);
    assert_string_equal(buf_text(&before), buf_text(&after));
    buf_done(&before);
    buf_done(&after);
    sandbox_free(sandbox);
}

static void a_plugin_that_is_read_can_be_written_back(void **state)
{
    struct sandbox *sandbox = controlled();
    struct asked made =
        ask(sandbox, "POST", "/plugins", "{\"name\":\"rate-limiting\",\"config\":{\"minute\":5,\"redis_port\":6380}}");
    AUTO(text) char *text = json_print_text(made.body);
    AUTO(text) char *path = xasprintf("/plugins/%s", json_find_text(made.body, "id"));

    struct asked again = ask(sandbox, "PUT", path, text);

    assert_int_equal(made.status, 201);
    assert_int_equal(json_integer(json_find_path(made.body, "config.redis.port"), 0), 6380);
    assert_int_equal(json_integer(json_find_path(made.body, "config.redis_port"), 0), 6380);
    assert_int_equal(again.status, 200);
    assert_true(json_equal(json_find(made.body, "config"), json_find(again.body, "config")));
    asked_done(&made);
    asked_done(&again);
    sandbox_free(sandbox);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_page_shows_the_next_entities_and_none_twice),
        cmocka_unit_test(deleting_frees_names_and_takes_dependants_along),
        cmocka_unit_test(a_changed_entity_is_found_by_what_it_is_now),
        cmocka_unit_test(what_belongs_to_another_parent_is_not_seen_but_taken_over_by_put),
        cmocka_unit_test(a_seed_is_what_the_state_shows_afterwards),
        cmocka_unit_test(a_refused_entity_leaves_no_trace),
        cmocka_unit_test(a_plugin_that_is_read_can_be_written_back),
    };
    return cmocka_run_group_tests_name("sandbox entities", tests, NULL, NULL);
}
