/* How streams are cut into lines, lists into items, and members out of objects. */
#include "check.h"
#include "items.h"
#include "lines.h"
#include "slice.h"

struct pieces {
    struct buf all; /* what was delivered, each behind a '|' */
    int begun;
    int result; /* of the function */
};

static int take(void *user, const char *text, size_t length)
{
    struct pieces *pieces = user;
    buf_append_char(&pieces->all, '|');
    buf_append(&pieces->all, text, length);
    return pieces->result;
}

static int begin(void *user, const char *frame, size_t length)
{
    struct pieces *pieces = user;
    pieces->begun++;
    return 0;
}

/* Feeds `text` in two pieces, cut at `at`. */
static int read_lines(const char *text, size_t at, size_t cap, struct pieces *pieces)
{
    struct lines lines = LINES_INIT(cap);
    int rc = kube_lines_feed(&lines, text, at, take, pieces);
    if (rc == 0)
        rc = kube_lines_feed(&lines, text + at, strlen(text) - at, take, pieces);
    kube_lines_done(&lines);
    return rc;
}

static int read_items(const char *text, size_t at, size_t cap, struct pieces *pieces, char **ret_frame)
{
    struct items_reader reader = {.begin = begin, .item = take, .user = pieces};
    kube_items_init(&reader, cap, 4096);
    int rc = kube_items_feed(&reader, text, at);
    if (rc == 0)
        rc = kube_items_feed(&reader, text + at, strlen(text) - at);
    const struct buf *frame = kube_items_frame(&reader);
    *ret_frame = frame != NULL ? xstrdup(buf_text(frame)) : NULL;
    kube_items_done(&reader);
    return rc;
}

static void lines_are_the_same_wherever_the_stream_is_cut(void **state)
{
    const char *text = "{\"a\":1}\n\n{\"b\":2}\r\n{\"c\":3}\nrest";
    for (size_t at = 0; at <= strlen(text); at++) {
        struct pieces pieces = {.all = BUF_OWN};

        assert_int_equal(read_lines(text, at, 100, &pieces), 0);

        assert_string_equal(buf_text(&pieces.all), "|{\"a\":1}|{\"b\":2}|{\"c\":3}");
        buf_done(&pieces.all);
    }
}

static void a_line_over_the_cap_is_an_error_in_one_piece_or_two(void **state)
{
    for (size_t at = 0; at <= 9; at++) {
        struct pieces pieces = {.all = BUF_OWN};

        assert_int_equal(read_lines("123456789\n", at, 8, &pieces), -ERR_TOO_BIG);

        assert_int_equal(pieces.all.length, 0);
        assert_int_equal(read_lines("12345678\n", at > 8 ? 8 : at, 8, &pieces), 0);
        assert_string_equal(buf_text(&pieces.all), "|12345678");
        buf_done(&pieces.all);
    }
}

static void what_a_line_function_says_stops_the_reading(void **state)
{
    struct pieces pieces = {.all = BUF_OWN, .result = -ERR_PARSE};

    assert_int_equal(read_lines("a\nb\n", 1, 100, &pieces), -ERR_PARSE);

    assert_string_equal(buf_text(&pieces.all), "|a");
    buf_done(&pieces.all);
}

#define TRICKY                                                                                                         \
    "{\"kind\":\"XList\", \"metadata\":{\"items\":[{\"no\":1}],\"resourceVersion\":\"7\"},\n \"items\": [ "            \
    "{\"a\":\"}]\\\"{[\\\\\"} ,\n{\"b\":[{},[1,2]],\"items\":[{}]},{} ] , \"tail\":[true]}"

static void items_are_the_same_wherever_the_answer_is_cut(void **state)
{
    for (size_t at = 0; at <= strlen(TRICKY); at++) {
        struct pieces pieces = {.all = BUF_OWN};
        char *frame = NULL;

        assert_int_equal(read_items(TRICKY, at, 1000, &pieces, &frame), 0);

        assert_int_equal(pieces.begun, 1);
        assert_string_equal(buf_text(&pieces.all), "|{\"a\":\"}]\\\"{[\\\\\"}|{\"b\":[{},[1,2]],\"items\":[{}]}|{}");
        assert_string_equal(frame,
                            "{\"kind\":\"XList\",\"metadata\":{\"items\":[{\"no\":1}],\"resourceVersion\":\"7\"},"
                            "\"items\":[],\"tail\":[true]}");
        free(frame);
        buf_done(&pieces.all);
    }
}

static void a_list_that_is_cut_off_has_no_frame(void **state)
{
    static const char *const texts[] = {"", "{", "{\"items\":[{}", "{\"items\":[{},", "{\"items\":[]"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct pieces pieces = {.all = BUF_OWN};
        char *frame = NULL;

        assert_int_equal(read_items(texts[i], 0, 1000, &pieces, &frame), 0);

        assert_null(frame);
        buf_done(&pieces.all);
    }
}

static void what_is_no_list_of_objects_is_refused(void **state)
{
    static const char *const texts[] = {"[]", "{\"items\":[1]}", "{\"items\":[[]]}",   "{}{}",
                                        "}",  "\"items\"",       "{\"items\":[\"a\"]}"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct pieces pieces = {.all = BUF_OWN};
        char *frame = NULL;

        assert_int_equal(read_items(texts[i], 0, 1000, &pieces, &frame), -ERR_PARSE);

        free(frame);
        buf_done(&pieces.all);
    }
}

static void only_the_list_at_the_top_is_the_list(void **state)
{
    static const char *const texts[] = {"{\"items\":{\"x\":[1]}}", "{\"x\":{\"items\":[1]}}",
                                        "{\"x\":\"items\",\"y\":[1]}", "{\"items\":null}"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct pieces pieces = {.all = BUF_OWN};
        char *frame = NULL;

        assert_int_equal(read_items(texts[i], 0, 1000, &pieces, &frame), 0);

        assert_int_equal(pieces.begun, 0);
        assert_string_equal(frame, texts[i]);
        free(frame);
        buf_done(&pieces.all);
    }
}

static void an_item_over_its_cap_is_an_error(void **state)
{
    struct pieces pieces = {.all = BUF_OWN};
    char *frame = NULL;

    assert_int_equal(read_items("{\"items\":[{\"a\":\"123456789\"}]}", 0, 10, &pieces, &frame), -ERR_TOO_BIG);

    assert_null(frame);
    buf_done(&pieces.all);
}

static void a_member_is_found_by_its_whole_name_at_the_top_only(void **state)
{
    static const struct {
        const char *text, *name, *value; /* NULL: not found */
    } cases[] = {
        {"{\"a\":{\"b\":1},\"b\":\"x\"}", "b", "\"x\""},
        {" { \"a\" : 12 , \"b\" : [1, {\"c\":\"]\"}] } ", "b", "[1, {\"c\":\"]\"}]"},
        {"{\"ab\":1,\"a\":null}", "a", "null"},
        {"{\"a\":1}", "b", NULL},
        {"{\"a\":{\"b\":1}}", "b", NULL},
        {"{\"a\\\"\":1,\"b\":2}", "b", "2"},
        {"{\"x\":1,\"b\":", "b", NULL},
        {"{\"x\":{\"b\":2}", "x", "{\"b\":2}"}, /* what comes later does not matter */
        {"", "a", NULL},
        {"[1]", "a", NULL},
        {"{\"a\" 1}", "a", NULL},
        {"{}", "a", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct slice value = {NULL, 0};

        bool found = kube_slice_member(cases[i].text, strlen(cases[i].text), cases[i].name, &value);

        assert_int_equal(found, cases[i].value != NULL);
        if (found) {
            assert_int_equal(value.length, strlen(cases[i].value));
            assert_memory_equal(value.text, cases[i].value, value.length);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_the_same_wherever_the_stream_is_cut),
        cmocka_unit_test(a_line_over_the_cap_is_an_error_in_one_piece_or_two),
        cmocka_unit_test(what_a_line_function_says_stops_the_reading),
        cmocka_unit_test(items_are_the_same_wherever_the_answer_is_cut),
        cmocka_unit_test(a_list_that_is_cut_off_has_no_frame),
        cmocka_unit_test(what_is_no_list_of_objects_is_refused),
        cmocka_unit_test(only_the_list_at_the_top_is_the_list),
        cmocka_unit_test(an_item_over_its_cap_is_an_error),
        cmocka_unit_test(a_member_is_found_by_its_whole_name_at_the_top_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
