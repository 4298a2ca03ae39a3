/* The options of the Admin API: what they become, and what follows files that change. */
#include "check.h"

#include <string.h>

#include "gateway/admin.h"
#include "gateway_options.h"
#include "scratch.h"

struct fixture {
    struct scratch scratch;
    struct loop *loop;
    struct options *options;
    struct gateway_options *gateway;
};

static int setup(void **state)
{
    struct fixture *fixture = xcalloc(1, sizeof(*fixture));
    struct err err = ERR_INIT;
    scratch_make(&fixture->scratch);
    assert_int_equal(loop_new(&fixture->loop, &err), 0);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    gateway_options_free(fixture->gateway);
    options_free(fixture->options);
    loop_free(fixture->loop);
    scratch_remove(&fixture->scratch);
    free(fixture);
    return 0;
}

static int make(struct fixture *fixture, const char *first, const char *second, struct err *err)
{
    char *words[] = {(char *)"run", (char *)first, (char *)second};
    assert_int_equal(
        options_parse(second != NULL ? 3 : 2, words, OPTION_GATEWAY | OPTION_TRANSLATION, &fixture->options, err), 0);
    return gateway_options_new(fixture->loop, fixture->options, "default", &fixture->gateway, err);
}

static void a_token_that_changes_in_its_file_is_taken_over(void **state)
{
    struct fixture *fixture = *state;
    struct err err = ERR_INIT;
    struct kong_admin *admin = NULL;
    bool first = true, second = false;
    scratch_write(&fixture->scratch, "token", "one\n");
    AUTO(text) char *flag = xasprintf("--kong-admin-token-file=%s/token", fixture->scratch.path);
    assert_int_equal(make(fixture, flag, NULL, &err), 0);
    assert_int_equal(kong_admin_new(fixture->loop, gateway_options_addresses(fixture->gateway),
                                    gateway_options_admin(fixture->gateway), &admin, &err),
                     0);

    assert_int_equal(gateway_options_reload(fixture->gateway, fixture->options, admin, &first, &err), 0);
    scratch_write(&fixture->scratch, "token", "two");
    assert_int_equal(gateway_options_reload(fixture->gateway, fixture->options, admin, &second, &err), 0);

    assert_false(first);
    assert_true(second);
    assert_string_equal(gateway_options_admin(fixture->gateway)->token, "two");
    kong_admin_free(admin);
}

static void a_file_that_is_gone_leaves_the_old_token(void **state)
{
    struct fixture *fixture = *state;
    struct err err = ERR_INIT;
    bool changed = true;
    scratch_write(&fixture->scratch, "token", "one");
    AUTO(text) char *path = xasprintf("%s/token", fixture->scratch.path);
    AUTO(text) char *flag = xasprintf("--kong-admin-token-file=%s", path);
    assert_int_equal(make(fixture, flag, NULL, &err), 0);
    unlink(path);

    assert_int_not_equal(gateway_options_reload(fixture->gateway, fixture->options, NULL, &changed, &err), 0);

    assert_false(changed);
    assert_string_equal(gateway_options_admin(fixture->gateway)->token, "one");
}

static void endpoints_of_a_service_share_one_server_name(void **state)
{
    struct fixture *fixture = *state;
    struct err err = ERR_INIT;
    const char *namespace, *name;
    assert_int_equal(make(fixture, "--kong-admin-svc=kong/admin", NULL, &err), 0);

    assert_true(gateway_options_service(fixture->gateway, &namespace, &name));
    assert_string_equal(namespace, "kong");
    assert_string_equal(name, "admin");
    assert_string_equal(gateway_options_admin(fixture->gateway)->tls.server_name, "pod.admin.kong.svc");
    assert_int_equal(kong_gateways_count(gateway_options_addresses(fixture->gateway)), 0);
}

static void a_server_name_that_is_given_wins(void **state)
{
    struct fixture *fixture = *state;
    struct err err = ERR_INIT;

    assert_int_equal(make(fixture, "--kong-admin-svc=kong/admin", "--kong-admin-tls-server-name=kong.example", &err),
                     0);

    assert_string_equal(gateway_options_admin(fixture->gateway)->tls.server_name, "kong.example");
}

static void a_service_and_an_address_exclude_each_other(void **state)
{
    struct fixture *fixture = *state;
    struct err err = ERR_INIT;

    assert_int_not_equal(make(fixture, "--kong-admin-svc=kong/admin", "--kong-admin-url=http://kong:8001", &err), 0);

    assert_non_null(strstr(err.text, "exclude each other"));
}

static char *listens(const char *role)
{
    const char *proxy_text = "[{\"port\":8000,\"ssl\":false},{\"port\":8443,\"ssl\":true}]";
    const char *stream_text = "[{\"port\":9000},{\"port\":9443,\"ssl\":true},{\"port\":53,\"udp\":true}]";
    AUTO(json) struct json *proxy = NULL;
    AUTO(json) struct json *stream = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(json_parse(proxy_text, strlen(proxy_text), &proxy, &err), 0);
    assert_int_equal(json_parse(stream_text, strlen(stream_text), &stream, &err), 0);
    struct kong_gateway_info info = {.role = role, .proxy_listeners = proxy, .stream_listeners = stream};
    AUTO(json) struct json *texts = gateway_options_listens(&info);
    return json_print_text(texts);
}

static void a_gateway_says_where_it_listens_and_a_control_plane_does_not(void **state)
{
    AUTO(text) char *traditional = listens("traditional");
    AUTO(text) char *control_plane = listens("control_plane");

    assert_string_equal(traditional, "[\"8000/http\",\"8443/ssl\",\"9000/tcp\",\"9443/tls\",\"53/udp\"]");
    assert_string_equal(control_plane, "[]");
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_token_that_changes_in_its_file_is_taken_over),
        test(a_file_that_is_gone_leaves_the_old_token),
        test(endpoints_of_a_service_share_one_server_name),
        test(a_server_name_that_is_given_wins),
        test(a_service_and_an_address_exclude_each_other),
        test(a_gateway_says_where_it_listens_and_a_control_plane_does_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
