/* Which endpoints of an EndpointSlice are Admin APIs. */
#include "check.h"

#include <string.h>

#include "gateway/discovery.h"

static void assert_urls(const char *slice_text, const char *expected)
{
    static const char *const ports[] = {"admin-tls", "kong-admin-tls", NULL};
    AUTO(json) struct json *slice = NULL;
    AUTO(json) struct json *urls = json_new_object();
    struct err err = ERR_INIT;
    assert_int_equal(json_parse(slice_text, strlen(slice_text), &slice, &err), 0);

    gateway_discovery_endpoints(slice, ports, urls);

    AUTO(text) char *text = json_print_text(urls);
    assert_string_equal(text, expected);
}

#define PORTS "\"ports\":[{\"name\":\"admin-tls\",\"port\":8444},{\"name\":\"admin\",\"port\":8001}]"

static void ready_endpoints_of_named_ports_are_taken(void **state)
{
    assert_urls("{" PORTS ",\"endpoints\":[{\"addresses\":[\"10.0.0.1\",\"10.0.0.9\"],\"conditions\":{\"ready\":true}},"
                "{\"addresses\":[\"10.0.0.2\"]}]}",
                "{\"https://10.0.0.1:8444\":true,\"https://10.0.0.2:8444\":true}");
}

static void endpoints_that_come_or_go_are_left_out(void **state)
{
    assert_urls(
        "{" PORTS ",\"endpoints\":[{\"addresses\":[\"10.0.0.1\"],\"conditions\":{\"ready\":false}},"
        "{\"addresses\":[\"10.0.0.2\"],\"conditions\":{\"ready\":true,\"terminating\":true}},{\"addresses\":[]}]}",
        "{}");
}

static void addresses_of_ipv6_have_brackets(void **state)
{
    assert_urls("{" PORTS ",\"endpoints\":[{\"addresses\":[\"fd00::1\"]}]}", "{\"https://[fd00::1]:8444\":true}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ready_endpoints_of_named_ports_are_taken),
        cmocka_unit_test(endpoints_that_come_or_go_are_left_out),
        cmocka_unit_test(addresses_of_ipv6_have_brackets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
