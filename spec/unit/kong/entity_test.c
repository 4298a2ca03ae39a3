/* The life of entities and how they are named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kong/problem.h"

static struct kong_entity *route(const char *text)
{
    struct kong_entity *entity = kong_entity_new(kong_kind_get(KONG_ROUTE));
    entity->key = xstrdup("r");
    entity->id = xstrdup("00000000-0000-4000-8000-000000000001");
    entity->text = xstrdup(text);
    entity->foreign_keys[0] = xstrdup("s");
    return entity;
}

static void entities_are_equal_when_nothing_that_is_sent_differs(void **state)
{
    AUTO(kong_entity) struct kong_entity *left = route("{}");
    AUTO(kong_entity) struct kong_entity *same = route("{}");
    AUTO(kong_entity) struct kong_entity *text = route("{\"paths\":[]}");
    AUTO(kong_entity) struct kong_entity *foreign = route("{}");
    AUTO(kong_entity) struct kong_entity *guarded = route("{}");
    free(foreign->foreign_keys[0]);
    foreign->foreign_keys[0] = NULL;
    guarded->guards = xcalloc(1, sizeof(char *));
    guarded->guards[guarded->guard_count++] = xstrdup("key-auth:route/r");
    same->origin.line = 7;

    assert_true(kong_entity_equal(left, same));
    assert_false(kong_entity_equal(left, text));
    assert_false(kong_entity_equal(left, foreign));
    assert_false(kong_entity_equal(left, guarded));
}

static void a_title_shortens_secret_keys(void **state)
{
    AUTO(kong_entity) struct kong_entity *plain = route("{}");
    AUTO(kong_entity) struct kong_entity *secret = kong_entity_new(kong_kind_get(KONG_KEY_AUTH));
    secret->key = xstrdup("8254c329a92850f6d539dd376f4816ee");

    AUTO(text) char *plain_title = kong_entity_title(plain);
    AUTO(text) char *secret_title = kong_entity_title(secret);

    assert_string_equal(plain_title, "route r");
    assert_string_equal(secret_title, "key_auth 8254c329…");
}

static void problems_are_ordered_by_object_then_code(void **state)
{
    struct kong_source shop = {(char *)"networking.k8s.io/v1/Ingress", (char *)"default", (char *)"shop", (char *)""};
    struct kong_source tea = {(char *)"networking.k8s.io/v1/Ingress", (char *)"default", (char *)"tea", (char *)""};
    struct problem *first = problem_new(PROBLEM_WARN, "ServiceNotFound", &shop, "x");
    struct problem *second = problem_new(PROBLEM_ERROR, "BackendNotFound", &tea, "x");

    AUTO(text) char *title = kong_source_title(&first->about);

    assert_true(problem_compare(first, second) < 0);
    assert_int_equal(problem_compare(first, first), 0);
    assert_string_equal(title, "Ingress default/shop");
    problem_unref(first);
    problem_unref(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entities_are_equal_when_nothing_that_is_sent_differs),
        cmocka_unit_test(a_title_shortens_secret_keys),
        cmocka_unit_test(problems_are_ordered_by_object_then_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
