/* Entities of ours that exchange unique values, at random: chains and circles of any length come to an end with few
 * requests, and no two operations wake each other without an answer or a delay between them. */
#include <stdlib.h>

#include "fixture.h"

#define SEEDS     500
#define CONSUMERS 7
#define ROUNDS    4

struct world {
    struct fixture *fixture;
    char *held[CONSUMERS]; /* the custom id that the gateway has for each; NULL: none */
    bool there[CONSUMERS];
    bool broken[CONSUMERS]; /* the gateway refuses whatever is sent of it */
    unsigned seed;
    int requests;
};

static unsigned roll(struct world *world, unsigned sides)
{
    return (unsigned)rand_r(&world->seed) % sides;
}

static int number_of(const struct kong_item *item)
{
    return (int)strtol(item->key + 1, NULL, 10);
}

static void set(char **text, const char *value)
{
    free(*text);
    *text = value != NULL ? xstrdup(value) : NULL;
}

/* Who else has the value; -1: nobody. */
static int holder_of(const struct world *world, const char *value, int self)
{
    for (int i = 0; value != NULL && i < CONSUMERS; i++)
        if (i != self && world->held[i] != NULL && strcmp(world->held[i], value) == 0)
            return i;
    return -1;
}

static struct kong_item *item_of(struct world *world, int number)
{
    AUTO(text) char *key = xasprintf("c%d", number);
    return kong_state_find(kong_plan_state(world->fixture->plan), KONG_CONSUMER, key);
}

/* Answers as Kong does. */
static void answer(struct world *world, const struct kong_op *op)
{
    struct kong_plan *plan = world->fixture->plan;
    int number = number_of(op->item);
    world->requests++;
    if (op->verb == KONG_DELETE) {
        set(&world->held[number], NULL);
        world->there[number] = false;
        kong_plan_landed(plan, op, NULL, world->fixture->now);
        return;
    }
    if (world->broken[number]) {
        kong_plan_refused(plan, op, "KongRefused", "schema violation", world->fixture->now);
        return;
    }
    AUTO(json) struct json *body = kong_op_body(kong_plan_state(plan), op);
    const char *value = json_find_text(body, "custom_id");
    int holder = holder_of(world, value, number);
    if (holder >= 0) {
        kong_plan_blocked(plan, op, item_of(world, holder), "custom_id", "taken", world->fixture->now);
        return;
    }
    set(&world->held[number], value);
    world->there[number] = true;
    if (json_find(body, "id") == NULL)
        json_set_text(body, "id", op->item->actual->id);
    kong_plan_landed(plan, op, body, world->fixture->now);
}

static void run_all(struct world *world)
{
    struct kong_op ops[3];
    size_t count = 0;
    for (;;) { /* a few under way at once, answered in any order */
        while (count < COUNT_OF(ops) && next(world->fixture, &ops[count]))
            count++;
        if (count == 0)
            break;
        size_t which = roll(world, (unsigned)count);
        struct kong_op op = ops[which];
        ops[which] = ops[--count];
        answer(world, &op);
        assert_true(world->requests < 100000);
    }
    kong_plan_tell(world->fixture->plan, nobody_listens, NULL);
}

static void want_permutation(struct world *world, char ids[CONSUMERS])
{
    for (int i = 0; i < CONSUMERS; i++)
        ids[i] = (char)('a' + i);
    for (unsigned i = CONSUMERS; i > 1; i--) {
        unsigned other = roll(world, i);
        char kept = ids[i - 1];
        ids[i - 1] = ids[other];
        ids[other] = kept;
    }
    for (int i = 0; i < CONSUMERS; i++) {
        AUTO(text) char *text = xasprintf("{\"username\":\"c%d\",\"custom_id\":\"%c\"}", i, ids[i]);
        want(world->fixture, wanted(KONG_CONSUMER, text, NULL));
    }
    commit(world->fixture);
}

static void try_seed(unsigned seed)
{
    struct world world = {.seed = seed};
    setup((void **)&world.fixture);
    for (int round = 0; round < ROUNDS; round++) {
        char ids[CONSUMERS];
        want_permutation(&world, ids);
        world.requests = 0;
        run_all(&world);
        for (int i = 0; i < CONSUMERS; i++) {
            char expected[2] = {ids[i], '\0'};
            if (world.held[i] == NULL || strcmp(world.held[i], expected) != 0)
                fail_msg("seed %u, round %d: c%d has %s instead of %s after %d requests", seed, round, i,
                         world.held[i] != NULL ? world.held[i] : "nothing", expected, world.requests);
        }
        assert_true(world.requests <= 4 * CONSUMERS);
        assert_int_equal(kong_plan_counters(world.fixture->plan).refused, 0);
    }
    for (int i = 0; i < CONSUMERS; i++)
        free(world.held[i]);
    teardown((void **)&world.fixture);
}

static void values_are_exchanged_in_few_requests(void **state)
{
    for (unsigned seed = 1; seed <= SEEDS; seed++)
        try_seed(seed);
}

static void where_one_of_a_circle_is_refused_the_others_wait_with_growing_delays(void **state)
{
    struct world world = {.seed = 1};
    setup((void **)&world.fixture);
    char ids[CONSUMERS];
    want_permutation(&world, ids);
    run_all(&world);
    world.broken[0] = true;
    for (int i = 0; i < CONSUMERS; i++) { /* one circle of all */
        AUTO(text)
        char *text = xasprintf("{\"username\":\"c%d\",\"custom_id\":\"%c\"}", i, ids[(i + 1) % CONSUMERS]);
        want(world.fixture, wanted(KONG_CONSUMER, text, NULL));
    }
    commit(world.fixture);
    world.requests = 0;
    run_all(&world);
    int first = world.requests;
    assert_true(first <= 4 * CONSUMERS);

    uint64_t until = world.fixture->now + 3600000;
    for (uint64_t at; (at = kong_plan_wakes_at(world.fixture->plan)) != 0 && at <= until;) {
        world.fixture->now = at;
        kong_plan_wake(world.fixture->plan, at);
        run_all(&world);
    }
    assert_true(world.requests - first <= 40 * CONSUMERS); /* an hour of delays that double up to ten minutes */

    world.broken[0] = false;
    world.fixture->now = kong_plan_wakes_at(world.fixture->plan);
    for (int i = 0; i < 3 && kong_plan_counters(world.fixture->plan).refused != 0; i++) {
        world.fixture->now = kong_plan_wakes_at(world.fixture->plan) + KONG_RETRY_MAX_MS;
        kong_plan_wake(world.fixture->plan, world.fixture->now);
        run_all(&world);
    }
    assert_int_equal(kong_plan_counters(world.fixture->plan).refused, 0);
    for (int i = 0; i < CONSUMERS; i++)
        free(world.held[i]);
    teardown((void **)&world.fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_exchanged_in_few_requests),
        cmocka_unit_test(where_one_of_a_circle_is_refused_the_others_wait_with_growing_delays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
