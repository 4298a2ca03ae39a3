/* Calls whose instructions are counted only once they take long: none of them goes on for ever. */
#include <lauxlib.h>

#include "check.h"
#include "lua_host.h"

#define BUDGET 20000000

static void open_watched(struct lua_host *host)
{
    struct err err = ERR_INIT;
    struct rules_limits limits = {.instructions = BUDGET};
    *host = (struct lua_host){0};
    assert_int_equal(lua_host_open(host, &limits, &err), 0);
    lua_budget_watch(&host->budget, host->L);
    assert_true(host->budget.watch.running);
}

static void close_watched(struct lua_host *host)
{
    lua_budget_unwatch(&host->budget);
    lua_host_close(host);
}

static int run(struct lua_host *host, const char *text, struct err *err)
{
    assert_int_equal(luaL_loadstring(host->L, text), LUA_OK);
    return lua_host_call(host, 0, 0, err);
}

static void endless_loops_end_at_the_budget(void **state)
{
    static const char *const loops[] = {
        "while true do end",
        "while true do pcall(function() while true do end end) end",
        "local function again() return again() end again()",
        "while true do ('x'):rep(10) end",
    };
    for (size_t i = 0; i < COUNT_OF(loops); i++) {
        struct lua_host host;
        struct err err = ERR_INIT;
        open_watched(&host);

        int rc = run(&host, loops[i], &err);

        assert_int_equal(rc, -ERR_RULE);
        assert_non_null(strstr(err.text, "budget of 20 million instructions"));
        assert_int_equal(run(&host, "return 1", &err), 0);
        close_watched(&host);
    }
}

/* However many there are, and however long all of them take together. */
static void short_calls_share_no_budget(void **state)
{
    struct lua_host host;
    struct err err = ERR_INIT;
    open_watched(&host);

    for (int i = 0; i < 3 * BUDGET / 1000000; i++)
        assert_int_equal(run(&host, "for i = 1, 1000000 do end", &err), 0);

    close_watched(&host);
}

static void nothing_is_counted_between_calls(void **state)
{
    struct lua_host host;
    struct err err = ERR_INIT;
    open_watched(&host);

    run(&host, "while true do end", &err);

    assert_int_equal(lua_gethookmask(host.L), 0);
    close_watched(&host);
}

static void small_budgets_are_counted_from_the_beginning(void **state)
{
    struct lua_host host = {0};
    struct err err = ERR_INIT;
    struct rules_limits limits = {.instructions = 100000};
    assert_int_equal(lua_host_open(&host, &limits, &err), 0);
    lua_budget_watch(&host.budget, host.L);

    int rc = run(&host, "for i = 1, 200000 do end", &err);

    assert_false(host.budget.watch.running);
    assert_int_equal(rc, -ERR_RULE);
    close_watched(&host);
}

/* A signal of another process carries no pointer of ours, and must not be taken for a tick. */
static void signals_of_others_are_ignored(void **state)
{
    struct lua_host host;
    struct err err = ERR_INIT;
    open_watched(&host);

    assert_int_equal(raise(SIGRTMIN), 0);
    int rc = run(&host, "return 1", &err);

    assert_int_equal(rc, 0);
    close_watched(&host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(endless_loops_end_at_the_budget),
        cmocka_unit_test(short_calls_share_no_budget),
        cmocka_unit_test(nothing_is_counted_between_calls),
        cmocka_unit_test(small_budgets_are_counted_from_the_beginning),
        cmocka_unit_test(signals_of_others_are_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
