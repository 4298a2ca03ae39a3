/* Patterns fit as Go's do, and what a gateway's library refuses is refused here. */
#include "base/regex.h"

#include <string.h>

#include "base/buf.h"
#include "check.h"

static bool fits(const char *pattern, const char *text)
{
    struct regex *regex = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(regex_new(pattern, strlen(pattern), &regex, &err), 0);
    bool good = regex_fits(regex, text, strlen(text));
    regex_free(regex);
    return good;
}

static void a_pattern_fits_anywhere_and_ends_at_the_end(void **state)
{
    assert_true(fits("b+", "abbc"));
    assert_true(fits("^[a-z]{2}$", "ab"));
    assert_false(fits("^[a-z]{2}$", "ab\n"));
    assert_true(fits("^.$", "é"));
    assert_false(fits("^.$", "\xff"));
}

static void a_pattern_with_many_ways_does_not_take_exponential_time(void **state)
{
    AUTO(buf) struct buf text = BUF_OWN;
    for (int i = 0; i < 4000; i++)
        buf_append_char(&text, 'a');
    buf_append_char(&text, '\n');

    assert_false(fits("^[!-~]+([\\t ]?[!-~]+)*$", buf_text(&text)));
}

/* NULL: it is taken. */
static void check(const char *pattern, const char *pcre, const char *rust)
{
    struct err one = ERR_INIT, two = ERR_INIT;
    int rc_pcre = regex_check_pcre(pattern, strlen(pattern), &one);
    int rc_rust = regex_check_rust(pattern, strlen(pattern), &two);
    if ((rc_pcre == 0) != (pcre == NULL) || (pcre != NULL && strstr(one.text, pcre) == NULL))
        fail_msg("%s: PCRE2 said '%s'", pattern, one.text);
    if ((rc_rust == 0) != (rust == NULL) || (rust != NULL && strstr(two.text, rust) == NULL))
        fail_msg("%s: Rust said '%s'", pattern, two.text);
}

static void each_library_refuses_what_it_has_no_word_for(void **state)
{
    check("/a/[0-9]+/(?:b|c)?$", NULL, NULL);
    check("/(?<id>\\d{1,3})/\\w+\\.x", NULL, NULL);
    check("(?i)/A\\/\\p{Greek}", NULL, NULL);
    check("/a(b", "missing closing parenthesis", "not closed");
    check("/a)b", "unmatched closing parenthesis", "was not opened");
    check("/[a-", "missing terminating ]", "class is not closed");
    check("/a\\", "\\ at end of pattern", "a backslash ends");
    check("*a", "does not follow a repeatable item", "nothing to repeat, at character 1");
    check("/(|*a)", "does not follow", "nothing to repeat");
    check("/a(?=b)", NULL, "look-around is not supported, at character 3");
    check("/a(?!b)", NULL, "look-around");
    check("(?<=a)b", NULL, "look-around");
    check("(?<!a)b", NULL, "look-around");
    check("/(a)\\1", NULL, "reference back");
    check("(?<n>a)\\k<n>", NULL, "reference back");
    check("(?>a+)b", NULL, "atomic");
    check("a++b", NULL, "possessive");
    check("a*+b", NULL, "possessive");
    check("/\\Qa\\E", NULL, "escape is not supported");
    check("/users/{id}", NULL, "a brace that is no repetition");
    check("/a{2}/b{2,}/c{2,3}", NULL, NULL);
    check("/[\\w{}]{2}", NULL, NULL);
    check("/[[:alpha:]]", NULL, NULL);
    check("^/a|^/b*", NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pattern_fits_anywhere_and_ends_at_the_end),
        cmocka_unit_test(a_pattern_with_many_ways_does_not_take_exponential_time),
        cmocka_unit_test(each_library_refuses_what_it_has_no_word_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
