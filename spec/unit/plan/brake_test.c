/* Which deletes are held: judged by objects, burst by burst. */
#include <stdlib.h>

#include "fixture.h"
#include "plan/report.h"

#define QUIET_MS 1000

struct cluster {
    struct fixture *fixture;
    char gone[64]; /* object -> it was deleted; a test names its objects by number */
};

static struct cluster cluster;

static bool is_gone(void *user, const struct kong_source *source)
{
    const struct cluster *known = user;
    return known->gone[strtol(source->name + 1, NULL, 10)] != 0;
}

static int setup_cluster(void **state)
{
    cluster = (struct cluster){0};
    int rc = setup_with(state, (struct kong_plan_options){.policy = KONG_POLICY_SYNC,
                                                          .max_delete_percent = -1,
                                                          .quiet_ms = QUIET_MS,
                                                          .is_gone = is_gone,
                                                          .user = &cluster});
    cluster.fixture = *state;
    return rc;
}

static void add_source(struct kong_entity *entity, const char *kind, const char *name)
{
    struct kong_origin *origin = &entity->origin;
    origin->sources = xrealloc(origin->sources, (origin->source_count + 1) * sizeof(*origin->sources));
    kong_source_make(&origin->sources[origin->source_count++], kind, "shop", name, "");
}

static struct kong_entity *from(struct kong_entity *entity, const char *kind, int object)
{
    AUTO(text) char *name = xasprintf("o%d", object);
    add_source(entity, kind, name);
    return entity;
}

static struct kong_entity *route_of(int object, const char *path)
{
    AUTO(text)
    char *text = xasprintf("{\"name\":\"r%02d%s\",\"paths\":[\"/%s\"],\"protocols\":[\"http\"]}", object, path, path);
    return from(wanted(KONG_ROUTE, text, NULL), "networking.k8s.io/v1/Ingress", object);
}

static void want_routes(struct fixture *fixture, int count)
{
    for (int i = 0; i < count; i++)
        want(fixture, route_of(i, "a"));
    commit(fixture);
    free(run(fixture));
}

static void lose(struct fixture *fixture, int object, bool gone)
{
    AUTO(text) char *key = xasprintf("r%02da", object);
    cluster.gone[object] = gone;
    unwant(fixture, KONG_ROUTE, key);
    commit(fixture);
    free(run(fixture));
}

/* Lets time pass, with everything that happens by itself. */
static void pass(struct fixture *fixture, uint64_t ms)
{
    uint64_t until = fixture->now + ms;
    for (uint64_t at; (at = kong_plan_wakes_at(fixture->plan)) != 0 && at <= until;) {
        fixture->now = at;
        kong_plan_wake(fixture->plan, at);
        free(run(fixture));
    }
    fixture->now = until;
}

static size_t routes(struct fixture *fixture)
{
    return kong_plan_state(fixture->plan)->owned[KONG_ROUTE];
}

static size_t held(struct fixture *fixture)
{
    return kong_plan_held(fixture->plan).objects;
}

static void ten_deleted_objects_go_at_once_and_a_burst_above_the_limit_is_held(void **state)
{
    struct fixture *fixture = *state;
    want_routes(fixture, 50);
    for (int i = 0; i < 20; i++) {
        lose(fixture, i, true);
        pass(fixture, QUIET_MS / 2);
    }
    assert_int_equal(routes(fixture), 40);

    pass(fixture, QUIET_MS);

    assert_int_equal(routes(fixture), 40);
    assert_int_equal(held(fixture), 10);
    want(fixture, route_of(60, "a"));
    commit(fixture);
    free(run(fixture));
    assert_int_equal(routes(fixture), 41);
}

static void a_burst_below_the_limit_goes_when_it_is_over(void **state)
{
    struct fixture *fixture = *state;
    want_routes(fixture, 50);
    for (int i = 0; i < 15; i++)
        lose(fixture, i, true);
    assert_int_equal(routes(fixture), 40);

    pass(fixture, QUIET_MS);

    assert_int_equal(routes(fixture), 35);
    assert_int_equal(held(fixture), 0);
}

static void a_burst_that_does_not_end_is_judged_as_a_whole(void **state)
{
    struct fixture *fixture = *state;
    want_routes(fixture, 60);
    for (int i = 0; i < 30; i++) {
        lose(fixture, i, true);
        pass(fixture, 900);
    }

    pass(fixture, QUIET_MS);

    assert_true(held(fixture) > 0);
    assert_true(routes(fixture) >= 42); /* what had passed when the whole was more than 30 % */
}

static void two_of_four_deleted_objects_go(void **state)
{
    struct fixture *fixture = *state;
    want_routes(fixture, 4);

    lose(fixture, 0, true);
    pass(fixture, 3000);
    lose(fixture, 1, true);

    assert_int_equal(routes(fixture), 2);
    lose(fixture, 2, true);
    lose(fixture, 3, true);
    assert_int_equal(routes(fixture), 0);
}

static void what_an_object_that_stays_does_not_need_is_never_held(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < 40; i++) {
        want(fixture, route_of(i, "a"));
        want(fixture, route_of(i, "b"));
    }
    commit(fixture);
    free(run(fixture));

    for (int i = 0; i < 40; i++) {
        AUTO(text) char *key = xasprintf("r%02db", i);
        unwant(fixture, KONG_ROUTE, key);
    }
    commit(fixture);
    free(run(fixture));

    assert_int_equal(routes(fixture), 40);
}

static void objects_that_are_still_there_are_held_from_three_on(void **state)
{
    struct fixture *fixture = *state;
    want_routes(fixture, 10);
    lose(fixture, 0, false);
    lose(fixture, 1, false);
    assert_int_equal(routes(fixture), 10);
    pass(fixture, QUIET_MS);
    assert_int_equal(routes(fixture), 8);

    for (int i = 2; i < 5; i++)
        lose(fixture, i, false);
    pass(fixture, QUIET_MS);

    assert_int_equal(routes(fixture), 8);
    assert_int_equal(held(fixture), 3);
    lose(fixture, 5, true); /* a new burst, and it goes */
    assert_int_equal(routes(fixture), 7);
}

static void what_was_there_for_a_lost_object_is_counted_to_it(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < 12; i++) {
        AUTO(text) char *name = xasprintf("s%02d", i);
        AUTO(text)
        char *text = xasprintf("{\"name\":\"r%02da\",\"paths\":[\"/\"],\"protocols\":[\"http\"]}", i);
        want(fixture, from(service(name, "h"), "v1/Service", i + 20));
        want(fixture, from(wanted(KONG_ROUTE, text, name), "networking.k8s.io/v1/Ingress", i));
        AUTO(text) char *pair = xasprintf("{\"cert\":\"c%d\",\"key\":\"k\"}", i);
        want(fixture,
             from(from(wanted(KONG_CERTIFICATE, pair, NULL), "v1/Secret", i + 40), "networking.k8s.io/v1/Ingress", i));
    }
    commit(fixture);
    free(run(fixture));

    for (int i = 0; i < 12; i++) {
        AUTO(text) char *service_key = xasprintf("s%02d", i);
        AUTO(text) char *fields = xasprintf("{\"cert\":\"c%d\",\"key\":\"k\"}", i);
        struct kong_entity *certificate = wanted(KONG_CERTIFICATE, fields, NULL);
        unwant(fixture, KONG_SERVICE, service_key);
        unwant(fixture, KONG_CERTIFICATE, certificate->key);
        kong_entity_unref(certificate);
        lose(fixture, i, true);
    }
    pass(fixture, QUIET_MS);

    struct kong_held now = kong_plan_held(fixture->plan);
    assert_int_equal(now.objects, 2);
    assert_int_equal(now.entities, 6); /* each with its service and certificate */
    assert_int_equal(routes(fixture), 2);
    assert_int_equal(kong_plan_state(fixture->plan)->owned[KONG_SERVICE], 2);
    assert_int_equal(kong_plan_state(fixture->plan)->owned[KONG_CERTIFICATE], 2);
}

static void an_object_that_comes_back_takes_its_loss_back(void **state)
{
    struct fixture *fixture = *state;
    want_routes(fixture, 30);
    for (int i = 0; i < 20; i++)
        lose(fixture, i, true);
    pass(fixture, QUIET_MS);
    assert_int_equal(held(fixture), 10);
    struct kong_held before = kong_plan_held(fixture->plan);

    cluster.gone[19] = 0;
    want(fixture, route_of(19, "b")); /* with another route: the old one is not needed any more */
    commit(fixture);
    free(run(fixture));

    assert_int_equal(held(fixture), 9);
    assert_int_equal(routes(fixture), 20);
    assert_string_not_equal(before.hash, kong_plan_held(fixture->plan).hash);
    for (int i = 10; i < 19; i++)
        want(fixture, route_of(i, "a"));
    commit(fixture);
    assert_run(fixture, "");
    assert_int_equal(held(fixture), 0);
}

static void an_approval_names_the_held_set_and_lets_it_go(void **state)
{
    struct fixture *fixture = *state;
    want_routes(fixture, 30);
    for (int i = 0; i < 20; i++)
        lose(fixture, i, true);
    pass(fixture, QUIET_MS);
    struct kong_held first = kong_plan_held(fixture->plan);
    pass(fixture, 60000);
    assert_string_equal(kong_plan_held(fixture->plan).hash, first.hash);

    for (int i = 20; i < 25; i++)
        lose(fixture, i, false);
    pass(fixture, QUIET_MS);

    assert_false(kong_plan_approve(fixture->plan, first.hash));
    struct kong_held second = kong_plan_held(fixture->plan);
    assert_int_equal(second.objects, 15);
    assert_true(kong_plan_approve(fixture->plan, second.hash));
    free(run(fixture));
    assert_int_equal(routes(fixture), 5);
    assert_int_equal(held(fixture), 0);
}

/* Reads into a new plan what the gateway holds; `tagged` as KIC and our rules tag it. */
static void read_back(struct fixture *fixture, int first, int count, bool tagged)
{
    bool listed[KONG_KIND_COUNT];
    memset(listed, 1, sizeof(listed));
    kong_plan_read_start(fixture->plan, false);
    for (int i = first; i < first + count; i++) {
        struct kong_entity *entity = route_of(i, "a");
        AUTO(text)
        char *tags = xasprintf(",\"k8s-name:o%d\",\"k8s-namespace:shop\",\"k8s-kind:Ingress\","
                               "\"k8s-group:networking.k8s.io\",\"k8s-version:v1\"",
                               i);
        AUTO(text)
        char *text = xasprintf("{\"id\":\"%s\",\"name\":\"%s\",\"paths\":[\"/a\"],\"protocols\":[\"http\"],"
                               "\"tags\":[\"mine\"%s]}",
                               entity->id, entity->key, tagged ? tags : "");
        struct err err = ERR_INIT;
        AUTO(json) struct json *object = NULL;
        assert_int_equal(json_parse(text, strlen(text), &object, &err), 0);
        kong_plan_hold(fixture->plan, entity->kind, object);
        kong_entity_unref(entity);
    }
    kong_plan_read_done(fixture->plan, listed);
}

static void what_a_start_finds_lost_is_judged_as_a_whole_by_its_tags(void **state)
{
    struct fixture *fixture = *state;
    kong_plan_begin_term(fixture->plan, 0, 0);
    for (int i = 0; i < 30; i++)
        want(fixture, route_of(i, "a"));
    for (int i = 30; i < 45; i++)
        cluster.gone[i] = 1;
    read_back(fixture, 0, 45, true);
    commit(fixture);
    free(run(fixture));
    pass(fixture, QUIET_MS);

    assert_int_equal(routes(fixture), 45);
    assert_int_equal(held(fixture), 15);
}

static void few_that_a_start_finds_deleted_go(void **state)
{
    struct fixture *fixture = *state;
    kong_plan_begin_term(fixture->plan, 0, 0);
    want(fixture, route_of(0, "a"));
    for (int i = 1; i < 11; i++)
        cluster.gone[i] = 1;
    read_back(fixture, 0, 11, true);
    commit(fixture);
    free(run(fixture));
    pass(fixture, QUIET_MS);

    assert_int_equal(routes(fixture), 1);
}

static void the_next_leader_goes_on_with_the_burst_that_was_held(void **state)
{
    struct fixture *fixture = *state;
    kong_plan_begin_term(fixture->plan, 10, 45); /* 10 of 45 went before */
    for (int i = 0; i < 30; i++)
        want(fixture, route_of(i, "a"));
    for (int i = 30; i < 35; i++)
        cluster.gone[i] = 1;
    read_back(fixture, 0, 35, true);
    commit(fixture);
    pass(fixture, QUIET_MS);

    assert_int_equal(held(fixture), 5);
    assert_int_equal(routes(fixture), 35);
    lose(fixture, 0, true); /* a burst of its own */
    assert_int_equal(routes(fixture), 34);
}

static void entities_that_name_no_object_count_as_losses_that_nobody_asked_for(void **state)
{
    struct fixture *fixture = *state;
    kong_plan_begin_term(fixture->plan, 0, 0);
    for (int i = 0; i < 5; i++)
        want(fixture, route_of(i, "a"));
    read_back(fixture, 0, 9, false);
    commit(fixture);
    free(run(fixture));
    pass(fixture, QUIET_MS);

    assert_int_equal(routes(fixture), 9);
    assert_int_equal(held(fixture), 4);
}

static void a_dry_run_names_what_is_held_and_how_to_approve_it(void **state)
{
    struct fixture *fixture = *state;
    AUTO(buf) struct buf text = BUF_OWN;
    want_routes(fixture, 3);
    for (int i = 0; i < 3; i++)
        lose(fixture, i, false);
    pass(fixture, QUIET_MS);

    kong_report_text(fixture->plan, false, &text);

    AUTO(text)
    char *expected = xasprintf("hold route r02a\nhold route r01a\nhold route r00a\n"
                               "held: 3 objects, 3 entities: Ingress shop/o0, Ingress shop/o1, Ingress shop/o2; "
                               "approve with %s\nsummary: 0 to create, 0 to update, 0 to delete, withheld 0, held 3\n",
                               kong_plan_held(fixture->plan).hash);
    assert_string_equal(buf_text(&text), expected);
}

static int setup_settling(void **state)
{
    return setup_with(state, (struct kong_plan_options){.policy = KONG_POLICY_SYNC, .settle_ms = 250});
}

static void an_object_that_misses_something_waits_until_nothing_arrives(void **state)
{
    struct fixture *fixture = *state;
    struct kong_entity *entity = route_of(1, "a");
    kong_plan_await(fixture->plan, &entity->origin.sources[0], fixture->now);
    want(fixture, entity);
    want(fixture, route_of(2, "a"));
    commit(fixture);
    assert_run(fixture, "create route r02a");

    fixture->now += 200;
    kong_plan_arrival(fixture->plan, fixture->now);
    assert_int_equal(kong_plan_wakes_at(fixture->plan), fixture->now + 250);
    fixture->now += 250;
    kong_plan_wake(fixture->plan, fixture->now);

    assert_run(fixture, "create route r01a");
}

static void an_object_that_is_complete_is_sent_at_once(void **state)
{
    struct fixture *fixture = *state;
    struct kong_entity *entity = route_of(1, "a");
    struct kong_source object;
    kong_source_copy(&object, &entity->origin.sources[0]);
    kong_plan_await(fixture->plan, &object, fixture->now);
    want(fixture, entity);
    commit(fixture);
    assert_run(fixture, "");
    assert_true(kong_plan_is_settling(fixture->plan));

    kong_plan_complete(fixture->plan, &object);
    kong_source_done(&object);

    assert_run(fixture, "create route r01a");
    assert_false(kong_plan_is_settling(fixture->plan));
}

static void an_object_does_not_wait_for_ever(void **state)
{
    struct fixture *fixture = *state;
    struct kong_entity *entity = route_of(1, "a");
    kong_plan_await(fixture->plan, &entity->origin.sources[0], fixture->now);
    want(fixture, entity);
    commit(fixture);
    uint64_t start = fixture->now;
    AUTO(text) char *log = xstrdup("");
    while (log[0] == '\0' && fixture->now < start + 2 * KONG_SETTLE_MAX_MS) {
        fixture->now += 100;
        kong_plan_arrival(fixture->plan, fixture->now);
        kong_plan_wake(fixture->plan, fixture->now);
        free(log);
        log = run(fixture);
    }

    assert_string_equal(log, "create route r01a");
    assert_int_equal(fixture->now - start, KONG_SETTLE_MAX_MS);
}

#define test(name)   cmocka_unit_test_setup_teardown(name, setup_cluster, teardown)
#define settle(name) cmocka_unit_test_setup_teardown(name, setup_settling, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(ten_deleted_objects_go_at_once_and_a_burst_above_the_limit_is_held),
        test(a_burst_below_the_limit_goes_when_it_is_over),
        test(a_burst_that_does_not_end_is_judged_as_a_whole),
        test(two_of_four_deleted_objects_go),
        test(what_an_object_that_stays_does_not_need_is_never_held),
        test(objects_that_are_still_there_are_held_from_three_on),
        test(what_was_there_for_a_lost_object_is_counted_to_it),
        test(an_object_that_comes_back_takes_its_loss_back),
        test(an_approval_names_the_held_set_and_lets_it_go),
        test(what_a_start_finds_lost_is_judged_as_a_whole_by_its_tags),
        test(few_that_a_start_finds_deleted_go),
        test(the_next_leader_goes_on_with_the_burst_that_was_held),
        test(entities_that_name_no_object_count_as_losses_that_nobody_asked_for),
        test(a_dry_run_names_what_is_held_and_how_to_approve_it),
        settle(an_object_that_misses_something_waits_until_nothing_arrives),
        settle(an_object_that_is_complete_is_sent_at_once),
        settle(an_object_does_not_wait_for_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
