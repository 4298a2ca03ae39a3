/* What PostgreSQL prints, as JSON. */
#include <string.h>

#include "check.h"
#include "value.h"

static void check(const char *type, const char *text, const char *expected)
{
    struct err err = ERR_INIT;
    AUTO(json) struct json *value = NULL;
    int rc = value_read(value_type_of(type), text, strlen(text), &value, &err);
    if (expected == NULL) {
        assert_int_not_equal(rc, 0);
        assert_true(strlen(text) < 4 || strstr(err.text, text) == NULL); /* it may be a secret */
        return;
    }
    if (rc != 0)
        fail_msg("%s %s: %s", type, text, err.text);
    AUTO(text) char *printed = json_print_text(value);
    assert_string_equal(printed, expected);
}

static void scalars_are_read(void **state)
{
    check("text", "a \"b\"", "\"a \\\"b\\\"\"");
    check("text", "", "\"\"");
    check("uuid", "24b37684-8b2e-5372-82e5-d65f47dcfa94", "\"24b37684-8b2e-5372-82e5-d65f47dcfa94\"");
    check("int8", "-9007199254740991", "-9007199254740991");
    check("int2", "7", "7");
    check("float8", "1.5e-07", "1.5e-07");
    check("numeric", "100.250", "100.25");
    check("bool", "t", "true");
    check("bool", "f", "false");
    check("jsonb", "{\"a\": [1, null, \"ü\"]}", "{\"a\":[1,null,\"ü\"]}");
    check("json", " null ", "null");
    check("some_enum", "round-robin", "\"round-robin\"");
}

static void times_become_seconds(void **state)
{
    check("timestamptz", "2026-11-23 14:34:10+00", "1795444450");
    check("timestamptz", "2026-11-23 14:34:10.926+00", "1795444450.926");
    check("timestamptz", "2026-11-23 20:04:10+05:30", "1795444450");
    check("timestamptz", "2026-11-23 11:04:10-03:30", "1795444450");
    check("timestamp", "2026-11-23 14:34:10", "1795444450");
    check("timestamp", "1969-12-31 23:59:59.5", "-0.5");
    check("timestamptz", "infinity", "null");
}

static void arrays_are_read(void **state)
{
    check("_text", "{}", "[]");
    check("_text", "{http,https}", "[\"http\",\"https\"]");
    check("_text", "{\"a,b\",\"c\\\"d\\\\e\",\"\",\"NULL\",NULL,x\\,y}",
          "[\"a,b\",\"c\\\"d\\\\e\",\"\",\"NULL\",null,\"x,y\"]");
    check("_uuid", "{24b37684-8b2e-5372-82e5-d65f47dcfa94}", "[\"24b37684-8b2e-5372-82e5-d65f47dcfa94\"]");
    check("_int4", "{1,-2,NULL}", "[1,-2,null]");
    check("_jsonb", "{\"{\\\"ip\\\": \\\"10.0.0.0/8\\\", \\\"port\\\": 9000}\",\"{}\"}",
          "[{\"ip\":\"10.0.0.0/8\",\"port\":9000},{}]");
    check("_text", "{{a,b},{c,d}}", "[[\"a\",\"b\"],[\"c\",\"d\"]]");
    check("_int4", "[0:1]={5,6}", "[5,6]");
}

static void what_is_broken_is_refused_and_not_quoted(void **state)
{
    static const char *const broken[][2] = {
        {"int8", ""},
        {"int8", "12x9"},
        {"int8", "0x10"},
        {"float8", "NaN"},
        {"float8", "Infinity"},
        {"float8", "1e999"},
        {"bool", "true"},
        {"jsonb", "{\"a\":}"},
        {"jsonb", "{} {}"},
        {"timestamptz", "now"},
        {"timestamptz", "2026-1-1"},
        {"timestamptz", "2026-11-23 14:34:10+0"},
        {"_text", ""},
        {"_text", "{a"},
        {"_text", "{a}}"},
        {"_text", "{a,}"},
        {"_text", "{,a}"},
        {"_text", "{\"a"},
        {"_text", "{a\\"},
        {"_text", "{a}b"},
        {"_int4", "{1,x}"},
        {"_text", "{{{{{{{a}}}}}}}"},
        {"_text", "[0:1]={"},
        {"_jsonb", "{nope}"},
    };
    for (size_t i = 0; i < COUNT_OF(broken); i++)
        check(broken[i][0], broken[i][1], NULL);
}

static void a_text_with_a_nul_is_refused(void **state)
{
    struct err err = ERR_INIT;
    struct json *value = NULL;

    assert_int_not_equal(value_read(value_type_of("text"), "a\0b", 3, &value, &err), 0);
}

static void a_list_that_is_sent_is_read_back(void **state)
{
    static const char *const items[] = {"plain", "a,b", "q\"\\", "", "NULL", "ü {x}"};
    AUTO(buf) struct buf text = BUF_OWN;

    value_print_list(items, COUNT_OF(items), &text);

    check("_text", buf_text(&text), "[\"plain\",\"a,b\",\"q\\\"\\\\\",\"\",\"NULL\",\"ü {x}\"]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars_are_read),
        cmocka_unit_test(times_become_seconds),
        cmocka_unit_test(arrays_are_read),
        cmocka_unit_test(what_is_broken_is_refused_and_not_quoted),
        cmocka_unit_test(a_text_with_a_nul_is_refused),
        cmocka_unit_test(a_list_that_is_sent_is_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
