#include "base/histogram.h"

#include "check.h"

static void values_are_counted_by_their_range(void **state)
{
    struct histogram histogram;
    histogram_init(&histogram, 1, 2, 3); /* 1, 2, 4 */

    const double values[] = {0, 1, 1.5, 4, 4.5, 1000};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        histogram_add(&histogram, values[i]);

    const uint64_t expected[] = {2, 1, 1, 2};
    assert_memory_equal(histogram.counts, expected, sizeof(expected));
    assert_int_equal(histogram.total, 6);
    assert_true(histogram.sum == 1011);
}

static void bounds_may_be_given_one_by_one(void **state)
{
    struct histogram histogram;
    const double bounds[] = {0.1, 10};
    histogram_init_bounds(&histogram, bounds, 2);

    histogram_add(&histogram, 0.1);
    histogram_add(&histogram, 10.1);

    assert_int_equal(histogram.counts[0], 1);
    assert_int_equal(histogram.counts[1], 0);
    assert_int_equal(histogram.counts[2], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_counted_by_their_range),
        cmocka_unit_test(bounds_may_be_given_one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
