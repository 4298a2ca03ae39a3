/* YAML as JSON text: what plain scalars are, aliases and their limits, and errors that say where. */
#include "base/yaml.h"
#include "check.h"

struct seen {
    struct buf text; /* documents, one per line, with their line numbers */
};

static int take(void *user, const struct yaml_document *document, struct err *err)
{
    struct seen *seen = user;
    buf_printf(&seen->text, "%d:", document->line);
    buf_append(&seen->text, document->text, document->length);
    buf_append_char(&seen->text, '\n');
    return 0;
}

static int read_text(const char *yaml, size_t limit, struct seen *seen, struct err *err)
{
    seen->text = (struct buf)BUF_OWN;
    struct yaml_input input = {yaml, strlen(yaml), limit, 0};
    return yaml_each_document(&input, take, seen, NULL, err);
}

static void scalars_are_what_kubernetes_takes_them_for(void **state)
{
    static const struct {
        const char *yaml, *json;
    } cases[] = {
        {"a: 1", "{\"a\":1}"},
        {"a: -12", "{\"a\":-12}"},
        {"a: 0308", "{\"a\":308}"},
        {"a: 0x1F", "{\"a\":31}"},
        {"a: 0o17", "{\"a\":15}"},
        {"a: 1.50", "{\"a\":1.5}"},
        {"a: 1e3", "{\"a\":1000}"},
        {"a: 9007199254740991", "{\"a\":9007199254740991}"},
        {"a: true", "{\"a\":true}"},
        {"a: yes", "{\"a\":true}"},
        {"a: Off", "{\"a\":false}"},
        {"a: yES", "{\"a\":\"yES\"}"},
        {"a: 017", "{\"a\":15}"},
        {"a: -0x1f", "{\"a\":-31}"},
        {"a: 0b101", "{\"a\":5}"},
        {"a: 1_000", "{\"a\":1000}"},
        {"a: 1:30", "{\"a\":\"1:30\"}"},
        {"a: 0x", "{\"a\":\"0x\"}"},
        {"on: 1", "{\"true\":1}"},
        {"017: 1", "{\"15\":1}"},
        {"\"on\": 1", "{\"on\":1}"},
        {"a: ~", "{\"a\":null}"},
        {"a:", "{\"a\":null}"},
        {"a: \"1\"", "{\"a\":\"1\"}"},
        {"a: !!str 1", "{\"a\":\"1\"}"},
        {"a: 2026-01-01T00:00:00Z", "{\"a\":\"2026-01-01T00:00:00Z\"}"},
        {"a: 1.2.3", "{\"a\":\"1.2.3\"}"},
        {"a: |\n  x\n  y\n", "{\"a\":\"x\\ny\\n\"}"},
        {"- 1\n- [a, {b: c}]\n- {}\n- []", "[1,[\"a\",{\"b\":\"c\"}],{},[]]"},
        {"a: &x {k: 1}\nb: *x", "{\"a\":{\"k\":1},\"b\":{\"k\":1}}"},
        {"a: &x {k: 1, l: 2}\nb: {<<: *x, k: 3}", "{\"a\":{\"k\":1,\"l\":2},\"b\":{\"k\":3,\"l\":2}}"},
        {"a: &x {k: 1}\nb: {<<: [*x, {m: 4}]}", "{\"a\":{\"k\":1},\"b\":{\"k\":1,\"m\":4}}"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct seen seen;
        struct err err = ERR_INIT;

        int rc = read_text(cases[i].yaml, 1000, &seen, &err);

        AUTO(text) char *expected = xasprintf("1:%s\n", cases[i].json);
        assert_int_equal(rc, 0);
        assert_string_equal(buf_text(&seen.text), expected);
        buf_done(&seen.text);
    }
}

static void documents_come_one_by_one_with_their_lines(void **state)
{
    struct seen seen;
    struct err err = ERR_INIT;

    int rc = read_text("---\n# nothing here\n---\na: 1\n---\n\nb: 2\n---\n", 1000, &seen, &err);

    assert_int_equal(rc, 0);
    assert_string_equal(buf_text(&seen.text), "4:{\"a\":1}\n7:{\"b\":2}\n");
    buf_done(&seen.text);
}

static void what_stands_before_an_error_is_delivered(void **state)
{
    struct seen seen;
    struct err err = ERR_INIT;

    int rc = read_text("a: 1\n---\nb: [1\nc: 2\n", 1000, &seen, &err);

    assert_int_equal(rc, -ERR_PARSE);
    assert_string_equal(buf_text(&seen.text), "1:{\"a\":1}\n");
    assert_non_null(strstr(err.text, "line 4"));
    buf_done(&seen.text);
}

static void bad_documents_are_refused_with_their_place(void **state)
{
    static const struct {
        const char *yaml;
        enum err_code code;
        const char *said;
    } cases[] = {
        {"a: 1\na: 2", ERR_PARSE, "line 2, column 1: the key 'a' stands twice"},
        {"{a: 1, [b]: 2}", ERR_PARSE, "key must be a scalar"},
        {"a: *x", ERR_PARSE, "alias"},
        {"a: &x {b: *x}", ERR_PARSE, "names no finished anchor"},
        {"a: !own 1", ERR_PARSE, "tag is not supported"},
        {"a: \"\\0\"", ERR_PARSE, "NUL"},
        {"a:\n\t- b", ERR_PARSE, "line 2"},
        {"a: {<<: 1}", ERR_PARSE, "'<<'"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct seen seen;
        struct err err = ERR_INIT;

        int rc = read_text(cases[i].yaml, 1000, &seen, &err);

        assert_int_equal(rc, -(int)cases[i].code);
        if (strstr(err.text, cases[i].said) == NULL)
            fail_msg("'%s' does not say '%s'", err.text, cases[i].said);
        buf_done(&seen.text);
    }
}

static void aliases_that_explode_run_into_the_limit(void **state)
{
    struct buf yaml = BUF_OWN;
    buf_append_text(&yaml, "a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
    for (int i = 1; i < 12; i++)
        buf_printf(&yaml, "a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n", i, i, i - 1, i - 1, i - 1,
                   i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    struct seen seen;
    struct err err = ERR_INIT;

    int rc = read_text(yaml.data, 1u << 20, &seen, &err);

    assert_int_equal(rc, -ERR_TOO_BIG);
    assert_non_null(strstr(err.text, "aliases"));
    buf_done(&seen.text);
    buf_done(&yaml);
}

static void deep_nesting_is_refused(void **state)
{
    struct buf yaml = BUF_OWN;
    for (int i = 0; i < YAML_DEPTH_MAX + 1; i++)
        buf_append_char(&yaml, '[');
    struct seen seen;
    struct err err = ERR_INIT;

    int rc = read_text(yaml.data, 1u << 20, &seen, &err);

    assert_int_equal(rc, -ERR_TOO_BIG);
    buf_done(&seen.text);
    buf_done(&yaml);
}

/* Printing and reading back gives the same value, whatever a string looks like. */
static void printed_yaml_reads_back_as_the_same_value(void **state)
{
    static const char *const texts[] = {
        "plain",  "",    " x",   "x ",    "yes",        "No",     "null", "~",     "1",      "1e5",      "0x1f",
        "-",      "- a", "a: b", "a:",    "#x",         "a #b",   "[x]",  "{x",    "'q'",    "\"q\"",    "a\nb",
        "a\nb\n", "\n",  "\na",  "a\n\n", "  a\nb",     "~/$",    "!x",   "&x",    "*x",     "%x",       "@x",
        "`x",     "|",   ">",    "?",     "? x",        "=",      "<<",   "\t",    "ä",      "a\\b",     "a\tb",
        "\x7f",   ".5",  ".inf", "+1",    "2026-01-01", "a\r\nb", "~*^x", "/foo/", "- \n- ", "x: |\n y",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        AUTO(json) struct json *value = json_new_object();
        json_set_text(value, texts[i], texts[i]);
        struct json *list = json_new_array();
        json_append(list, json_new_text(texts[i]));
        json_set(value, "list", list);
        AUTO(buf) struct buf yaml = BUF_OWN;
        AUTO(json) struct json *back = NULL;
        struct err err = ERR_INIT;

        yaml_print(value, &yaml);
        int rc = yaml_parse(yaml.data, yaml.length, &back, &err);

        if (rc != 0 || !json_equal(value, back))
            fail_msg("'%s' was printed as %s (%s)", texts[i], yaml.data, err.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars_are_what_kubernetes_takes_them_for),
        cmocka_unit_test(documents_come_one_by_one_with_their_lines),
        cmocka_unit_test(what_stands_before_an_error_is_delivered),
        cmocka_unit_test(bad_documents_are_refused_with_their_place),
        cmocka_unit_test(aliases_that_explode_run_into_the_limit),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(printed_yaml_reads_back_as_the_same_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
