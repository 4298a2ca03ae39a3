#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/http.h"

static void headers_are_found_in_any_case_and_the_first_counts(void **state)
{
    struct http_headers headers = HTTP_HEADERS_INIT;
    http_headers_add(&headers, "Content-Type", "text/plain");
    http_headers_add(&headers, "content-type", "second");

    assert_string_equal(http_headers_find(&headers, "CONTENT-TYPE"), "text/plain");
    assert_null(http_headers_find(&headers, "content"));

    http_headers_done(&headers);
    assert_int_equal(headers.count, 0);
    assert_null(http_headers_find(&headers, "content-type"));
}

static void all_but_unreserved_characters_are_encoded(void **state)
{
    char *encoded = http_encode("aZ09-._~ /?#%+&=é");

    assert_string_equal(encoded, "aZ09-._~%20%2F%3F%23%25%2B%26%3D%C3%A9");

    free(encoded);
}

static void what_was_encoded_is_decoded(void **state)
{
    char text[] = "a%20b%2Fc%c3%A9+d";

    assert_true(http_decode(text));

    assert_string_equal(text, "a b/c\xc3\xa9+d");
}

static void bad_escapes_and_nul_are_refused(void **state)
{
    static const char *const cases[] = {"%", "%4", "%zz", "%4g", "a%00b", "%%41"};

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *text = xstrdup(cases[i]);

        assert_false(http_decode(text));

        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_are_found_in_any_case_and_the_first_counts),
        cmocka_unit_test(all_but_unreserved_characters_are_encoded),
        cmocka_unit_test(what_was_encoded_is_decoded),
        cmocka_unit_test(bad_escapes_and_nul_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
