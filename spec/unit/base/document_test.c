/* Documents in JSON, YAML and both: each with its line, a broken one with its own; marks and UTF-16; lines of values. */
#include "base/document.h"
#include "check.h"

static void take(void *user, const struct document *document)
{
    buf_printf(user, "%d:%.*s\n", document->line, (int)document->length, document->text);
}

static void take_broken(void *user, int line, bool rest_unread, const struct err *err)
{
    buf_printf(user, "%d:broken%s\n", line, rest_unread ? ", the rest is not read" : "");
}

static void check_bytes(const char *text, size_t length, const char *expected)
{
    AUTO(buf) struct buf seen = BUF_OWN;
    struct document_events events = {100000, take, take_broken, &seen};
    document_each(text, length, &events);
    assert_string_equal(buf_text(&seen), expected);
}

static void check(const char *text, const char *expected)
{
    check_bytes(text, strlen(text), expected);
}

static void json_follows_json_with_or_without_anything_between(void **state)
{
    check("{\"a\":1}\n{\"b\":2}{\"c\":3}\n", "1:{\"a\":1}\n2:{\"b\":2}\n2:{\"c\":3}\n");
    check("\n{\n  \"a\": [\n    1\n  ]\n}\n\n{\"b\": \"\\ud83c\\udf89\"}\n",
          "2:{\n  \"a\": [\n    1\n  ]\n}\n8:{\"b\": \"\\ud83c\\udf89\"}\n");
    check("[1]\n[2]", "1:[1]\n2:[2]\n");
}

static void json_and_yaml_take_turns(void **state)
{
    check("{\"a\":1}\n---\nb: 2\n---\n# c\n{\"d\":\"\\ud83c\\udf89\"}\n--- {\"e\": 5}\n---\n{f: 6,\n g: 7}\n",
          "1:{\"a\":1}\n3:{\"b\":2}\n6:{\"d\":\"\\ud83c\\udf89\"}\n7:{\"e\": 5}\n9:{\"f\":6,\"g\":7}\n");
    check("{a: 1}\n", "1:{\"a\":1}\n");
}

static void a_broken_json_document_costs_itself(void **state)
{
    check("{\"a\":1}\n{\"b\": [1, 2\n{\"c\":3}\n", "1:{\"a\":1}\n2:broken\n3:{\"c\":3}\n");
    check("{\"a\": [1, }\n{\"b\":2}\n", "1:broken\n2:{\"b\":2}\n");
    check("{\"a\":1}\n{\"b\": tru}\n{\"c\": \"x\ny\"}\n{\"d\":4}\n", "1:{\"a\":1}\n2:broken\n3:broken\n5:{\"d\":4}\n");
    check("{\"a\": \"\\u0000\"}\n", "1:broken\n");
}

static void behind_broken_yaml_nothing_is_read_and_that_is_said(void **state)
{
    check("a: 1\n---\nb: [\n---\nc: 3\n", "1:{\"a\":1}\n4:broken, the rest is not read\n");
    check("a: 1\n---\nb: [\n", "1:{\"a\":1}\n4:broken\n");
    check("{\"a\":1}\n---\nb: [\n---\n{\"c\":3}\n", "1:{\"a\":1}\n4:broken, the rest is not read\n");
}

#define MARK "\xef\xbb\xbf"

static void byte_order_marks_are_no_column(void **state)
{
    check(MARK "a: 1\nb: 2\n", "1:{\"a\":1,\"b\":2}\n");
    check(MARK "# c\na: 1\nb: 2\n", "2:{\"a\":1,\"b\":2}\n");
    check("a: 1\n---\n" MARK "b: 2\nc: 3\n" MARK "---\nd: 4\n", "1:{\"a\":1}\n3:{\"b\":2,\"c\":3}\n6:{\"d\":4}\n");
    check(MARK "---\n\n" MARK "a: 1\nb: 2\n", "3:{\"a\":1,\"b\":2}\n");
    check(MARK "{\"a\":1}\n" MARK "{\"b\":2}\n", "1:{\"a\":1}\n2:{\"b\":2}\n");
    check("a: \"" MARK "b\"\n", "1:{\"a\":\"" MARK "b\"}\n");
    check("a: |\n  x\n\n  " MARK "y\n", "1:{\"a\":\"x\\n\\n" MARK "y\\n\"}\n");
}

static void utf16_is_read_by_its_mark(void **state)
{
    static const char little[] = "\xff\xfe"
                                 "a\0:\0 \0\xe9\0\n\0"
                                 "b\0:\0 \0\x3c\xd8\x89\xdf\n\0";
    static const char big[] = "\xfe\xff\0a\0:\0 \0x\0\n";

    check_bytes(little, sizeof(little) - 1, "1:{\"a\":\"é\",\"b\":\"🎉\"}\n");
    check_bytes(big, sizeof(big) - 1, "1:{\"a\":\"x\"}\n");
}

/* The line of what begins with `word` in the one document of `text`. */
static void take_line(void *user, const struct document *document)
{
    int *line = user;
    AUTO(text) char *json = xstrndup(document->text, document->length);
    const char *found = strstr(json, "\"found\"");
    assert_non_null(found);
    size_t offset = (size_t)(found - json);
    document_find_lines(document, &offset, line, 1);
}

static int line_of_found(const char *text)
{
    int line = 0;
    struct document_events events = {100000, take_line, NULL, &line};
    document_each(text, strlen(text), &events);
    return line;
}

static void values_have_the_lines_of_their_keys(void **state)
{
    assert_int_equal(line_of_found("a: 1\nb:\n  c:\n  - d\n  - e: found\n"), 5);
    assert_int_equal(line_of_found("# é\na: 1\nb: {c: 2,\n  d: found}\n"), 4);
    assert_int_equal(line_of_found("a:\n  found\n"), 1);
    assert_int_equal(line_of_found("a:\n- b\n\n- found\n"), 4);
    assert_int_equal(line_of_found("a: &x\n  b: 1\nc:\n  <<: *x\n  d: found\n"), 5);
    assert_int_equal(line_of_found("{\n \"a\": 1,\n \"b\": [\n  \"found\"\n ]\n}\n"), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_follows_json_with_or_without_anything_between),
        cmocka_unit_test(json_and_yaml_take_turns),
        cmocka_unit_test(a_broken_json_document_costs_itself),
        cmocka_unit_test(behind_broken_yaml_nothing_is_read_and_that_is_said),
        cmocka_unit_test(byte_order_marks_are_no_column),
        cmocka_unit_test(utf16_is_read_by_its_mark),
        cmocka_unit_test(values_have_the_lines_of_their_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
