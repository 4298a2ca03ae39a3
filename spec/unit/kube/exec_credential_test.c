/* What credential programs may print. */
#include "check.h"
#include "exec_credential.h"

#include <string.h>

#define V1 "client.authentication.k8s.io/v1"

static void times_have_a_zone_and_maybe_a_fraction(void **state)
{
    static const struct {
        const char *text;
        double time;
    } cases[] = {
        {"1970-01-01T00:00:10Z", 10},
        {"1970-01-01T01:00:00+01:00", 0},
        {"1970-01-01T00:00:00-00:30", 1800},
        {"1970-01-01T00:00:01.5Z", 1.5},
        {"2030-01-02T03:04:05Z", 1893553445},
        {"", -1},
        {"tomorrow", -1},
        {"1970-01-01T00:00:10", -1},
        {"1970-01-01T00:00:10+1", -1},
        {"1970-01-01T00:00:10+0100x", -1},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        double time = kube_exec_credential_time(cases[i].text);

        assert_true(time > cases[i].time - 0.001 && time < cases[i].time + 0.001);
    }
}

static void what_is_no_credential_is_refused_with_the_field(void **state)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"", "did not print JSON"},
        {"{\"kind\":\"Pod\"}", "kind"},
        {"{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1beta1\"}", "apiVersion"},
        {"{\"kind\":\"ExecCredential\",\"apiVersion\":\"" V1 "\",\"status\":{}}", "neither token"},
        {"{\"kind\":\"ExecCredential\",\"apiVersion\":\"" V1 "\",\"status\":{\"token\":1}}", "status.token"},
        {"{\"kind\":\"ExecCredential\",\"apiVersion\":\"" V1 "\",\"status\":{\"clientKeyData\":\"k\"}}",
         "belong together"},
        {"{\"kind\":\"ExecCredential\",\"apiVersion\":\"" V1
         "\",\"status\":{\"token\":\"t\",\"expirationTimestamp\":\"x\"}}",
         "expirationTimestamp"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct exec_credential credential = {0};
        struct err err = ERR_INIT;

        assert_int_not_equal(kube_exec_credential_parse(V1, cases[i].text, strlen(cases[i].text), &credential, &err),
                             0);

        assert_non_null(strstr(err.text, cases[i].says));
        assert_null(credential.token);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_have_a_zone_and_maybe_a_fraction),
        cmocka_unit_test(what_is_no_credential_is_refused_with_the_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
