/* JSON trees: canonical text, equality, numbers, limits. */
#include "base/json.h"

#include <string.h>

#include "check.h"

static struct json *parse(const char *text)
{
    struct json *value = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(json_parse(text, strlen(text), &value, &err), 0);
    return value;
}

static void canonical_text_sorts_names_and_keeps_lists(void **state)
{
    static const struct {
        const char *text, *canonical;
    } cases[] = {
        {" { \"b\" : [ 2 , 1 ] , \"a\" : { } } ", "{\"a\":{},\"b\":[2,1]}"},
        {"1.0", "1"},
        {"-0", "0"},
        {"9007199254740992", "9007199254740992"},
        {"57178899677193", "57178899677193"},
        {"0.1", "0.1"},
        {"1e-7", "1e-07"},
        {"\"\\u00e4\\n\\u0001\\/\"", "\"ä\\n\\u0001/\""},
        {"\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\""},
        {"[true,false,null]", "[true,false,null]"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(json) struct json *value = parse(cases[i].text);

        AUTO(text) char *text = json_print_text(value);

        assert_string_equal(text, cases[i].canonical);
    }
}

static void equality_does_not_see_the_order_of_names(void **state)
{
    AUTO(json) struct json *one = parse("{\"a\":1,\"b\":[1,2]}");
    AUTO(json) struct json *same = parse("{\"b\":[1,2],\"a\":1.0}");
    AUTO(json) struct json *other = parse("{\"b\":[2,1],\"a\":1}");

    assert_true(json_equal(one, same));
    assert_false(json_equal(one, other));
}

static void names_are_case_sensitive_and_paths_follow_dots(void **state)
{
    AUTO(json) struct json *value = parse("{\"Name\":\"A\",\"name\":\"b\",\"deep\":{\"er\":7}}");

    assert_string_equal(json_find_text(value, "name"), "b");
    assert_string_equal(json_find_text(value, "Name"), "A");
    assert_null(json_find(value, "NAME"));
    assert_int_equal(json_integer(json_find_path(value, "deep.er"), 0), 7);
    assert_null(json_find_path(value, "deep.er.more"));
}

static void broken_text_is_refused_with_its_place(void **state)
{
    static const struct {
        const char *text, *said;
    } cases[] = {{"{\"a\":1,\n \"b\" 2}", "line 2"},
                 {"[1] x", "goes on after its end"},
                 {"", "line 1"},
                 {"{\"a\":}", "line 1, column 6"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct json *value = NULL;
        struct err err = ERR_INIT;

        int rc = json_parse(cases[i].text, strlen(cases[i].text), &value, &err);

        assert_int_equal(rc, -ERR_PARSE);
        if (strstr(err.text, cases[i].said) == NULL)
            fail_msg("'%s' does not say '%s'", err.text, cases[i].said);
    }
}

static void deep_nesting_is_refused(void **state)
{
    char text[2 * JSON_DEPTH_MAX + 8];
    memset(text, '[', sizeof(text));
    struct json *value = NULL;
    struct err err = ERR_INIT;

    assert_int_equal(json_parse(text, sizeof(text), &value, &err), -ERR_TOO_BIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(canonical_text_sorts_names_and_keeps_lists),
        cmocka_unit_test(equality_does_not_see_the_order_of_names),
        cmocka_unit_test(names_are_case_sensitive_and_paths_follow_dots),
        cmocka_unit_test(broken_text_is_refused_with_its_place),
        cmocka_unit_test(deep_nesting_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
