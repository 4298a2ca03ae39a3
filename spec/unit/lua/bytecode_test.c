/* Which variables outside of itself a function assigns to. */
#include "bytecode.h"

#include <lauxlib.h>
#include <string.h>

#include "base/buf.h"
#include "check.h"

struct sample {
    const char *text;    /* returns the function */
    const char *assigns; /* the variable's name; NULL: nothing */
    int line;
};

static void assignments_are_found_wherever_they_stand(void **state)
{
    static const struct sample samples[] = {
        {"local a = 1\nreturn function() return a end", NULL, 0},
        {"local a = 1\nreturn function()\n  a = 2\nend", "a", 3},
        {"local a = 1\nreturn function()\n\n\n  a = a + 1\n  return a\nend", "a", 5},
        {"local a, b = 1, 2\nreturn function() return a, function()\n  return function()\n    b = 3 end end end", "b",
         4},
        {"local a = 1\nreturn function() local a = 2 a = 3 return function() a = 4 end end", NULL, 0},
        {"local function make()\n  local n = 0\n  return function() n = n + 1 return n end\nend\nreturn make()", "n",
         3},
        {"return function() _ENV = {} end", "_ENV", 1},
        {"return function(x) x = 1 local y = x y = 2 return y end", NULL, 0},
        {"local t = {}\nreturn function() t.x = 1 end", NULL, 0},
        {"local a\nlocal f\nf = function() return f, a end\nreturn f", NULL, 0},
        {"local a\nreturn function()\n  for i = 1, 1000 do\n    local x = 'text' .. i .. 1.5 .. (1 << 40)\n  end\n"
         "  goto done\n  ::done::\n  a = true\nend",
         "a", 8},
    };
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        lua_State *L = luaL_newstate();
        assert_int_equal(luaL_loadstring(L, samples[i].text), LUA_OK);
        lua_call(L, 0, 1);
        int upvalue = 0, line = 0;

        enum lua_bytecode_result result = lua_bytecode_find_assignment(L, &upvalue, &line);

        assert_int_equal(result, samples[i].assigns != NULL ? LUA_BYTECODE_ASSIGNS : LUA_BYTECODE_CONSTANT);
        if (samples[i].assigns != NULL) {
            assert_string_equal(lua_getupvalue(L, -1, upvalue), samples[i].assigns);
            assert_int_equal(line, samples[i].line);
        }
        lua_close(L);
    }
}

/* Lines that are far apart are told in another way. */
static void lines_far_apart_are_right(void **state)
{
    struct buf text = BUF_OWN;
    int expected = 2;
    buf_append_text(&text, "local a\nreturn function()\n");
    for (int i = 0; i < 400; i++) {
        buf_append_text(&text, i % 3 == 0 ? "do local x = 1 end\n" : "\n");
        expected++;
    }
    for (int i = 0; i < 300; i++) {
        buf_append_text(&text, "\n");
        expected++;
    }
    buf_append_text(&text, "a = 1\nend");
    expected++;
    lua_State *L = luaL_newstate();
    if (luaL_loadstring(L, buf_text(&text)) != LUA_OK)
        fail_msg("%s", lua_tostring(L, -1));
    lua_call(L, 0, 1);
    int upvalue = 0, line = 0;

    enum lua_bytecode_result result = lua_bytecode_find_assignment(L, &upvalue, &line);

    assert_int_equal(result, LUA_BYTECODE_ASSIGNS);
    assert_int_equal(line, expected);
    lua_close(L);
    buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(assignments_are_found_wherever_they_stand),
        cmocka_unit_test(lines_far_apart_are_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
