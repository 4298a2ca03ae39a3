/* Which endpoint is used. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/gateways.h"

static const char *const urls[] = {"http://a:1/", "http://b:1", "http://b:1"};

static int setup(void **state)
{
    struct kong_gateways *gateways = kong_gateways_new();
    kong_gateways_set(gateways, urls, 3);
    *state = gateways;
    return 0;
}

static int teardown(void **state)
{
    kong_gateways_free(*state);
    return 0;
}

static void equal_addresses_are_one_endpoint(void **state)
{
    assert_int_equal(kong_gateways_count(*state), 2);
    assert_string_equal(kong_gateways_url(*state, 0), "http://a:1");
}

static void the_one_that_was_picked_is_kept_until_it_fails(void **state)
{
    AUTO(text) char *first = xstrdup(kong_gateways_pick(*state, 1));
    for (uint64_t now = 2; now < 50; now++)
        assert_string_equal(kong_gateways_pick(*state, now), first);

    kong_gateways_failed(*state, first, 50);

    assert_string_not_equal(kong_gateways_pick(*state, 51), first);
}

static void one_that_fails_again_rests_longer(void **state)
{
    kong_gateways_failed(*state, "http://a:1", 1);
    assert_true(kong_gateways_resting(*state, 0, KONG_GATEWAY_REST_MS));
    assert_false(kong_gateways_resting(*state, 0, 1 + KONG_GATEWAY_REST_MS));

    kong_gateways_failed(*state, "http://a:1", 5000);

    assert_true(kong_gateways_resting(*state, 0, 5000 + KONG_GATEWAY_REST_MS));
    kong_gateways_worked(*state, "http://a:1");
    assert_false(kong_gateways_resting(*state, 0, 5000));
}

static void when_all_rest_the_longest_rested_is_tried(void **state)
{
    kong_gateways_failed(*state, "http://b:1", 10);
    kong_gateways_failed(*state, "http://a:1", 20);

    assert_string_equal(kong_gateways_pick(*state, 30), "http://b:1");
}

static void a_new_set_forgets_who_is_gone(void **state)
{
    const char *const next[] = {"http://c:1"};
    (void)kong_gateways_pick(*state, 1);

    kong_gateways_set(*state, next, 1);
    assert_string_equal(kong_gateways_pick(*state, 2), "http://c:1");

    kong_gateways_set(*state, NULL, 0);
    assert_null(kong_gateways_pick(*state, 3));
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(equal_addresses_are_one_endpoint),  test(the_one_that_was_picked_is_kept_until_it_fails),
        test(one_that_fails_again_rests_longer), test(when_all_rest_the_longest_rested_is_tried),
        test(a_new_set_forgets_who_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
