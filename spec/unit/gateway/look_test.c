/* What may be believed of entities that somebody saw in the gateway between two readings. */
#include "check.h"

#include "base/clock.h"
#include "gateway/look.h"
#include "session_fixture.h"
#include "wanted.h"

static int setup(void **state)
{
    *state = fixture_new();
    return 0;
}

static void want(struct fixture *fixture, struct kong_entity *entity, bool wanted_at_all)
{
    kong_session_want(fixture->session, entity->kind, entity->key, wanted_at_all ? entity : NULL);
    kong_entity_unref(entity);
}

static void sync_shop(struct fixture *fixture)
{
    want(fixture, wanted(KONG_SERVICE, "{\"name\":\"s\",\"host\":\"h\"}", NULL), true);
    want(fixture, wanted(KONG_CONSUMER, "{\"username\":\"alice\"}", NULL), true);
    want(fixture, wanted(KONG_KEY_AUTH, "{\"key\":\"k1\"}", "alice"), true);
    kong_session_commit(fixture->session);
    kong_session_complete(fixture->session);
    kong_session_start(fixture->session);
    run_until(fixture, true);
}

/* From the next millisecond on, what is done is later than all that was done so far. */
static struct kong_look begin_look(struct fixture *fixture)
{
    struct kong_look look;
    for (uint64_t now = clock_monotonic_ms(); clock_monotonic_ms() <= now;)
        ;
    assert_true(kong_look_begin(fixture->session, 0, &look));
    return look;
}

static struct json *seen(struct fixture *fixture, const char *collection, const char *name)
{
    return json_copy(fake_find(fixture->kong, collection, name));
}

/* Schemas are asked for when an entity is judged for the first time. */
static enum kong_seen judge(struct fixture *fixture, const struct kong_look *look, enum kong_kind_id kind,
                            const char *id, const struct json *object)
{
    enum kong_seen found = kong_look_judge(fixture->session, look, kong_kind_get(kind), id, object);
    for (int i = 0; i < 50 && found == KONG_SEEN_LATER && object != NULL; i++) {
        loop_run_once(fixture->loop, false);
        found = kong_look_judge(fixture->session, look, kong_kind_get(kind), id, object);
    }
    return found;
}

static void what_is_as_we_know_it_is_no_news(void **state)
{
    struct fixture *fixture = *state;
    sync_shop(fixture);
    AUTO(json) struct json *service = seen(fixture, "services", "s");
    const char *id = json_find_text(service, "id");
    struct kong_look look = begin_look(fixture);

    assert_int_equal(judge(fixture, &look, KONG_SERVICE, id, service), KONG_SEEN_SAME);
    assert_int_equal(judge(fixture, &look, KONG_SERVICE, id, NULL), KONG_SEEN_OTHER);
    json_set_text(service, "host", "drifted");
    assert_int_equal(judge(fixture, &look, KONG_SERVICE, id, service), KONG_SEEN_OTHER);
    assert_int_equal(judge(fixture, &look, KONG_SERVICE, "00000000-0000-4000-8000-000000000001", NULL), KONG_SEEN_SAME);
}

static void what_we_wrote_since_is_left_for_the_next_look(void **state)
{
    struct fixture *fixture = *state;
    sync_shop(fixture);
    AUTO(json) struct json *before = seen(fixture, "services", "s");
    const char *id = json_find_text(before, "id");
    struct kong_look look = begin_look(fixture);
    assert_int_equal(judge(fixture, &look, KONG_SERVICE, id, before), KONG_SEEN_SAME);

    want(fixture, wanted(KONG_SERVICE, "{\"name\":\"s\",\"host\":\"other\"}", NULL), true);
    kong_session_commit(fixture->session);
    run_until(fixture, true);

    AUTO(json) struct json *after = seen(fixture, "services", "s");
    assert_int_equal(judge(fixture, &look, KONG_SERVICE, id, before), KONG_SEEN_LATER);
    look = begin_look(fixture);
    assert_int_equal(judge(fixture, &look, KONG_SERVICE, id, after), KONG_SEEN_SAME);
    assert_int_equal(judge(fixture, &look, KONG_SERVICE, id, before), KONG_SEEN_OTHER);
}

static void what_is_under_way_is_left_for_the_next_look(void **state)
{
    struct fixture *fixture = *state;
    sync_shop(fixture);
    AUTO(json) struct json *before = seen(fixture, "services", "s");
    const char *id = json_find_text(before, "id");
    want(fixture, wanted(KONG_SERVICE, "{\"name\":\"s\",\"host\":\"other\"}", NULL), true);
    kong_session_commit(fixture->session);
    while (kong_session_counters(fixture->session).requests.puts == 0)
        loop_run_once(fixture->loop, true);

    struct kong_look look = begin_look(fixture);

    assert_int_equal(kong_look_judge(fixture->session, &look, kong_kind_get(KONG_SERVICE), id, NULL), KONG_SEEN_LATER);
}

static void children_go_along_with_what_we_delete(void **state)
{
    struct fixture *fixture = *state;
    sync_shop(fixture);
    AUTO(json) struct json *credential = seen(fixture, "key-auths", "k1");
    const char *id = json_find_text(credential, "id");
    struct kong_look look = begin_look(fixture);
    assert_int_equal(judge(fixture, &look, KONG_KEY_AUTH, id, credential), KONG_SEEN_SAME);

    want(fixture, wanted(KONG_KEY_AUTH, "{\"key\":\"k1\"}", "alice"), false);
    want(fixture, wanted(KONG_CONSUMER, "{\"username\":\"alice\"}", NULL), false);
    kong_session_commit(fixture->session);
    run_until(fixture, true);

    assert_int_equal(judge(fixture, &look, KONG_KEY_AUTH, id, credential), KONG_SEEN_LATER);
}

static void a_look_does_not_outlive_a_reading(void **state)
{
    struct fixture *fixture = *state;
    sync_shop(fixture);
    AUTO(json) struct json *service = seen(fixture, "services", "s");
    const char *id = json_find_text(service, "id");
    struct kong_look look = begin_look(fixture), other;

    kong_session_reread(fixture->session);
    assert_false(kong_look_begin(fixture->session, 0, &other));
    uint64_t reads = kong_session_counters(fixture->session).reads;
    while (kong_session_counters(fixture->session).reads == reads)
        loop_run_once(fixture->loop, true);
    run_until(fixture, true);

    assert_false(kong_look_stands(fixture->session, &look));
    assert_int_equal(judge(fixture, &look, KONG_SERVICE, id, service), KONG_SEEN_LATER);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(what_is_as_we_know_it_is_no_news),
        test(what_we_wrote_since_is_left_for_the_next_look),
        test(what_is_under_way_is_left_for_the_next_look),
        test(children_go_along_with_what_we_delete),
        test(a_look_does_not_outlive_a_reading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
