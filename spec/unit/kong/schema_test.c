/* What a gateway's schema says about fields. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kong/schema.h"

static const char limits[] =
    "{\"fields\":[{\"protocols\":{\"type\":\"set\",\"default\":[\"http\",\"grpc\"]}},"
    "{\"config\":{\"type\":\"record\",\"required\":true,"
    "\"shorthand_fields\":[{\"redis_host\":{\"type\":\"string\",\"deprecation\":{\"replaced_with\":[{\"path\":["
    "\"redis\",\"host\"]}]}}}],"
    "\"fields\":[{\"minute\":{\"type\":\"number\"}},{\"policy\":{\"type\":\"string\",\"default\":\"local\"}},"
    "{\"redis\":{\"type\":\"record\",\"required\":true,\"fields\":[{\"host\":{\"type\":\"string\"}},"
    "{\"port\":{\"type\":\"integer\",\"default\":6379}},{\"password\":{\"type\":\"string\",\"encrypted\":true}}]}},"
    "{\"sources\":{\"type\":\"array\",\"elements\":{\"type\":\"record\",\"fields\":[{\"weight\":{\"type\":\"integer\","
    "\"default\":1}}]}}}"
    "]}},{\"created_at\":{\"type\":\"integer\",\"timestamp\":true,\"auto\":true}}]}";

static struct json *parse(const char *text)
{
    struct err err = ERR_INIT;
    struct json *value = NULL;
    assert_int_equal(json_parse(text, strlen(text), &value, &err), 0);
    return value;
}

static void assert_filled(const char *fields, const char *expected)
{
    AUTO(json) struct json *schema = parse(limits);
    AUTO(json) struct json *value = parse(fields);

    kong_schema_fill(schema, value);

    AUTO(text) char *text = json_print_text(value);
    assert_string_equal(text, expected);
}

static void defaults_are_filled_in_at_every_depth(void **state)
{
    assert_filled(
        "{\"config\":{\"minute\":5,\"sources\":[{}]}}",
        "{\"config\":{\"minute\":5,\"policy\":\"local\",\"redis\":{\"port\":6379},\"sources\":[{\"weight\":1}]},"
        "\"protocols\":[\"grpc\",\"http\"]}");
    assert_filled("{}",
                  "{\"config\":{\"policy\":\"local\",\"redis\":{\"port\":6379}},\"protocols\":[\"grpc\",\"http\"]}");
}

static void what_is_set_wins_over_the_default_and_null_does_not(void **state)
{
    assert_filled("{\"protocols\":[\"http\",\"http\"],\"config\":{\"policy\":\"redis\",\"redis\":null}}",
                  "{\"config\":{\"policy\":\"redis\",\"redis\":{\"port\":6379}},\"protocols\":[\"http\"]}");
}

static void shorthand_fields_move_to_what_replaced_them(void **state)
{
    assert_filled(
        "{\"config\":{\"redis_host\":\"r\"},\"protocols\":[\"http\"]}",
        "{\"config\":{\"policy\":\"local\",\"redis\":{\"host\":\"r\",\"port\":6379}},\"protocols\":[\"http\"]}");
    assert_filled(
        "{\"config\":{\"redis_host\":\"old\",\"redis\":{\"host\":\"new\"}},\"protocols\":[\"http\"]}",
        "{\"config\":{\"policy\":\"local\",\"redis\":{\"host\":\"new\",\"port\":6379}},\"protocols\":[\"http\"]}");
}

static void assert_shown(const char *text, const char *expected)
{
    AUTO(json) struct json *schema = parse(limits);
    AUTO(json) struct json *value = parse(text);

    kong_schema_show(schema, NULL, value);

    AUTO(text) char *shown = json_print_text(value);
    assert_string_equal(shown, expected);
}

static void times_and_repeated_shorthands_are_dropped_from_answers(void **state)
{
    assert_shown("{\"created_at\":1,\"config\":{\"redis_host\":\"r\",\"redis\":{\"host\":\"r\"},\"minute\":1}}",
                 "{\"config\":{\"minute\":1,\"redis\":{\"host\":\"r\"}}}");
}

static void what_another_version_has_stored_is_brought_up_to_date(void **state)
{
    assert_shown("{\"config\":{\"redis_host\":\"r\",\"minute\":1,\"gone\":1},\"ws_id\":\"w\"}",
                 "{\"config\":{\"minute\":1,\"redis\":{\"host\":\"r\"}}}");
    assert_shown("{\"config\":{\"policy\":\"\",\"sources\":[{\"ip\":\"\",\"x\":1}]}}",
                 "{\"config\":{\"sources\":[{}]}}");
}

static void unknown_fields_are_named_by_their_path(void **state)
{
    static const char *const cases[][2] = {
        {"{\"config\":{\"bogus\":1}}", "config.bogus"},
        {"{\"bogus\":1}", "bogus"},
        {"{\"config\":{\"sources\":[{\"weight\":1},{\"x\":1}]}}", "config.sources[2].x"},
        {"{\"config\":{\"redis_host\":\"r\"}}", NULL},
    };
    AUTO(json) struct json *schema = parse(limits);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(json) struct json *value = parse(cases[i][0]);

        AUTO(text) char *path = kong_schema_unknown_field(schema, value);

        if (cases[i][1] == NULL)
            assert_null(path);
        else
            assert_string_equal(path, cases[i][1]);
    }
}

static void a_schema_that_is_missing_is_known_to_be(void **state)
{
    struct kong_schemas *schemas = kong_schemas_new();
    AUTO(json) struct json *schema = parse(limits);
    AUTO(json) struct json *nonsense = parse("{\"message\":\"Not found\"}");
    struct err err = ERR_INIT;

    assert_false(kong_schemas_known(schemas, "plugins/x"));
    kong_schemas_put_missing(schemas, "plugins/x");
    assert_true(kong_schemas_known(schemas, "plugins/x"));
    assert_null(kong_schemas_find(schemas, "plugins/x"));
    assert_int_equal(kong_schemas_put(schemas, "plugins/x", schema, &err), 0);
    assert_non_null(kong_schemas_find(schemas, "plugins/x"));
    assert_true(kong_schemas_put(schemas, "routes", nonsense, &err) < 0);

    kong_schemas_free(schemas);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_filled_in_at_every_depth),
        cmocka_unit_test(what_is_set_wins_over_the_default_and_null_does_not),
        cmocka_unit_test(shorthand_fields_move_to_what_replaced_them),
        cmocka_unit_test(times_and_repeated_shorthands_are_dropped_from_answers),
        cmocka_unit_test(what_another_version_has_stored_is_brought_up_to_date),
        cmocka_unit_test(unknown_fields_are_named_by_their_path),
        cmocka_unit_test(a_schema_that_is_missing_is_known_to_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
