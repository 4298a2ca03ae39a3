#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"

static void durations_are_read_as_go_writes_them(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {
        {"500ms", 500},
        {"3s", 3000},
        {"1m30s", 90000},
        {"10h", 36000000},
        {"1.5s", 1500},
        {"0.1s", 100},
        {"0", 0},
        {"15", 15000},
        {"2.5", 2500},
        {"0s", 0},
        {"1500us", 1},
        {"1h2m3s4ms", 3723004},
        {"", -1},
        {"s", -1},
        {"3 s", -1},
        {"3x", -1},
        {"-3s", -1},
        {"1m30", -1},
        {".", -1},
        {"1e3s", -1},
        {"99999999999999999999h", -1},
        {"99999999999999999999", -1},
        {"1ms", 1},
        {"1m", 60000},
        {"nan", -1},
        {"3s ", -1},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t ms = clock_parse_duration(cases[i].text);

        if (ms != cases[i].ms)
            fail_msg("'%s' was read as %lld", cases[i].text, (long long)ms);
    }
}

static void instants_are_written_in_utc(void **state)
{
    char text[CLOCK_TEXT_SIZE];

    clock_format(1700000000.9, text);
    assert_string_equal(text, "2023-11-14T22:13:20Z");

    clock_format_micro(1700000000.25, text);
    assert_string_equal(text, "2023-11-14T22:13:20.250000Z");

    clock_format_micro(0.9999999, text);
    assert_string_equal(text, "1970-01-01T00:00:01.000000Z");
}

static void instants_that_cannot_be_written_are_moved_to_the_nearest(void **state)
{
    char text[CLOCK_TEXT_SIZE];

    clock_format(1e300, text);
    assert_string_equal(text, "9999-12-31T23:59:59Z");

    clock_format(NAN, text);
    assert_string_equal(text, "1970-01-01T00:00:00Z");

    clock_format_micro(-5, text);
    assert_string_equal(text, "1970-01-01T00:00:00.000000Z");
}

static void monotonic_time_never_goes_back(void **state)
{
    uint64_t before = clock_monotonic_us();

    uint64_t after = clock_monotonic_us();

    assert_true(after >= before);
    assert_true(clock_monotonic_ms() >= before / 1000);
    assert_true(clock_wall() > 1.6e9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_are_read_as_go_writes_them),
        cmocka_unit_test(instants_are_written_in_utc),
        cmocka_unit_test(instants_that_cannot_be_written_are_moved_to_the_nearest),
        cmocka_unit_test(monotonic_time_never_goes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
