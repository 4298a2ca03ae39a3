/* What others wrote is shown without acting: no line end, no escape sequence, no turned text. */
#include "base/text.h"
#include "check.h"

static void nothing_that_is_shown_acts(void **state)
{
    static const struct {
        const char *text, *shown;
    } cases[] = {
        {"plain \\ \"text\" é 日本 🎉", "plain \\ \"text\" é 日本 🎉"},
        {"a\nb\r\tc", "a\\nb\\r\\tc"},
        {"\x1b[31m\x07\x7f", "\\u001b[31m\\u0007\\u007f"},
        {"\xc2\x80\xc2\x85\xc2\x9f", "\\u0080\\u0085\\u009f"},
        {"\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xae\xe2\x81\xa6", "\\u2028\\u2029\\u202e\\u2066"},
        {"\xef\xbb\xbf", "\\ufeff"},
        {"\xff\xc3(\xed\xa0\x80", "\\xff\\xc3(\\xed\\xa0\\x80"},
        {"", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(text) char *shown = text_shown(cases[i].text);

        assert_string_equal(shown, cases[i].shown);
    }
}

static void the_nearest_word_is_within_a_few_letters(void **state)
{
    static const char *const words[] = {"path", "pathType", "backend"};

    assert_string_equal(text_nearest("pathtype", words, COUNT_OF(words), 2), "pathType");
    assert_string_equal(text_nearest("bakend", words, COUNT_OF(words), 2), "backend");
    assert_null(text_nearest("surprise", words, COUNT_OF(words), 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_that_is_shown_acts),
        cmocka_unit_test(the_nearest_word_is_within_a_few_letters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
