/* The gate into Lua when memory runs out, whenever it does. */
#include <lauxlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "lua/sandbox.h"

static int raise_one(lua_State *L)
{
    return luaL_error(L, "nobody catches this");
}

/* Whatever is allocated, at some limit it is the first that is refused. */
static void opening_fails_cleanly_at_every_allocation(void **state)
{
    size_t opened = 0, refused = 0;
    for (size_t memory = 1000; opened == 0; memory += memory < 40000 ? 97 : 511) {
        struct lua_host host = {0};
        struct err err = ERR_INIT;
        struct lua_limits limits = {.memory = memory};

        int rc = lua_sandbox_open(&host, &limits, &err);

        assert_int_equal(rc != 0, err.text[0] != '\0');
        opened += rc == 0;
        refused += rc != 0;
        lua_host_close(&host);
    }
    assert_true(refused > 100);
}

/* A run takes what memory there is beyond the opened state. */
static void runs_fail_cleanly_at_every_allocation(void **state)
{
    static const char text[] = "local t = {}\n"
                               "for i = 1, 60 do t[i] = { name = 'x' .. i, list = { i, tostring(i) } } end\n"
                               "table.sort(t, function(a, b) return a.name > b.name end)\n"
                               "return (('a,b'):gsub('%w', '%0%0')) .. #t\n";
    size_t done = 0, refused = 0;
    for (size_t more = 0; done == 0; more += 64) {
        struct lua_host host = {0};
        struct err err = ERR_INIT;
        struct lua_limits limits = {0};
        assert_int_equal(lua_sandbox_open(&host, &limits, &err), 0);
        host.budget.limits.memory = host.budget.heap + more;
        struct buf chunk = BUF_OWN;
        buf_append_text(&chunk, text);

        int rc = lua_host_run(&host, &chunk, "chunk.lua", &err);

        if (rc != 0)
            assert_non_null(strstr(err.text, "used up their heap"));
        done += rc == 0;
        refused += rc != 0;
        buf_done(&chunk);
        lua_host_close(&host);
    }
    assert_true(refused > 20);
}

static void an_error_that_nothing_catches_ends_the_program_without_a_crash(void **state)
{
    pid_t child = fork();
    if (child == 0) {
        struct lua_host host = {0};
        struct err err = ERR_INIT;
        struct lua_limits limits = {0};
        if (freopen("/dev/null", "w", stderr) != NULL && lua_host_open(&host, &limits, &err) == 0)
            raise_one(host.L);
        _exit(77);
    }
    int status = 0;

    assert_int_equal(waitpid(child, &status, 0), child);

    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), EXIT_FAILURE);
}

/* Deep calls are refused by Lua's own stack before they cost much; what one instruction moves is bounded with it. */
static void the_stack_is_bounded(void **state)
{
    static const char *const texts[] = {
        "local function deep(n) return 1 + deep(n + 1) end deep(1)",
        "local t = {} setmetatable(t, { __call = t }) t()",
        "local function more(...) return more(1, 2, 3, 4, ...) end more()",
        "local t = {} for i = 1, 100 do t[i] = i end local function f(n) return f(n, table.unpack(t)) end f(1)\n"
        "local function g(...) return 1 + g(1, ...) end g()",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct lua_host host = {0};
        struct err err = ERR_INIT;
        struct lua_limits limits = {.instructions = 30000000};
        assert_int_equal(lua_sandbox_open(&host, &limits, &err), 0);
        assert_int_equal(luaL_loadstring(host.L, texts[i]), LUA_OK);

        int rc = lua_host_call(&host, 0, 0, &err);

        assert_int_equal(rc, -ERR_RULE);
        assert_true(host.budget.heap < (8u << 20));
        lua_host_close(&host);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opening_fails_cleanly_at_every_allocation),
        cmocka_unit_test(runs_fail_cleanly_at_every_allocation),
        cmocka_unit_test(an_error_that_nothing_catches_ends_the_program_without_a_crash),
        cmocka_unit_test(the_stack_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
