/* Which objects and entities there are, and where each stands, as a plan goes on. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "plan/body.h"
#include "random.h"
#include "tell/census.h"
#include "wanted.h"

#define INGRESS "networking.k8s.io/v1/Ingress"
#define SERVICE "v1/Service"
#define SLICE   "discovery.k8s.io/v1/EndpointSlice"

static const char *const owner[] = {"mine"};

struct fixture {
    struct store_kinds *kinds;
    struct kong_schemas *schemas;
    struct kong_plan *plan;
    struct census *census;
    int changes;
};

static void note_change(void *user)
{
    ((struct fixture *)user)->changes++;
}

static int setup(void **state)
{
    static const char *const no_steps[] = {NULL};
    static const struct rules_file files[] = {{"rules/ingress.lua", "kind", INGRESS, no_steps, 0},
                                              {"rules/secret.lua", "kind", "v1/Secret", no_steps, 0}};
    struct fixture *fixture = xcalloc(1, sizeof(*fixture));
    struct kong_plan_options plan = {.policy = KONG_POLICY_SYNC, .max_delete_percent = 30};
    fixture->kinds = store_kinds_new();
    fixture->schemas = kong_schemas_new();
    fixture->plan = kong_plan_new(fixture->schemas, (struct kong_tags){owner, 1}, &plan);
    struct census_options census = {
        fixture->kinds, files, 2, kong_plan_state(fixture->plan), note_change, fixture,
    };
    fixture->census = census_new(&census);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    census_free(fixture->census);
    kong_plan_free(fixture->plan);
    kong_schemas_free(fixture->schemas);
    store_kinds_free(fixture->kinds);
    free(fixture);
    return 0;
}

static void put(struct fixture *fixture, const char *kind, const char *name)
{
    const struct store_kind *row = store_kinds_find(fixture->kinds, kind);
    AUTO(text)
    char *text = xasprintf("{\"apiVersion\":\"%s%s%s\",\"kind\":\"%s\",\"metadata\":{\"namespace\":\"shop\","
                           "\"name\":\"%s\"}}",
                           row->group, row->group[0] != '\0' ? "/" : "", row->version, row->kind, name);
    struct object *object = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(object_parse(fixture->kinds, text, strlen(text), NULL, &object, &err), 0);
    census_put(fixture->census, object);
    object_unref(object);
}

static void gone(struct fixture *fixture, const char *kind, const char *name)
{
    census_gone(fixture->census, store_kinds_find(fixture->kinds, kind), "shop", name);
}

static void add_source(struct kong_entity *entity, const char *kind, const char *name)
{
    struct kong_origin *origin = &entity->origin;
    origin->sources = xrealloc(origin->sources, (origin->source_count + 1) * sizeof(*origin->sources));
    kong_source_make(&origin->sources[origin->source_count++], kind, "shop", name, "");
}

/* A service `name` that comes from these Ingresses ("a,b"), or is not wanted any more (NULL). */
static void want(struct fixture *fixture, const char *name, const char *ingresses, const char *host)
{
    AUTO(text) char *text = xasprintf("{\"name\":\"%s\",\"host\":\"%s\"}", name, host != NULL ? host : "h");
    struct kong_entity *entity = wanted(KONG_SERVICE, text, NULL);
    for (const char *at = ingresses; at != NULL && *at != '\0'; at += strcspn(at, ",") + (strchr(at, ',') != NULL)) {
        AUTO(text) char *ingress = xstrndup(at, strcspn(at, ","));
        add_source(entity, INGRESS, ingress);
    }
    struct rules_change change = {entity->kind, entity->key, ingresses != NULL ? entity : NULL};
    struct rules_delta delta = {.changes = &change, .change_count = 1};
    kong_plan_want(fixture->plan, change.kind, change.key, change.entity);
    census_delta(fixture->census, &delta);
    assert_false(census_work(fixture->census, CENSUS_WORK));
    kong_entity_unref(entity);
}

static void tell(void *user, const struct kong_item *item)
{
    census_item(((struct fixture *)user)->census, item);
}

/* The gateway takes everything, but what is refused. */
static void run(struct fixture *fixture, const char *refused)
{
    struct kong_op op;
    kong_plan_commit(fixture->plan, 1000);
    while (kong_plan_next(fixture->plan, 1000, &op)) {
        AUTO(json)
        struct json *body = op.verb != KONG_DELETE ? kong_op_body(kong_plan_state(fixture->plan), &op) : NULL;
        if (body != NULL && json_find(body, "id") == NULL)
            json_set_text(body, "id", op.item->actual->id);
        struct census_answer answer = {.at = 5, .status = 201, .verb = (uint8_t)op.verb, .took_ms = 7};
        census_answered(fixture->census, op.item, &answer);
        if (refused != NULL && strcmp(op.item->key, refused) == 0)
            kong_plan_refused(fixture->plan, &op, "KongRefused", "no", 1000);
        else
            kong_plan_landed(fixture->plan, &op, body, 1000);
    }
    kong_plan_tell(fixture->plan, tell, fixture);
}

static enum census_state state_of(const struct fixture *fixture, const char *kind, const char *name)
{
    const struct census_object *object = census_find(fixture->census, kind, "shop", name);
    return object != NULL ? object->state : CENSUS_STATES;
}

static void an_object_is_as_its_worst_entity(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, INGRESS, "a");
    put(fixture, INGRESS, "b");
    assert_int_equal(state_of(fixture, INGRESS, "a"), CENSUS_UNUSED);

    want(fixture, "one", "a", NULL);
    want(fixture, "two", "a,b", NULL);
    assert_int_equal(state_of(fixture, INGRESS, "a"), CENSUS_PENDING);

    run(fixture, "two");
    assert_int_equal(state_of(fixture, INGRESS, "a"), CENSUS_REFUSED);
    assert_int_equal(state_of(fixture, INGRESS, "b"), CENSUS_REFUSED);
    assert_int_equal(census_counts(fixture->census, NULL)[CENSUS_REFUSED], 2);

    want(fixture, "two", "b", "other");
    assert_int_equal(state_of(fixture, INGRESS, "a"), CENSUS_PROGRAMMED);
    run(fixture, NULL);
    assert_int_equal(state_of(fixture, INGRESS, "b"), CENSUS_PROGRAMMED);
    assert_int_equal(census_entity_counts(fixture->census, NULL)[CENSUS_PROGRAMMED], 2);
}

static void the_gateways_last_answer_is_kept(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, INGRESS, "a");
    want(fixture, "one", "a", NULL);
    run(fixture, NULL);

    const struct census_entity *entity = census_find_entity(fixture->census, KONG_SERVICE, "one");

    assert_int_equal(entity->answer.status, 201);
    assert_int_equal(entity->answer.took_ms, 7);
    assert_int_equal(entity->answer.verb, KONG_CREATE);
    assert_int_equal(entity->link_count, 1);
    assert_string_equal(entity->links[0].object->name, "a");
}

static void what_rules_only_read_is_told_apart_from_what_nobody_uses(void **state)
{
    struct fixture *fixture = *state;

    put(fixture, SLICE, "pods");
    put(fixture, "v1/Secret", "spare");

    assert_int_equal(state_of(fixture, SLICE, "pods"), CENSUS_READ);
    assert_int_equal(state_of(fixture, "v1/Secret", "spare"), CENSUS_UNUSED);
}

static void a_deleted_object_stays_while_its_deletes_are_held(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < 20; i++) {
        char name[16];
        snprintf(name, sizeof(name), "c%02d", i);
        put(fixture, INGRESS, name);
        AUTO(text) char *text = xasprintf("{\"username\":\"%s\"}", name); /* a kind that stands for its object */
        struct kong_entity *entity = wanted(KONG_CONSUMER, text, NULL);
        add_source(entity, INGRESS, name);
        struct rules_change change = {entity->kind, entity->key, entity};
        kong_plan_want(fixture->plan, change.kind, change.key, entity);
        census_delta(fixture->census, &(struct rules_delta){.changes = &change, .change_count = 1});
        assert_false(census_work(fixture->census, CENSUS_WORK));
        kong_entity_unref(entity);
    }
    run(fixture, NULL);
    assert_int_equal(census_counts(fixture->census, NULL)[CENSUS_PROGRAMMED], 20);

    for (int i = 0; i < 20; i++) {
        char name[16];
        snprintf(name, sizeof(name), "c%02d", i);
        gone(fixture, INGRESS, name);
        struct rules_change change = {kong_kind_get(KONG_CONSUMER), name, NULL};
        kong_plan_want(fixture->plan, change.kind, name, NULL);
        census_delta(fixture->census, &(struct rules_delta){.changes = &change, .change_count = 1});
        assert_false(census_work(fixture->census, CENSUS_WORK));
    }
    run(fixture, NULL);

    assert_int_equal(census_counts(fixture->census, NULL)[CENSUS_HELD], 10);
    assert_int_equal(state_of(fixture, INGRESS, "c19"), CENSUS_HELD);
    assert_null(census_find(fixture->census, INGRESS, "shop", "c19")->object);
    struct kong_held held = kong_plan_held(fixture->plan);
    assert_true(kong_plan_approve(fixture->plan, held.hash));
    run(fixture, NULL);
    assert_int_equal(state_of(fixture, INGRESS, "c19"), CENSUS_STATES);
    assert_int_equal(census_counts(fixture->census, NULL)[CENSUS_HELD], 0);
}

static void what_nobody_wants_is_told_by_its_tags(void **state)
{
    struct fixture *fixture = *state;
    static const char found[] =
        "{\"id\":\"7c0b5cc1-4f2a-4a6e-9d53-0d6f4a4b6a10\",\"name\":\"old\",\"host\":\"h\",\"tags\":"
        "[\"mine\",\"k8s-kind:Ingress\",\"k8s-group:networking.k8s.io\",\"k8s-version:v1\","
        "\"k8s-namespace:shop\",\"k8s-name:left\"]}";
    struct json *object = NULL;
    struct err err = ERR_INIT;
    bool listed[KONG_KIND_COUNT] = {false};
    assert_int_equal(json_parse(found, strlen(found), &object, &err), 0);

    kong_plan_read_start(fixture->plan, false);
    kong_plan_hold(fixture->plan, kong_kind_get(KONG_SERVICE), object);
    kong_plan_read_done(fixture->plan, listed);
    kong_plan_commit(fixture->plan, 1000);
    kong_plan_tell(fixture->plan, tell, fixture);

    assert_int_equal(state_of(fixture, INGRESS, "left"), CENSUS_PENDING);
    run(fixture, NULL);
    assert_int_equal(state_of(fixture, INGRESS, "left"), CENSUS_STATES);
    json_free(object);
}

static void problems_make_an_object_incomplete_and_are_kept(void **state)
{
    struct fixture *fixture = *state;
    struct kong_source about;
    kong_source_make(&about, INGRESS, "shop", "never-taken", "");
    struct problem *error = problem_new(PROBLEM_ERROR, "InvalidObject", &about, "no");
    struct problem *warning = problem_new(PROBLEM_WARN, "InvalidTag", &about, "hm");

    census_problem(fixture->census, warning, true);
    assert_int_equal(state_of(fixture, INGRESS, "never-taken"), CENSUS_UNUSED);
    census_problem(fixture->census, error, true);
    assert_int_equal(state_of(fixture, INGRESS, "never-taken"), CENSUS_INCOMPLETE);
    assert_int_equal(census_find(fixture->census, INGRESS, "shop", "never-taken")->problems.count, 2);

    census_problem(fixture->census, error, false);
    census_problem(fixture->census, warning, false);
    assert_null(census_find(fixture->census, INGRESS, "shop", "never-taken"));
    problem_unref(error);
    problem_unref(warning);
    kong_source_done(&about);
}

static void objects_of_a_kind_that_cannot_be_read_say_so(void **state)
{
    struct fixture *fixture = *state;
    const struct store_kind *kind = store_kinds_find(fixture->kinds, INGRESS);
    put(fixture, INGRESS, "a");

    census_unread(fixture->census, kind, "forbidden");
    assert_int_equal(state_of(fixture, INGRESS, "a"), CENSUS_UNREAD);
    assert_string_equal(census_unread_reason(fixture->census, kind), "forbidden");

    census_unread(fixture->census, kind, NULL);
    assert_int_equal(state_of(fixture, INGRESS, "a"), CENSUS_UNUSED);
}

static void changes_are_told_once_and_are_bounded(void **state)
{
    struct fixture *fixture = *state;
    struct census_object *changes[CENSUS_CHANGES_MAX];
    bool more;
    put(fixture, INGRESS, "a");
    put(fixture, INGRESS, "a");
    put(fixture, INGRESS, "b");
    gone(fixture, INGRESS, "b");

    assert_int_equal(census_take_changes(fixture->census, changes, &more), 2);
    assert_false(more);
    assert_string_equal(changes[0]->name, "a");
    assert_string_equal(changes[1]->name, "b");
    assert_null(changes[1]->object);
    assert_int_equal(census_take_changes(fixture->census, changes, &more), 0);

    for (int i = 0; i <= CENSUS_CHANGES_MAX; i++) {
        char name[16];
        snprintf(name, sizeof(name), "n%d", i);
        put(fixture, INGRESS, name);
    }
    assert_int_equal(census_take_changes(fixture->census, changes, &more), CENSUS_CHANGES_MAX);
    assert_true(more);
    assert_true(fixture->changes > 0);
}

static void many_changes_are_looked_at_a_few_at_a_time(void **state)
{
    struct fixture *fixture = *state;
    struct kong_entity *entities[5];
    struct rules_change changes[5];
    for (int i = 0; i < 5; i++) {
        AUTO(text) char *text = xasprintf("{\"name\":\"s%d\",\"host\":\"h\"}", i);
        entities[i] = wanted(KONG_SERVICE, text, NULL);
        add_source(entities[i], INGRESS, "a");
        changes[i] = (struct rules_change){entities[i]->kind, entities[i]->key, entities[i]};
        kong_plan_want(fixture->plan, entities[i]->kind, entities[i]->key, entities[i]);
    }
    census_delta(fixture->census, &(struct rules_delta){.changes = changes, .change_count = 5});

    assert_true(census_work(fixture->census, 2));
    assert_int_equal(census_find(fixture->census, INGRESS, "shop", "a")->entities.count, 2);
    run(fixture, NULL); /* what was not looked at yet is told of, too */
    assert_true(census_work(fixture->census, 2));
    assert_false(census_work(fixture->census, 2));

    assert_int_equal(census_entity_counts(fixture->census, NULL)[CENSUS_PROGRAMMED], 5);
    assert_int_equal(state_of(fixture, INGRESS, "a"), CENSUS_PROGRAMMED);
    for (int i = 0; i < 5; i++)
        kong_entity_unref(entities[i]);
}

/* What is kept against what is counted. */
static void assert_sound(const struct fixture *fixture)
{
    size_t objects[CENSUS_STATES] = {0}, entities[CENSUS_STATES] = {0}, links = 0, back = 0;
    const struct store_kind *kind;
    struct census_object *const *list;
    struct census_entity *const *wants;
    const struct kong_kind *row;
    size_t count;
    for (size_t k = 0; census_kind(fixture->census, k, &kind, &list, &count); k++)
        for (size_t i = 0; i < count; i++) {
            uint32_t of_entities[CENSUS_STATES] = {0};
            assert_true(i == 0 || strcmp(list[i - 1]->name, list[i]->name) < 0);
            for (size_t e = 0; e < list[i]->entities.count; e++) {
                assert_ptr_equal(list[i]->entities.items[e]->object, list[i]);
                assert_int_equal(list[i]->entities.items[e]->at, e);
                of_entities[list[i]->entities.items[e]->entity->state]++;
            }
            assert_memory_equal(of_entities, list[i]->counts, sizeof(of_entities));
            objects[list[i]->state]++;
            back += list[i]->entities.count;
        }
    for (size_t k = 0; census_entity_kind(fixture->census, k, &row, &wants, &count); k++)
        for (size_t i = 0; i < count; i++) {
            assert_true(i == 0 || strcmp(wants[i - 1]->key, wants[i]->key) < 0);
            entities[wants[i]->state]++;
            links += wants[i]->link_count;
        }
    assert_int_equal(links, back);
    assert_memory_equal(objects, census_counts(fixture->census, NULL), sizeof(objects));
    assert_memory_equal(entities, census_entity_counts(fixture->census, NULL), sizeof(entities));
}

static void what_is_kept_is_what_would_be_counted(void **state)
{
    struct fixture *fixture = *state;
    static const char *const sources[] = {"a", "b", "a,b", "c,a,d", "d", NULL};
    static const char *const names[] = {"a", "b", "c", "d"};
    struct random random = {11};
    for (int i = 0; i < 3000; i++) {
        char service[8];
        snprintf(service, sizeof(service), "s%d", (int)random_below(&random, 12));
        switch (random_below(&random, 5)) {
        case 0:
            put(fixture, INGRESS, names[random_below(&random, 4)]);
            break;
        case 1:
            gone(fixture, INGRESS, names[random_below(&random, 4)]);
            break;
        case 2:
        case 3:
            want(fixture, service, sources[random_below(&random, 6)], random_below(&random, 2) != 0 ? "x" : "y");
            break;
        default:
            run(fixture, random_below(&random, 2) != 0 ? service : NULL);
        }
        if (i % 10 == 0)
            assert_sound(fixture);
    }
    assert_sound(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
        WITH(an_object_is_as_its_worst_entity),
        WITH(the_gateways_last_answer_is_kept),
        WITH(what_rules_only_read_is_told_apart_from_what_nobody_uses),
        WITH(a_deleted_object_stays_while_its_deletes_are_held),
        WITH(what_nobody_wants_is_told_by_its_tags),
        WITH(problems_make_an_object_incomplete_and_are_kept),
        WITH(objects_of_a_kind_that_cannot_be_read_say_so),
        WITH(changes_are_told_once_and_are_bounded),
        WITH(many_changes_are_looked_at_a_few_at_a_time),
        WITH(what_is_kept_is_what_would_be_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
