/* The checks that no schema spells out, beyond what the recordings show. */
#include "check.h"
#include "checks.h"
#include "expression.h"
#include "regex_check.h"

static void expressions_are_read_as_the_router_does(void **state)
{
    static const struct {
        const char *text;
        bool stream;
        const char *fault; /* a part of it; NULL: fine */
    } cases[] = {
        {"http.path ^= \"/a\" && !(http.method == \"GET\" || http.host =^ \".com\")", false, NULL},
        {"lower(http.path) contains \"x\"", false, NULL},
        {"any(lower(http.headers.x_v)) == \"1\"", false, NULL},
        {"net.src.ip not in 10.0.0.0/8 && net.dst.port >= 80", false, NULL},
        {"net.src.ip == ::1", false, NULL},
        {"net.src.ip == 10.0.0.0/8", false, "Type mismatch"},
        {"http.path.segments.0 == \"a\"", false, NULL},
        {"http.path ~ r#\"^/(?P<id>\\d+)$\"#", false, NULL},
        {"tls.sni == \"a\"", true, NULL},
        {"http.host == \"a\"", true, "Unknown LHS field"},
        {"http.host > \"a\"", false, "Type mismatch"},
        {"(http.host == \"a\"", false, " --> 1:18"},
        {"http.host == \"a\" http.path == \"/\"", false, "expected"},
        {"http.host == ", false, "expected rhs"},
        {"", false, "expected"},
        {"!", false, "expected"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *fault = expression_check(cases[i].text, cases[i].stream);

        if (cases[i].fault == NULL && fault != NULL)
            fail_msg("'%s' is refused: %s", cases[i].text, fault);
        if (cases[i].fault != NULL && (fault == NULL || strstr(fault, cases[i].fault) == NULL))
            fail_msg("'%s' should fail with '%s': %s", cases[i].text, cases[i].fault, fault != NULL ? fault : "taken");
        free(fault);
    }
}

static void an_expression_nested_too_deep_is_refused(void **state)
{
    char text[5000];
    memset(text, '(', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';

    char *fault = expression_check(text, false);

    assert_non_null(fault);
    free(fault);
}

static void regular_expressions_with_open_ends_are_found(void **state)
{
    static const struct {
        const char *text;
        bool fine;
        enum regex_fault_kind kind;
        size_t offset;
    } cases[] = {
        {"^/a(?:b|c)*[^]\\w]+\\($", true, 0, 0},    {"/a{2,3}?[[:alpha:]]", true, 0, 0},
        {"/a(b", false, REGEX_OPEN_GROUP, 2},       {"/ab)", false, REGEX_STRAY_CLOSE, 3},
        {"/[ab", false, REGEX_OPEN_CLASS, 1},       {"*a", false, REGEX_NOTHING_TO_REPEAT, 0},
        {"a|+", false, REGEX_NOTHING_TO_REPEAT, 2}, {"a\\", false, REGEX_TRAILING_ESCAPE, 1},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct regex_fault fault = {0};

        assert_int_equal(regex_check(cases[i].text, &fault), cases[i].fine);

        assert_int_equal(fault.kind, cases[i].kind);
        assert_int_equal(fault.offset, cases[i].offset);
    }
}

static void texts_are_taken_or_refused_as_by_kong(void **state)
{
    static const struct {
        schema_check_fn *check;
        const char *text;
        bool fine;
    } cases[] = {
        {check_host, "a.example.com", true},
        {check_host, "10.0.0.1", true},
        {check_host, "*.example.com", true},
        {check_host, "a.example.com:80", true},
        {check_host, "a b", false},
        {check_host, "a..b", false},
        {check_host, "[::1]:80", true},
        {check_host, "a:99999", false},
        {check_sni, "*.example.com", true},
        {check_sni, "a.*.com", false},
        {check_sni, "::1", false},
        {check_sni, "a.com:1", false},
        {check_address, "10.0.0.0/8", true},
        {check_address, "10.0.0.0/33", false},
        {check_address, "::/0", true},
        {check_address, "10.0.0.0/", false},
        {check_path, "/a%20b", true},
        {check_path, "/a b", false},
        {check_path, "/%2", false},
        {check_route_path, "~/a[", false},
        {check_route_path, "~/a\\d+$", true},
        {check_tag, "a b", true},
        {check_tag, "a,b", false},
        {check_tag, "\xc3\xa9", true},
        {check_tag, "\xc3", false},
        {check_name, "a.b_c~d-1", true},
        {check_name, "a/b", false},
        {check_upstream_name, "a.b.svc", true},
        {check_upstream_name, "a:80", false},
        {check_target, "a:0", true},
        {check_target, "a:x", false},
        {check_url, "http://h/p", true},
        {check_url, "http:///p", false},
        {check_redirect_uri, "https://a", true},
        {check_redirect_uri, "https://a#f", false},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct json *value = json_new_text(cases[i].text);
        char *fault = cases[i].check(value);

        if ((fault == NULL) != cases[i].fine)
            fail_msg("'%s': %s", cases[i].text, fault != NULL ? fault : "taken");
        free(fault);
        json_free(value);
    }
}

static void targets_get_a_port_and_long_addresses(void **state)
{
    static const struct {
        const char *given, *normal;
    } cases[] = {
        {"127.0.0.1", "127.0.0.1:8000"},
        {"a.example.com:81", "a.example.com:81"},
        {"[::1]:80", "[0000:0000:0000:0000:0000:0000:0000:0001]:80"},
        {"::1", "[0000:0000:0000:0000:0000:0000:0000:0001]:8000"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *normal = checks_target_normal(cases[i].given);

        assert_string_equal(normal, cases[i].normal);

        free(normal);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expressions_are_read_as_the_router_does),
        cmocka_unit_test(an_expression_nested_too_deep_is_refused),
        cmocka_unit_test(regular_expressions_with_open_ends_are_found),
        cmocka_unit_test(texts_are_taken_or_refused_as_by_kong),
        cmocka_unit_test(targets_get_a_port_and_long_addresses),
    };
    return cmocka_run_group_tests_name("sandbox checks", tests, NULL, NULL);
}
