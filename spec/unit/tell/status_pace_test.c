/* When a status is written: once it is quiet, once a second in the long run, never while it is about to change. */
#include "check.h"

#include "status_pace.h"

struct trial {
    struct status_pace pace;
    uint64_t now;
    int writes;
};

/* Lets time pass in steps of ten milliseconds, writing whenever it is due. */
static void pass(struct trial *trial, uint64_t ms, bool pending)
{
    for (uint64_t end = trial->now + ms; trial->now < end; trial->now += 10) {
        if (trial->pace.unwritten_ms == 0 || status_pace_due(&trial->pace, pending, trial->now) > trial->now)
            continue;
        status_pace_wrote(&trial->pace, trial->now);
        trial->writes++;
    }
}

static void changes_in_a_row_are_one_write(void **state)
{
    struct trial trial = {.now = 1000000};
    for (int i = 0; i < 5; i++) {
        status_pace_changed(&trial.pace, trial.now);
        pass(&trial, STATUS_QUIET_MS / 2, false);
    }
    assert_int_equal(trial.writes, 0);
    pass(&trial, STATUS_QUIET_MS, false);

    assert_int_equal(trial.writes, 1);
}

static void changes_without_an_end_are_written_about_once_a_second_and_soon_after_the_last(void **state)
{
    struct trial trial = {.now = 1000000};
    for (int i = 0; i < 1000; i++) {
        status_pace_changed(&trial.pace, trial.now);
        pass(&trial, 20, false);
    }
    assert_in_range(trial.writes, 17, 20);
    int before = trial.writes;
    pass(&trial, STATUS_QUIET_MS, false);

    assert_int_equal(trial.writes, before + 1);
}

static void changes_with_pauses_are_no_more_than_one_write_a_second_in_the_long_run(void **state)
{
    struct trial trial = {.now = 1000000};
    for (int i = 0; i < 200; i++) {
        status_pace_changed(&trial.pace, trial.now);
        pass(&trial, 300, false);
    }

    assert_in_range(trial.writes, 55, 60 + STATUS_BURST);
}

static void what_is_on_its_way_is_waited_for_but_not_for_ever(void **state)
{
    struct trial trial = {.now = 1000000};
    status_pace_changed(&trial.pace, trial.now);
    pass(&trial, STATUS_PENDING_MS - 100, true);
    assert_int_equal(trial.writes, 0);
    pass(&trial, 200, true);
    assert_int_equal(trial.writes, 1);

    status_pace_changed(&trial.pace, trial.now);
    pass(&trial, STATUS_QUIET_MS + 10, false);
    assert_int_equal(trial.writes, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_in_a_row_are_one_write),
        cmocka_unit_test(changes_without_an_end_are_written_about_once_a_second_and_soon_after_the_last),
        cmocka_unit_test(changes_with_pauses_are_no_more_than_one_write_a_second_in_the_long_run),
        cmocka_unit_test(what_is_on_its_way_is_waited_for_but_not_for_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
