/* Searching in the sandbox: the same results as with Lua's own functions, but within the budget of the run. */
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "lua/sandbox.h"

#define ROUNDS_DEFAULT 20000

static int open_host(struct lua_host *host, uint64_t instructions)
{
    struct err err = ERR_INIT;
    struct lua_limits limits = {.instructions = instructions, .time_ms = 3600000};
    *host = (struct lua_host){0};
    return lua_sandbox_open(host, &limits, &err);
}

/* Runs a chunk with the state's own globals, in which methods of strings are ours. */
static int run(struct lua_host *host, const char *text, struct err *err)
{
    assert_int_equal(luaL_loadstring(host->L, text), LUA_OK);
    return lua_host_call(host, 0, 0, err);
}

static void searches_find_what_lua_finds(void **state)
{
    struct lua_host host;
    assert_int_equal(open_host(&host, UINT64_MAX / 2), 0);
    const char *rounds = getenv("KONGRUENT_PATTERNS");
    const char *seed = getenv("KONGRUENT_SEED");
    struct err err = ERR_INIT;

    assert_int_equal(luaL_loadfile(host.L, KONGRUENT_SOURCE_DIR "/spec/unit/lua/patterns.lua"), LUA_OK);
    lua_pushinteger(host.L, seed != NULL ? strtoll(seed, NULL, 10) : 1);
    lua_pushinteger(host.L, rounds != NULL ? strtoll(rounds, NULL, 10) : ROUNDS_DEFAULT);
    int rc = lua_host_call(&host, 2, 0, &err);

    if (rc != 0)
        print_error("%s\n", err.text);
    lua_host_close(&host);
    assert_int_equal(rc, 0);
}

static void a_search_that_takes_ages_ends_at_the_budget_whatever_catches_it(void **state)
{
    static const char *const searches[] = {
        "('a'):rep(40):find(('a?'):rep(40) .. ('a'):rep(40))",
        "('a'):rep(3000):match('.-.-.-.-b')",
        "('a'):rep(60000):gsub('a*a*b', '')",
        "for _ in ('a'):rep(3000):gmatch('a-a-a-b') do end",
        "('('):rep(60000):gsub('%b()', '')",
        "while true do pcall(('').find, ('a'):rep(40), ('a?'):rep(40) .. ('a'):rep(40)) end",
        "while true do ('a'):rep(100):find('b*c') end",
        "('a'):rep(100):gsub('a', function() while true do end end)",
    };
    for (size_t i = 0; i < COUNT_OF(searches); i++) {
        struct lua_host host;
        assert_int_equal(open_host(&host, 1000000), 0);
        struct err err = ERR_INIT;

        int rc = run(&host, searches[i], &err);

        lua_host_close(&host);
        if (rc == 0 || strstr(err.text, "used up its budget") == NULL)
            fail_msg("%s: %s", searches[i], rc == 0 ? "went through" : err.text);
    }
}

static void usual_searches_cost_little(void **state)
{
    struct lua_host host;
    assert_int_equal(open_host(&host, 1000000), 0);
    struct err err = ERR_INIT;

    int rc =
        run(&host, "for _ = 1, 1000 do assert(('/some/path/to/it'):gsub('//+', '/') == '/some/path/to/it') end", &err);

    lua_host_close(&host);
    assert_int_equal(rc, 0);
}

static void long_patterns_and_subjects_are_refused(void **state)
{
    static const char *const searches[] = {
        "('a'):find(('a'):rep(257) .. '*')",
        "('a'):rep(70000):find('b*c')",
        "('a'):rep(70000):gmatch('b')",
        "('a'):rep(70000):gsub('b', '')",
    };
    for (size_t i = 0; i < COUNT_OF(searches); i++) {
        struct lua_host host;
        assert_int_equal(open_host(&host, 0), 0);
        struct err err = ERR_INIT;

        int rc = run(&host, searches[i], &err);

        lua_host_close(&host);
        if (rc == 0 || strstr(err.text, "over the limit of") == NULL)
            fail_msg("%s: %s", searches[i], rc == 0 ? "went through" : err.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(searches_find_what_lua_finds),
        cmocka_unit_test(a_search_that_takes_ages_ends_at_the_budget_whatever_catches_it),
        cmocka_unit_test(usual_searches_cost_little),
        cmocka_unit_test(long_patterns_and_subjects_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
