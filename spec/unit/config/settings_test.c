/* What rules are told: from options, a settings file and the gateway. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/settings.h"
#include "scratch.h"

static int make(const char *first, const char *second, const struct settings_gateway *gateway,
                struct json **ret_settings, struct err *err)
{
    char *words[] = {(char *)"x", (char *)first, (char *)second};
    AUTO(options) struct options *options = NULL;
    int count = 1 + (first != NULL) + (second != NULL);
    assert_int_equal(options_parse(count, words, OPTION_TRANSLATION, &options, err), 0);
    return settings_make(options, gateway, ret_settings, err);
}

static struct json *made(const char *first, const char *second, const struct settings_gateway *gateway)
{
    struct json *settings = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(make(first, second, gateway, &settings, &err), 0);
    return settings;
}

static void offline_the_defaults_are_those_of_a_current_gateway(void **state)
{
    AUTO(json) struct json *settings = made(NULL, NULL, NULL);

    assert_string_equal(json_find_text(settings, "router_flavor"), "traditional_compatible");
    assert_string_equal(json_find_text(settings, "on_missing_plugin"), "withhold");
    assert_string_equal(json_find_text(settings, "cluster_domain"), "cluster.local");
    assert_true(json_truth(json_find(settings, "offline"), false));
    assert_true(json_truth(json_find(settings, "redirect_plugin"), false));
    assert_true(json_truth(json_find_path(settings, "feature_gates.FillIDs"), false));
    assert_false(json_truth(json_find_path(settings, "feature_gates.RewriteURIs"), true));
}

static void compat_serves_without_a_missing_plugin(void **state)
{
    AUTO(json) struct json *settings = made("--compat=kic", NULL, NULL);

    assert_string_equal(json_find_text(settings, "on_missing_plugin"), "serve");
    assert_string_equal(json_find_text(settings, "cluster_domain"), "");
    assert_false(json_truth(json_find(settings, "redirect_plugin"), true));
}

static void the_gateway_tells_flavour_and_version_unless_a_flag_does(void **state)
{
    const struct settings_gateway gateway = {.router_flavor = "expressions", .version = "3.8.2"};

    AUTO(json) struct json *told = made(NULL, NULL, &gateway);
    AUTO(json) struct json *flags = made("--router-flavor=traditional", "--kong-version=3.9.0", &gateway);

    assert_string_equal(json_find_text(told, "router_flavor"), "expressions");
    assert_string_equal(json_find_text(told, "kong_version"), "3.8.2");
    assert_false(json_truth(json_find(told, "redirect_plugin"), true));
    assert_false(json_truth(json_find(told, "offline"), true));
    assert_string_equal(json_find_text(flags, "router_flavor"), "traditional");
    assert_true(json_truth(json_find(flags, "redirect_plugin"), false));
}

static void a_settings_file_gives_flags_and_further_settings(void **state)
{
    struct scratch scratch;
    scratch_make(&scratch);
    scratch_write(&scratch, "s.yaml", "feature_flags: {ExpressionRoutes: true, RewriteURIs: true}\nown: 5\n");
    AUTO(text) char *flag = xasprintf("--settings=%s/s.yaml", scratch.path);

    AUTO(json) struct json *settings = made(flag, NULL, NULL);

    assert_string_equal(json_find_text(settings, "router_flavor"), "expressions");
    assert_true(json_truth(json_find_path(settings, "feature_gates.RewriteURIs"), false));
    assert_int_equal(json_integer(json_find(settings, "own"), 0), 5);
    scratch_remove(&scratch);
}

static void what_is_wrong_with_gates_and_files_is_named(void **state)
{
    struct scratch scratch;
    scratch_make(&scratch);
    scratch_write(&scratch, "list.yaml", "- 1\n");
    scratch_write(&scratch, "flag.yaml", "feature_flags: {RewriteURIs: perhaps}\n");
    AUTO(text) char *list = xasprintf("--settings=%s/list.yaml", scratch.path);
    AUTO(text) char *flag = xasprintf("--settings=%s/flag.yaml", scratch.path);
    const char *const cases[][2] = {
        {"--feature-gates=Magic=true", "there is no gate 'Magic'"},
        {"--gateway-addresses=10.0.0.300", "--gateway-addresses: '10.0.0.300' is no IP address"},
        {"--feature-gates=FillIDs=1", "write FillIDs=true or FillIDs=false"},
        {"--settings=/nonexistent/s.yaml", "/nonexistent/s.yaml"},
        {list, "a mapping is expected"},
        {flag, "feature_flags.RewriteURIs: true or false is expected"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct json *settings = NULL;
        struct err err = ERR_INIT;

        int rc = make(cases[i][0], NULL, NULL, &settings, &err);

        assert_true(rc < 0);
        assert_null(settings);
        assert_non_null(strstr(err.text, cases[i][1]));
    }
    scratch_remove(&scratch);
}

static void listeners_that_are_given_win_over_those_that_the_gateway_tells(void **state)
{
    AUTO(json) struct json *told = json_new_array();
    json_append(told, json_new_text("8000/http"));
    const struct settings_gateway gateway = {.router_flavor = "expressions", .version = "3.9.1", .listens = told};

    AUTO(json) struct json *from_gateway = made(NULL, NULL, &gateway);
    AUTO(json) struct json *given = made("--gateway-proxy-listen=80,443/ssl", NULL, &gateway);

    AUTO(text) char *first = json_print_text(json_find(from_gateway, "proxy_listen"));
    AUTO(text) char *second = json_print_text(json_find(given, "proxy_listen"));
    assert_string_equal(first, "[\"8000/http\"]");
    assert_string_equal(second, "[\"80\",\"443/ssl\"]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offline_the_defaults_are_those_of_a_current_gateway),
        cmocka_unit_test(compat_serves_without_a_missing_plugin),
        cmocka_unit_test(the_gateway_tells_flavour_and_version_unless_a_flag_does),
        cmocka_unit_test(a_settings_file_gives_flags_and_further_settings),
        cmocka_unit_test(what_is_wrong_with_gates_and_files_is_named),
        cmocka_unit_test(listeners_that_are_given_win_over_those_that_the_gateway_tells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
