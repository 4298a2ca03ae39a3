/* When a leader counts as stuck, by a clock that the test turns. */
#include "check.h"

#include "progress.h"

static struct progress_facts working(uint64_t answers)
{
    return (struct progress_facts){.leading = true, .work_waits = true, .answers = answers};
}

static void a_leader_whose_gateway_is_silent_holds_back(void **state)
{
    struct progress_state progress = {0};
    struct progress_facts facts = working(5);
    progress_judge(&progress, &facts, 1000);
    progress_judge(&progress, &facts, 3000);

    bool soon = progress_judge(&progress, &facts, 3000 + PROGRESS_LIMIT_MS - 1);
    bool late = progress_judge(&progress, &facts, 3000 + PROGRESS_LIMIT_MS);

    assert_false(soon);
    assert_true(late);
}

static void answers_and_idleness_are_progress(void **state)
{
    struct progress_state progress = {0};
    struct progress_facts facts = working(0);
    bool held = false;
    for (uint64_t now = 1; now < 4 * PROGRESS_LIMIT_MS; now += PROGRESS_LIMIT_MS / 2) {
        facts.answers++;
        held |= progress_judge(&progress, &facts, now);
    }
    facts.work_waits = false;

    held |= progress_judge(&progress, &facts, 9 * PROGRESS_LIMIT_MS);
    held |= progress_judge(&progress, &facts, 19 * PROGRESS_LIMIT_MS);

    assert_false(held);
}

static void having_lost_the_lead_it_stands_back_and_is_more_patient_then(void **state)
{
    struct progress_state progress = {0};
    struct progress_facts facts = working(0);
    progress_judge(&progress, &facts, 1);
    assert_true(progress_judge(&progress, &facts, 1 + PROGRESS_LIMIT_MS));
    assert_true(progress_judge(&progress, &facts, 2 + PROGRESS_LIMIT_MS)); /* until the term is over */
    facts.leading = false;
    uint64_t lost = 2 * PROGRESS_LIMIT_MS;
    assert_true(progress_judge(&progress, &facts, lost));
    assert_true(progress_judge(&progress, &facts, lost + PROGRESS_STAND_BACK_MS - 1));
    assert_false(progress_judge(&progress, &facts, lost + PROGRESS_STAND_BACK_MS));
    facts.leading = true;
    uint64_t again = lost + 2 * PROGRESS_STAND_BACK_MS;
    progress_judge(&progress, &facts, again);

    bool impatient = progress_judge(&progress, &facts, again + PROGRESS_LIMIT_MS);
    bool patient = progress_judge(&progress, &facts, again + 2 * PROGRESS_LIMIT_MS);

    assert_false(impatient);
    assert_true(patient);
}

static void an_answer_before_the_lead_is_lost_keeps_it(void **state)
{
    struct progress_state progress = {0};
    struct progress_facts facts = working(0);
    progress_judge(&progress, &facts, 1);
    assert_true(progress_judge(&progress, &facts, 1 + PROGRESS_LIMIT_MS));

    facts.answers = 1;

    assert_false(progress_judge(&progress, &facts, 2 + PROGRESS_LIMIT_MS));
}

static void a_wave_that_does_not_end_keeps_one_from_leading(void **state)
{
    struct progress_state progress = {0};
    struct progress_facts facts = {.wave_since_ms = 10};

    bool soon = progress_judge(&progress, &facts, 9 + PROGRESS_WAVE_MS);
    bool late = progress_judge(&progress, &facts, 10 + PROGRESS_WAVE_MS);
    bool ever = progress_judge(&progress, &facts, 10 * PROGRESS_WAVE_MS);
    facts.wave_since_ms = 0;
    bool after = progress_judge(&progress, &facts, 11 * PROGRESS_WAVE_MS);

    assert_false(soon);
    assert_true(late);
    assert_true(ever);
    assert_false(after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_leader_whose_gateway_is_silent_holds_back),
        cmocka_unit_test(answers_and_idleness_are_progress),
        cmocka_unit_test(having_lost_the_lead_it_stands_back_and_is_more_patient_then),
        cmocka_unit_test(an_answer_before_the_lead_is_lost_keeps_it),
        cmocka_unit_test(a_wave_that_does_not_end_keeps_one_from_leading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
