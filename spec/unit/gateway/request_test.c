/* The Admin API request of each operation. */
#include "check.h"

#include <string.h>

#include "request.h"
#include "wanted.h"

#define ID "11111111-2222-4333-8444-555555555555"

static const char *const owner[] = {"mine"};

struct fixture {
    struct kong_schemas *schemas;
    struct kong_plan *plan;
};

static int setup(void **state)
{
    struct fixture *fixture = xcalloc(1, sizeof(*fixture));
    fixture->schemas = kong_schemas_new();
    fixture->plan = kong_plan_new(fixture->schemas, (struct kong_tags){owner, 1}, &(struct kong_plan_options){0});
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    kong_plan_free(fixture->plan);
    kong_schemas_free(fixture->schemas);
    free(fixture);
    return 0;
}

static void hold(struct fixture *fixture, enum kong_kind_id kind, const char *text)
{
    struct err err = ERR_INIT;
    AUTO(json) struct json *object = NULL;
    assert_int_equal(json_parse(text, strlen(text), &object, &err), 0);
    kong_plan_hold(fixture->plan, kong_kind_get(kind), object);
}

static void want(struct fixture *fixture, struct kong_entity *entity)
{
    kong_plan_want(fixture->plan, entity->kind, entity->key, entity);
    kong_entity_unref(entity);
}

static void assert_request(struct fixture *fixture, enum kong_kind_id kind, const char *key, enum kong_verb verb,
                           const char *line, const char *body)
{
    struct kong_state *state = kong_plan_state(fixture->plan);
    struct kong_op op = {verb, kong_state_find(state, kind, key)};
    assert_non_null(op.item);
    struct request request;
    request_make(state, &op, &request);
    AUTO(text) char *found = xasprintf("%s %s", request.method, request.path);
    assert_string_equal(found, line);
    if (body != NULL)
        assert_string_equal(request.body, body);
    else
        assert_null(request.body);
    request_done(&request);
}

static void creates_name_their_id_and_updates_the_id_that_is_there(void **state)
{
    struct fixture *fixture = *state;
    hold(fixture, KONG_SERVICE, "{\"id\":\"" ID "\",\"name\":\"old\",\"host\":\"h\",\"tags\":[\"mine\"]}");
    want(fixture, wanted(KONG_SERVICE, "{\"name\":\"old\",\"host\":\"i\"}", NULL));
    struct kong_entity *entity = wanted(KONG_SERVICE, "{\"name\":\"new\",\"host\":\"i\"}", NULL);
    AUTO(text)
    char *body = xasprintf("{\"host\":\"i\",\"id\":\"%s\",\"name\":\"new\",\"tags\":[\"mine\"]}", entity->id);
    want(fixture, entity);

    assert_request(fixture, KONG_SERVICE, "new", KONG_CREATE, "POST /services", body);
    assert_request(fixture, KONG_SERVICE, "old", KONG_UPDATE, "PUT /services/" ID,
                   "{\"host\":\"i\",\"name\":\"old\",\"tags\":[\"mine\"]}");
    assert_request(fixture, KONG_SERVICE, "old", KONG_DELETE, "DELETE /services/" ID, NULL);
    assert_request(fixture, KONG_SERVICE, "old", KONG_READ, "GET /services/" ID, NULL);
}

static void a_certificate_is_patched_and_keeps_its_names(void **state)
{
    struct fixture *fixture = *state;
    struct kong_entity *entity = wanted(KONG_CERTIFICATE, "{\"cert\":\"C\",\"key\":\"K\"}", NULL);
    AUTO(text) char *key = xstrdup(entity->key);
    hold(fixture, KONG_CERTIFICATE,
         "{\"id\":\"" ID "\",\"cert\":\"C\",\"key\":\"K\",\"tags\":[\"mine\"],\"snis\":[\"a\"]}");
    want(fixture, entity);

    assert_request(fixture, KONG_CERTIFICATE, key, KONG_UPDATE, "PATCH /certificates/" ID,
                   "{\"cert\":\"C\",\"cert_alt\":null,\"key\":\"K\",\"key_alt\":null,\"tags\":[\"mine\"]}");
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(creates_name_their_id_and_updates_the_id_that_is_there),
        test(a_certificate_is_patched_and_keeps_its_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
