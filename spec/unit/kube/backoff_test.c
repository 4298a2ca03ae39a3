/* How long the room waits after failures. */
#include "backoff.h"
#include "check.h"

#include "base/alloc.h"

static void delays_double_within_jitter_up_to_the_last(void **state)
{
    static const uint64_t steps[] = {800, 1600, 3200, 6400, 12800, 25600, 30000, 30000, 30000};
    for (int round = 0; round < 50; round++) {
        struct backoff backoff = {.first_ms = 800, .last_ms = 30000};
        for (size_t i = 0; i < COUNT_OF(steps); i++) {
            uint64_t delay = kube_backoff_next(&backoff);

            assert_in_range(delay, steps[i] - steps[i] / 2, steps[i]);
        }
    }
}

static void a_reset_begins_with_the_first_delay_again(void **state)
{
    struct backoff backoff = {.first_ms = 10, .last_ms = 1000};
    for (int i = 0; i < 1000; i++)
        kube_backoff_next(&backoff);

    kube_backoff_reset(&backoff);

    assert_in_range(kube_backoff_next(&backoff), 5, 10);
}

static void what_the_server_asks_for_is_the_least(void **state)
{
    struct backoff backoff = {.first_ms = 10, .last_ms = 20};

    assert_int_equal(kube_backoff_next_or(&backoff, 5000), 5000);
    assert_in_range(kube_backoff_next_or(&backoff, 1), 10, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delays_double_within_jitter_up_to_the_last),
        cmocka_unit_test(a_reset_begins_with_the_first_delay_again),
        cmocka_unit_test(what_the_server_asks_for_is_the_least),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
