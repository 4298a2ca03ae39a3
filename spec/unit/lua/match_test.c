/* A search outside of scripts. */
#include "check.h"

#include <string.h>

#include "base/alloc.h"
#include "lua/match.h"

static void patterns_match_as_lua_would(void **state)
{
    static const struct {
        const char *pattern, *subject;
        bool matches;
    } cases[] = {
        {"^[a-z][a-z%d-]-[a-z%d]+$", "my-env", true},
        {"^[a-z][a-z%d-]-[a-z%d]+$", "m", false},
        {"^[a-z][a-z%d-]-[a-z%d]+$", "Bad_P", false},
        {"^%u+$", "GET", true},
        {"^%u+$", "GEt", false},
        {"//", "/a//b", true},
        {"//", "/a/b", false},
        {"^[^*]*%*?[^*]*$", "a*b", true},
        {"^[^*]*%*?[^*]*$", "a*b*", false},
        {"%.%*$", "a.*", true},
        {"%.%*$", "a.*b", false},
        {"^.*[^:]$", "a:b", true},
        {"^.*[^:]$", "a:", false},
        {"%w*%p*@+%w*%.?%w*", "someone@example.com", true},
        {"^[%a_-][%a%d_-]*$", "KX_", true},
        {"^[%a_-][%a%d_-]*$", "9", false},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(pattern_fits(cases[i].pattern, cases[i].subject), cases[i].matches);
}

static void a_pattern_that_would_take_for_ever_gives_up(void **state)
{
    char subject[2001];
    memset(subject, 'a', sizeof(subject) - 1);
    subject[sizeof(subject) - 1] = '\0';

    assert_false(pattern_fits("^a*a*a*a*a*a*b$", subject));
}

static void what_is_no_pattern_does_not_match(void **state)
{
    assert_false(pattern_fits("[a", "a"));
    assert_false(pattern_fits("%", "%"));
    assert_false(pattern_fits("(a", "a)"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_match_as_lua_would),
        cmocka_unit_test(a_pattern_that_would_take_for_ever_gives_up),
        cmocka_unit_test(what_is_no_pattern_does_not_match),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
