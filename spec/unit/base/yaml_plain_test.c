/* The quick reader of plain YAML: it reads as libyaml does, and leaves alone what it cannot be sure of. */
#include "yaml_plain.h"

#include "base/yaml.h"
#include "check.h"

/* A comment in another alphabet is nothing that the quick reader takes, so that libyaml reads the rest. */
#define FOR_LIBYAML "\n# \xc3\xa9\n"

static void note(struct buf *seen, const char *text, int line)
{
    buf_printf(seen, "%d:%s\n", line, text);
}

static int take(void *user, const struct yaml_document *document, struct err *err)
{
    note(user, document->text, document->line);
    return 0;
}

static int read_all(const char *text, struct buf *seen, struct err *err)
{
    struct yaml_input input = {text, strlen(text), 1000, 0};
    return yaml_each_document(&input, take, seen, NULL, err);
}

static const char *const plain[] = {
    "a: 1",
    "a: b c # d\n# e\n\nf: 'g h'   # i",
    "---\n# x\na:\n  b:\n    c: 1\n  d: 2",
    "--- # x\na: b#c\n",
    "a:\n- x\n- y: 1\n  z: 2\nb:\n  - -1\n  -\n  - k:\n    - l\n",
    "  a: 1\n  b: 2\n",
    "- a: 1\n  b:\n  - c\n- d\n",
    "a: {b: [c, \"d, e\", 'f', 1, -2, {}], g: http://h/i:j, k: { l: m n } }",
    "\"a b\": \"c: # d\"\n",
    "a: http://b:80/c?d=e&f=g\nb: x,y [z] {w}\nc: 2026-01-01T00:00:00Z\nd: a'b\"c\n",
    "a: yes\nb: ~\non: 017\nc: NULL\nd: 0x1F\ne: 1e3\nf:\ng: .5\n",
    "# nothing\n\n",
};

static void plain_documents_are_read_as_libyaml_reads_them(void **state)
{
    for (size_t i = 0; i < COUNT_OF(plain); i++) {
        AUTO(buf) struct buf quick = BUF_OWN, out = BUF_OWN, slow = BUF_OWN;
        AUTO(text) char *other = xasprintf("%s" FOR_LIBYAML, plain[i]);
        struct err err = ERR_INIT;
        int line = 0;

        bool taken = yaml_plain_read(plain[i], strlen(plain[i]), &out, &line);
        int rc = read_all(other, &slow, &err);
        if (out.length != 0)
            note(&quick, out.data, line + 1);

        if (!taken || rc != 0 || strcmp(buf_text(&quick), buf_text(&slow)) != 0)
            fail_msg("%s\nwas read as %s, by libyaml as %s%s", plain[i], buf_text(&quick), buf_text(&slow), err.text);
    }
}

static void everything_else_is_left_to_libyaml(void **state)
{
    static const char *const others[] = {
        "a: &b c",
        "a: *b",
        "a: !!str 1",
        "a: |\n  b\n",
        "a: >\n  b\n",
        "a: b\n  c\n",
        "- b\n  c\n",
        "a:\n  b\n",
        "a: b: c",
        "a: \"b\\n\"",
        "a: 'b''c'",
        "a: \"b\n  c\"",
        "a: 'b' c",
        "a: 1\na: 2",
        "a: {b: 1, b: 2}",
        "a:\n    b: 1\n  c: 2\n",
        "a:\n- b\n c: 1\n",
        "a: 1\n b: 2\n",
        "a: [b\n]",
        "a: [b]]",
        "a: [b, ]",
        "a: {b: c]",
        "a: {b}",
        "a: {b: }",
        "a: [b: c]",
        "a: - b",
        "- - b",
        "? a\n: b",
        "<<: {a: 1}",
        "a:\t1",
        "a: \xc3\xa9",
        "a: 1\r\n",
        "a: 1\n...\n",
        "%YAML 1.2\n---\na: 1\n",
        "--- a: 1",
        "just text",
        "[a, b]",
        "a: @b",
        "a: `b",
        "a : 1",
    };
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        AUTO(buf) struct buf out = BUF_OWN;
        int line = 0;

        bool taken = yaml_plain_read(others[i], strlen(others[i]), &out, &line);

        if (taken)
            fail_msg("%s\nwas taken as %s", others[i], buf_text(&out));
    }
}

static void deep_and_long_documents_are_left_to_libyaml(void **state)
{
    AUTO(buf) struct buf deep = BUF_OWN, small = BUF_INIT(10);
    int line = 0;
    buf_append_text(&deep, "a: ");
    for (int i = 0; i < YAML_DEPTH_MAX; i++)
        buf_append_char(&deep, '[');
    for (int i = 0; i < YAML_DEPTH_MAX; i++)
        buf_append_char(&deep, ']');

    bool deep_taken = yaml_plain_read(deep.data, deep.length, &deep, &line);
    bool long_taken = yaml_plain_read("a: bcdefghij", 12, &small, &line);

    assert_false(deep_taken);
    assert_false(long_taken);
}

static void lines_count_through_both_readers(void **state)
{
    AUTO(buf) struct buf seen = BUF_OWN;
    struct err err = ERR_INIT;
    static const char text[] = "a: 1\n---\nb: &x 1\n---\n\nc: 1\n---\nd: |\n  ---x\n---\ne: [\n";

    int rc = read_all(text, &seen, &err);

    assert_int_equal(rc, -ERR_PARSE);
    assert_string_equal(buf_text(&seen), "1:{\"a\":1}\n3:{\"b\":1}\n6:{\"c\":1}\n8:{\"d\":\"---x\\n\"}\n");
    assert_non_null(strstr(err.text, "line 12, column 1"));
}

static void directives_hold_for_the_document_behind_them(void **state)
{
    AUTO(buf) struct buf seen = BUF_OWN;
    struct err err = ERR_INIT;
    static const char text[] = "a: 1\n...\n%TAG !e! tag:yaml.org,2002:\n---\nb: !e!str 1\n";

    int rc = read_all(text, &seen, &err);

    assert_int_equal(rc, 0);
    assert_string_equal(buf_text(&seen), "1:{\"a\":1}\n5:{\"b\":\"1\"}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_documents_are_read_as_libyaml_reads_them),
        cmocka_unit_test(everything_else_is_left_to_libyaml),
        cmocka_unit_test(deep_and_long_documents_are_left_to_libyaml),
        cmocka_unit_test(lines_count_through_both_readers),
        cmocka_unit_test(directives_hold_for_the_document_behind_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
