/* Mappings with few and many keys, keys that stand twice, and merges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/yaml.h"

static char *parse(const char *text, struct err *err)
{
    AUTO(json) struct json *value = NULL;
    if (yaml_parse(text, strlen(text), &value, err) != 0)
        return NULL;
    return json_print_text(value);
}

/* k0: 0 … of so many members, and then the last line. */
static char *mapping(int members, const char *last)
{
    struct buf text = BUF_OWN;
    for (int i = 0; i < members; i++)
        buf_printf(&text, "k%d: %d\n", i, i);
    buf_append_text(&text, last);
    return buf_take(&text);
}

static void a_key_that_stands_twice_is_an_error_in_small_and_large_mappings(void **state)
{
    static const int sizes[] = {1, 15, 16, 17, 40};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct err err = ERR_INIT;
        AUTO(text) char *text = mapping(sizes[i], "k0: again\n");

        AUTO(text) char *json = parse(text, &err);

        assert_null(json);
        assert_non_null(strstr(err.text, "'k0' stands twice"));
    }
}

static void many_different_keys_are_all_kept(void **state)
{
    struct err err = ERR_INIT;
    AUTO(text) char *text = mapping(100, "\"a\\\"b\": 1\n");
    AUTO(json) struct json *value = NULL;

    assert_int_equal(yaml_parse(text, strlen(text), &value, &err), 0);

    assert_int_equal(json_count(value), 101);
    assert_int_equal(json_integer(json_find(value, "k99"), -1), 99);
    assert_int_equal(json_integer(json_find(value, "a\"b"), -1), 1);
}

static void a_merged_key_never_takes_the_place_of_an_own_one(void **state)
{
    struct err err = ERR_INIT;

    AUTO(text) char *json = parse("base: &b {a: 1, b: 2, c: 3}\nuse:\n  <<: *b\n  b: own\n", &err);

    assert_string_equal(json, "{\"base\":{\"a\":1,\"b\":2,\"c\":3},\"use\":{\"a\":1,\"b\":\"own\",\"c\":3}}");
}

static void nested_mappings_may_repeat_the_keys_of_their_parents(void **state)
{
    struct err err = ERR_INIT;

    AUTO(text) char *json = parse("a: {a: {a: 1, b: 2}, b: 3}\nb: 4\n", &err);

    assert_string_equal(json, "{\"a\":{\"a\":{\"a\":1,\"b\":2},\"b\":3},\"b\":4}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_that_stands_twice_is_an_error_in_small_and_large_mappings),
        cmocka_unit_test(many_different_keys_are_all_kept),
        cmocka_unit_test(a_merged_key_never_takes_the_place_of_an_own_one),
        cmocka_unit_test(nested_mappings_may_repeat_the_keys_of_their_parents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
