/* When a sync begins and ends, and what counts in it. */
#include "check.h"

#include "history.h"

static struct history made(void)
{
    struct history history;
    history_init(&history);
    return history;
}

static void operate(struct history *history, enum kong_verb verb, enum kong_class class, uint64_t now_ms)
{
    struct kong_op op = {.verb = verb};
    struct kong_answer answer = {.class = class};
    history_operation(history, &op, &answer, 100, now_ms);
}

static void a_sync_lasts_from_the_first_change_to_the_end(void **state)
{
    struct history history = made();
    struct sync_record syncs[SYNCS_KEPT];

    history_begin(&history, 50, 1000);
    history_begin(&history, 60, 1400);
    operate(&history, KONG_CREATE, KONG_DONE, 1500);
    operate(&history, KONG_UPDATE, KONG_DONE, 1500);
    operate(&history, KONG_DELETE, KONG_MISSING, 1500);
    operate(&history, KONG_READ, KONG_DONE, 1500);
    operate(&history, KONG_CREATE, KONG_UNAVAILABLE, 1500);
    assert_int_equal(history_list(&history, 1600, syncs), 1);
    assert_int_equal(syncs[0].result, SYNC_UNDER_WAY);
    assert_int_equal(syncs[0].took_ms, 600);

    history_end(&history, true, 1750);
    history_end(&history, true, 9000);
    assert_int_equal(history_list(&history, 9000, syncs), 1);
    assert_int_equal(syncs[0].took_ms, 750);
    assert_int_equal(syncs[0].result, SYNC_CONVERGED);
    assert_int_equal(syncs[0].created, 1);
    assert_int_equal(syncs[0].updated, 1);
    assert_int_equal(syncs[0].deleted, 1);
    assert_int_equal(history.figures.good, 1);
    assert_int_equal(history.figures.good_ms.total, 1);
}

static void a_refusal_makes_it_a_bad_one(void **state)
{
    struct history history = made();
    history_begin(&history, 50, 1000);
    operate(&history, KONG_CREATE, KONG_REFUSED, 1100);
    history_end(&history, false, 1200);
    history_begin(&history, 60, 2000);
    operate(&history, KONG_UPDATE, KONG_TAKEN, 2100);
    history_end(&history, false, 2200);

    assert_int_equal(history.figures.bad_other, 1);
    assert_int_equal(history.figures.bad_conflict, 1);
    assert_int_equal(history.figures.bad_ms.total, 2);
    assert_int_equal(history.figures.good, 0);
}

static void what_is_refused_again_is_no_news(void **state)
{
    struct history history = made();
    struct sync_record syncs[SYNCS_KEPT];
    operate(&history, KONG_CREATE, KONG_REFUSED, 1100);
    history_end(&history, false, 1200);
    assert_int_equal(history_list(&history, 1300, syncs), 0);
    assert_int_equal(history.figures.bad_other, 1);

    operate(&history, KONG_CREATE, KONG_DONE, 2100);
    history_end(&history, true, 2200);
    operate(&history, KONG_CREATE, KONG_REFUSED, 3100);
    history_begin(&history, 60, 3150); /* and then something changes */
    history_end(&history, false, 3200);
    assert_int_equal(history_list(&history, 3300, syncs), 2);
}

static void only_the_last_ones_are_kept(void **state)
{
    struct history history = made();
    struct sync_record syncs[SYNCS_KEPT];
    for (uint64_t i = 0; i < SYNCS_KEPT + 5; i++) {
        history_begin(&history, (double)i, 1000 + i);
        history_end(&history, true, 1000 + i);
    }
    assert_int_equal(history_list(&history, 9999, syncs), SYNCS_KEPT);
    assert_true(syncs[0].began == 5);
    assert_true(syncs[SYNCS_KEPT - 1].began == SYNCS_KEPT + 4);

    history_begin(&history, 777, 9000);
    assert_int_equal(history_list(&history, 9999, syncs), SYNCS_KEPT);
    assert_true(syncs[0].began == 6);
    assert_int_equal(syncs[SYNCS_KEPT - 1].result, SYNC_UNDER_WAY);
    history_cut(&history, 9500);
    assert_int_equal(history_list(&history, 9999, syncs), SYNCS_KEPT);
    assert_int_equal(syncs[SYNCS_KEPT - 1].result, SYNC_CUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sync_lasts_from_the_first_change_to_the_end),
        cmocka_unit_test(a_refusal_makes_it_a_bad_one),
        cmocka_unit_test(what_is_refused_again_is_no_news),
        cmocka_unit_test(only_the_last_ones_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
