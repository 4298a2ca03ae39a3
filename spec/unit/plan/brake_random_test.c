/* Random losses and returns, at random times: what the plan holds back is exactly what the rule says, and nothing is
 * held of an object that still yields something.  The model below knows objects only, and is written from the rule. */
#include <stdlib.h>

#include "fixture.h"

#define SEEDS    300
#define EVENTS   120
#define OBJECTS  40
#define QUIET_MS 1000
#define PERCENT  30

enum place { OURS, PASSED, GATHERED, HELD };

struct model {
    bool gone[OBJECTS]; /* deleted; else it is there, ours or not */
    bool ours[OBJECTS];
    enum place place[OBJECTS];
    bool counted[OBJECTS]; /* in the present burst */
    bool open;
    uint64_t begun, news, now;
    int held_passed, held_of;
    unsigned seed;
};

static unsigned roll(struct model *model, unsigned sides)
{
    return (unsigned)rand_r(&model->seed) % sides;
}

static int count(const struct model *model, enum place place, bool gone_only)
{
    int total = 0;
    for (int i = 0; i < OBJECTS; i++)
        total += model->place[i] == place && (place == HELD || place == OURS || model->counted[i]) &&
                 (!gone_only || model->gone[i]);
    return total;
}

static void pass_direct(struct model *model)
{
    for (int i = 0; i < OBJECTS && count(model, PASSED, true) < KONG_BRAKE_DIRECT; i++)
        if (model->place[i] == GATHERED && model->gone[i])
            model->place[i] = PASSED;
}

static bool is_too_much(int lost, int direct, int direct_waiting, int indirect, int of)
{
    bool a = direct_waiting > 0 && direct > KONG_BRAKE_DIRECT && lost * 100 > PERCENT * of;
    bool b = indirect >= KONG_BRAKE_INDIRECT && lost * 100 >= PERCENT * of;
    return a || b;
}

static void model_judge(struct model *model)
{
    pass_direct(model);
    int passed = count(model, PASSED, false), gathered = count(model, GATHERED, false);
    int direct = count(model, PASSED, true) + count(model, GATHERED, true);
    int indirect = passed + gathered - direct, of = count(model, OURS, false) + passed + gathered;
    bool hold = is_too_much(passed + gathered, direct, count(model, GATHERED, true), indirect, of);
    if (hold && count(model, HELD, false) == 0)
        model->held_passed = model->held_of = 0;
    if (hold) {
        model->held_passed += passed;
        model->held_of = of > model->held_of ? of : model->held_of;
    }
    for (int i = 0; i < OBJECTS; i++)
        if (model->place[i] == GATHERED)
            model->place[i] = hold ? HELD : PASSED;
}

/* When the burst is looked at next; 0: there is none. */
static uint64_t model_due(const struct model *model)
{
    uint64_t quiet = model->news + QUIET_MS, latest = model->begun + KONG_BRAKE_QUIET_MAX_MS;
    if (!model->open)
        return 0;
    return quiet < latest || count(model, GATHERED, false) == 0 ? quiet : latest;
}

static void model_wake(struct model *model, uint64_t now)
{
    if (!model->open || now < model_due(model))
        return;
    if (count(model, GATHERED, false) > 0)
        model_judge(model);
    if (now < model->news + QUIET_MS) {
        model->begun = now;
        return;
    }
    model->open = false;
    memset(model->counted, 0, sizeof(model->counted));
}

static void model_lose(struct model *model, int object, bool gone)
{
    model->gone[object] = gone;
    model->ours[object] = false;
    model->place[object] = GATHERED;
    model->counted[object] = true;
    if (!model->open)
        model->begun = model->now;
    model->open = true;
    model->news = model->now;
    pass_direct(model);
}

static void model_return(struct model *model, int object)
{
    bool was_held = model->place[object] == HELD;
    model->gone[object] = false;
    model->ours[object] = true;
    model->place[object] = OURS;
    model->counted[object] = false;
    int held = count(model, HELD, false), direct = count(model, HELD, true);
    if (was_held &&
        !is_too_much(held + model->held_passed, direct + model->held_passed, direct, held - direct, model->held_of))
        for (int i = 0; i < OBJECTS; i++)
            model->place[i] = model->place[i] == HELD ? PASSED : model->place[i];
    if (model->open)
        pass_direct(model); /* one that came back does not count any more */
}

static bool is_gone(void *user, const struct kong_source *source)
{
    return ((const struct model *)user)->gone[strtol(source->name + 1, NULL, 10)];
}

static char *key_of(int object, int which)
{
    return xasprintf("r%02d%c", object, 'a' + which);
}

static struct kong_entity *route_of(int object, int which)
{
    AUTO(text) char *key = key_of(object, which);
    AUTO(text) char *name = xasprintf("o%02d", object);
    AUTO(text) char *text = xasprintf("{\"name\":\"%s\",\"paths\":[\"/\"],\"protocols\":[\"http\"]}", key);
    struct kong_entity *entity = wanted(KONG_ROUTE, text, NULL);
    entity->origin.sources = xcalloc(1, sizeof(struct kong_source));
    entity->origin.source_count = 1;
    kong_source_make(&entity->origin.sources[0], "networking.k8s.io/v1/Ingress", "shop", name, "");
    return entity;
}

static void set(struct fixture *fixture, int object, int which, bool on)
{
    AUTO(text) char *key = key_of(object, which);
    if (on)
        want(fixture, route_of(object, which));
    else
        unwant(fixture, KONG_ROUTE, key);
}

/* Routes that nobody wants, and that are still there. */
static bool lingers(struct fixture *fixture, int object)
{
    for (int which = 0; which < 2; which++) {
        AUTO(text) char *key = key_of(object, which);
        const struct kong_item *item = kong_state_find(kong_plan_state(fixture->plan), KONG_ROUTE, key);
        if (item != NULL && item->entity == NULL && item->actual != NULL)
            return true;
    }
    return false;
}

static void assert_like_the_model(struct fixture *fixture, const struct model *model, unsigned seed, int event)
{
    for (int i = 0; i < OBJECTS; i++) {
        bool expected = model->place[i] == GATHERED || model->place[i] == HELD;
        if (lingers(fixture, i) != expected)
            fail_msg("seed %u, event %d: object %d %s, and is %s, %s", seed, event, i,
                     expected ? "went" : "is held back", model->ours[i] ? "ours" : "lost",
                     model->gone[i] ? "deleted" : "still there");
    }
    assert_int_equal(kong_plan_held(fixture->plan).objects, count(model, HELD, false));
}

static void advance(struct fixture *fixture, struct model *model, uint64_t ms)
{
    uint64_t until = fixture->now + ms;
    for (;;) {
        uint64_t own = kong_plan_wakes_at(fixture->plan), theirs = model_due(model);
        uint64_t at = own == 0 || (theirs != 0 && theirs < own) ? theirs : own;
        if (at == 0 || at > until)
            break;
        fixture->now = model->now = at;
        kong_plan_wake(fixture->plan, at);
        free(run(fixture));
        model_wake(model, at);
    }
    fixture->now = model->now = until;
}

static void one_event(struct fixture *fixture, struct model *model)
{
    int object = (int)roll(model, OBJECTS);
    if (!model->ours[object]) {
        model_return(model, object);
        set(fixture, object, (int)roll(model, 2), true);
    } else if (roll(model, 4) == 0) { /* one route more, or one less */
        set(fixture, object, 1, roll(model, 2) == 0);
        set(fixture, object, 0, true);
    } else {
        set(fixture, object, 0, false);
        set(fixture, object, 1, false);
        model_lose(model, object, roll(model, 3) != 0);
    }
    kong_plan_commit(fixture->plan, fixture->now);
    free(run(fixture));
}

static void try_seed(unsigned seed)
{
    struct model model = {.seed = seed};
    struct fixture *fixture;
    setup_with((void **)&fixture, (struct kong_plan_options){.policy = KONG_POLICY_SYNC,
                                                             .max_delete_percent = PERCENT,
                                                             .quiet_ms = QUIET_MS,
                                                             .is_gone = is_gone,
                                                             .user = &model});
    model.now = fixture->now;
    for (int i = 0; i < OBJECTS; i++) {
        model.ours[i] = true;
        set(fixture, i, 0, true);
    }
    kong_plan_commit(fixture->plan, fixture->now);
    free(run(fixture));
    static const unsigned pauses[] = {1, 100, 900, 1500};
    for (int event = 0; event < EVENTS; event++) {
        one_event(fixture, &model);
        assert_like_the_model(fixture, &model, seed, event);
        advance(fixture, &model, roll(&model, pauses[seed % COUNT_OF(pauses)]));
        assert_like_the_model(fixture, &model, seed, event);
    }
    teardown((void **)&fixture);
}

static void what_is_held_is_what_the_rule_says(void **state)
{
    for (unsigned seed = 1; seed <= SEEDS; seed++)
        try_seed(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_held_is_what_the_rule_says)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
