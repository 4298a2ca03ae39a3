/* Calls whose instructions are counted only once they take long: none of them goes on for ever. */
#include <lauxlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"
#include "lua/sandbox.h"

#define BUDGET 20000000

static void open_limited(struct lua_host *host, uint64_t time_ms)
{
    struct err err = ERR_INIT;
    struct lua_limits limits = {.instructions = BUDGET, .time_ms = time_ms};
    *host = (struct lua_host){0};
    assert_int_equal(lua_sandbox_open(host, &limits, &err), 0);
    lua_host_watch(host);
    assert_true(host->budget.watch.running);
}

/* However slow the machine is, it is instructions that run out. */
static void open_watched(struct lua_host *host)
{
    open_limited(host, 3600000);
}

static void close_watched(struct lua_host *host)
{
    lua_host_unwatch(host);
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
    struct lua_limits limits = {.instructions = 100000};
    assert_int_equal(lua_sandbox_open(&host, &limits, &err), 0);
    lua_host_watch(&host);

    int rc = run(&host, "for i = 1, 200000 do end", &err);

    assert_int_equal(rc, -ERR_RULE);
    assert_non_null(strstr(err.text, "budget of 0 million instructions"));
    close_watched(&host);
}

/* However few instructions that takes: each of these compares 16 MB. */
static void a_call_ends_at_its_limit_of_time(void **state)
{
    static const char *const texts[] = {
        "local a = ('x'):rep(16000000) local b = a .. 'y' while true do local _ = a < b end",
        "local a = ('x'):rep(16000000) local b = a .. 'y' while true do pcall(function() local _ = a < b end) end",
        "local t = {} while true do t[1] = ('x'):upper() end",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct lua_host host = {0};
        struct err err = ERR_INIT;
        struct lua_limits limits = {.instructions = UINT64_MAX / 2, .time_ms = 300};
        assert_int_equal(lua_sandbox_open(&host, &limits, &err), 0);
        lua_host_watch(&host);

        int rc = run(&host, texts[i], &err);

        assert_int_equal(rc, -ERR_RULE);
        assert_non_null(strstr(err.text, "longer than its limit of 300 ms"));
        assert_int_equal(run(&host, "return 1", &err), 0);
        close_watched(&host);
    }
}

/* Where no timer can be had, the hook looks at the clock. */
static void without_a_timer_the_limit_of_time_holds_too(void **state)
{
    struct lua_host host = {0};
    struct err err = ERR_INIT;
    struct lua_limits limits = {.instructions = UINT64_MAX / 2, .time_ms = 300};
    assert_int_equal(lua_sandbox_open(&host, &limits, &err), 0);

    int rc = run(&host, "while true do end", &err);

    assert_int_equal(rc, -ERR_RULE);
    assert_non_null(strstr(err.text, "longer than its limit of 300 ms"));
    lua_host_close(&host);
}

/* A tick after which the kernel counted as many as a minute has: what the timer sends when the process was stopped for so long. */
static int lose_a_minute(lua_State *L)
{
    struct lua_watch *watch = lua_touserdata(L, lua_upvalueindex(1));
    siginfo_t info = {.si_signo = SIGRTMIN, .si_code = SI_TIMER};
    info.si_overrun = 60000 / LUA_WATCH_TICK_MS;
    info.si_value.sival_ptr = watch;
    assert_int_equal(syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), SIGRTMIN, &info), 0);
    return 0;
}

static void a_process_that_was_stopped_fails_no_rule(void **state)
{
    struct lua_host host;
    struct err err = ERR_INIT;
    open_limited(&host, 10000);
    lua_pushlightuserdata(host.L, &host.budget.watch);
    lua_pushcclosure(host.L, lose_a_minute, 1);
    lua_setglobal(host.L, "lose_a_minute");

    int few = run(&host, "for i = 1, 10 do lose_a_minute() end", &err);
    int many = run(&host, "for i = 1, 30 do lose_a_minute() end", &err);

    assert_int_equal(few, 0);
    assert_int_equal(many, -ERR_RULE);
    assert_non_null(strstr(err.text, "longer than its limit of 10000 ms"));
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
        cmocka_unit_test(a_call_ends_at_its_limit_of_time),
        cmocka_unit_test(without_a_timer_the_limit_of_time_holds_too),
        cmocka_unit_test(a_process_that_was_stopped_fails_no_rule),
        cmocka_unit_test(signals_of_others_are_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
