/* What a person sees of two texts that differ. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "line_diff.h"

static char *diff(const char *expected, const char *actual)
{
    struct buf out = BUF_OWN;
    struct line_diff_style style = {"", false};
    line_diff_print(expected, actual, &style, &out);
    return buf_take(&out);
}

static void equal_texts_show_nothing(void **state)
{
    AUTO(text) char *shown = diff("a\nb\n", "a\nb\n");

    assert_string_equal(shown, "");
}

static void a_changed_line_is_shown_with_its_neighbours(void **state)
{
    AUTO(text) char *shown = diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nx\n6\n7\n8\n9\n");

    assert_string_equal(shown, "…\n  2\n  3\n  4\n- 5\n+ x\n  6\n  7\n  8\n…\n");
}

static void an_added_and_a_removed_line_leave_the_rest_alone(void **state)
{
    AUTO(text) char *shown = diff("a\nb\nc\n", "b\nc\nd\n");

    assert_string_equal(shown, "- a\n  b\n  c\n+ d\n");
}

static void everything_is_new_when_nothing_was_expected(void **state)
{
    AUTO(text) char *shown = diff("", "a\nb\n");

    assert_string_equal(shown, "+ a\n+ b\n");
}

static void a_missing_last_line_end_does_not_count_as_a_line(void **state)
{
    AUTO(text) char *shown = diff("a\nb", "a\nc");

    assert_string_equal(shown, "  a\n- b\n+ c\n");
}

static void huge_differences_are_shown_as_a_whole(void **state)
{
    struct buf left = BUF_OWN, right = BUF_OWN;
    for (int i = 0; i < LINE_DIFF_LINES_MAX + 2; i++) {
        buf_printf(&left, "left %d\n", i);
        buf_printf(&right, "right %d\n", i);
    }

    AUTO(text) char *shown = diff(buf_text(&left), buf_text(&right));

    assert_non_null(strstr(shown, "- left 3001\n+ right 0\n"));
    buf_done(&left);
    buf_done(&right);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_texts_show_nothing),
        cmocka_unit_test(a_changed_line_is_shown_with_its_neighbours),
        cmocka_unit_test(an_added_and_a_removed_line_leave_the_rest_alone),
        cmocka_unit_test(everything_is_new_when_nothing_was_expected),
        cmocka_unit_test(a_missing_last_line_end_does_not_count_as_a_line),
        cmocka_unit_test(huge_differences_are_shown_as_a_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
