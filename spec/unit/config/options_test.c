/* Flags, variables and defaults, and what is said of a slip of the finger. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/options.h"

#define GROUPS (OPTION_INPUT | OPTION_TRANSLATION | OPTION_GATEWAY)

/* Words are separated by single spaces. */
static int parse(const char *line, struct options **ret_options, struct err *err)
{
    AUTO(text) char *copy = xstrdup(line);
    char *words[16];
    int count = 0;
    for (char *word = copy, *end; count < 16; word = end + 1) {
        words[count++] = word;
        end = strchr(word, ' ');
        if (end == NULL)
            break;
        *end = '\0';
    }
    return options_parse(count, words, GROUPS, ret_options, err);
}

static struct options *parsed(const char *line)
{
    struct options *options = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(parse(line, &options, &err), 0);
    return options;
}

static void a_flag_is_written_with_a_space_an_equals_sign_or_its_letter(void **state)
{
    AUTO(options) struct options *options = parsed("x --file a -f b --file=c --router-flavor=expressions");

    const char *const *files = options_list(options, OPT_FILE);

    assert_string_equal(files[0], "a");
    assert_string_equal(files[1], "b");
    assert_string_equal(files[2], "c");
    assert_null(files[3]);
    assert_string_equal(options_text(options, OPT_ROUTER_FLAVOR), "expressions");
}

static void an_empty_value_counts_as_none(void **state)
{
    AUTO(options) struct options *options = parsed("x --settings= --compat=");

    assert_string_equal(options_text(options, OPT_SETTINGS), "");
    assert_string_equal(options_text(options, OPT_COMPAT), "");
}

static void a_flag_wins_over_its_variable_which_wins_over_the_default(void **state)
{
    setenv("CONTROLLER_INGRESS_CLASS", "from-variable", 1);

    AUTO(options) struct options *variable = parsed("x");
    AUTO(options) struct options *flag = parsed("x --ingress-class from-flag");
    unsetenv("CONTROLLER_INGRESS_CLASS");
    AUTO(options) struct options *neither = parsed("x");

    assert_string_equal(options_text(variable, OPT_INGRESS_CLASS), "from-variable");
    assert_true(options_given(variable, OPT_INGRESS_CLASS));
    assert_string_equal(options_text(flag, OPT_INGRESS_CLASS), "from-flag");
    assert_string_equal(options_text(neither, OPT_INGRESS_CLASS), "kong");
    assert_false(options_given(neither, OPT_INGRESS_CLASS));
}

static void words_that_are_no_flags_are_kept_in_order(void **state)
{
    AUTO(options) struct options *options = parsed("x one --compat kic two -- --three");

    const char *const *words = options_words(options);

    assert_string_equal(words[0], "one");
    assert_string_equal(words[1], "two");
    assert_string_equal(words[2], "--three");
    assert_null(words[3]);
}

static void a_boolean_needs_no_value(void **state)
{
    AUTO(options) struct options *alone = parsed("x --enable-drain-support");
    AUTO(options) struct options *off = parsed("x --enable-drain-support=false");

    assert_true(options_truth(alone, OPT_DRAIN));
    assert_false(options_truth(off, OPT_DRAIN));
}

static void what_is_wrong_is_named(void **state)
{
    static const struct {
        const char *line, *text;
    } cases[] = {
        {"x --ruoter-flavor expressions", "did you mean --router-flavor?"},
        {"x --router-flavor fast", "'fast' is none of traditional_compatible|expressions|traditional"},
        {"x --kong-admin-concurrency many", "--kong-admin-concurrency: 'many' is no whole number"},
        {"x --kong-admin-request-timeout soon", "--kong-admin-request-timeout: 'soon' is no duration"},
        {"x --enable-drain-support=maybe", "'maybe' is neither true nor false"},
        {"x --settings", "--settings needs a value"},
        {"x --listen :80", "unknown flag --listen"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct options *options = NULL;
        struct err err = ERR_INIT;

        int rc = parse(cases[i].line, &options, &err);

        assert_true(rc < 0);
        assert_null(options);
        if (strstr(err.text, cases[i].text) == NULL)
            fail_msg("'%s' says: %s", cases[i].line, err.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flag_is_written_with_a_space_an_equals_sign_or_its_letter),
        cmocka_unit_test(an_empty_value_counts_as_none),
        cmocka_unit_test(a_flag_wins_over_its_variable_which_wins_over_the_default),
        cmocka_unit_test(words_that_are_no_flags_are_kept_in_order),
        cmocka_unit_test(a_boolean_needs_no_value),
        cmocka_unit_test(what_is_wrong_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
