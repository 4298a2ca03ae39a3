/* The estimate: a repetition may try every length, so k of them over n bytes try up to n^k; unanchored searches start n times.  `-` and `?` count
 * like `*`, and a `?` can only double.  What is surely cheap is let through without a look. */
#include "pattern_cap.h"

#include <lauxlib.h>
#include <math.h>
#include <string.h>

static double estimated_work(const char *pattern, size_t length, size_t subject)
{
    int repetitions = 0, optional = 0;
    bool in_set = false;
    for (size_t i = 0; i < length; i++) {
        char c = pattern[i];
        if (c == '%') {
            i++;
        } else if (c == '[') {
            in_set = true;
        } else if (c == ']') {
            in_set = false;
        } else if (!in_set && (c == '*' || c == '+' || c == '-')) {
            repetitions++;
        } else if (!in_set && c == '?') {
            optional++;
        }
    }
    bool anchored = length > 0 && pattern[0] == '^';
    /* the last repetition of an anchored pattern is the only one that is free to run to the end once */
    double starts = anchored ? 1 : (double)subject + 1;
    return starts * pow((double)subject + 1, repetitions > 0 ? repetitions - (anchored ? 0 : 1) : 0) * pow(2, optional);
}

/* upvalues: the library's own function, the subject limit */
static int capped(lua_State *L)
{
    size_t subject, pattern_length;
    luaL_checklstring(L, 1, &subject);
    const char *pattern = luaL_checklstring(L, 2, &pattern_length);
    lua_Integer subject_max = lua_tointeger(L, lua_upvalueindex(2));
    bool plain = lua_toboolean(L, 4) && lua_type(L, 3) != LUA_TFUNCTION;
    if (!plain) {
        if (pattern_length > PATTERN_BYTES_MAX)
            return luaL_error(L, "a pattern of %d bytes is over the limit of %d", (int)pattern_length,
                              PATTERN_BYTES_MAX);
        if (subject > (size_t)subject_max)
            return luaL_error(L, "searching %d bytes is over the limit of %d", (int)subject, (int)subject_max);
        if (estimated_work(pattern, pattern_length, subject) > PATTERN_WORK_MAX)
            return luaL_error(L, "the pattern '%s' could take too long on %d bytes", pattern, (int)subject);
    }
    int arguments = lua_gettop(L);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, arguments, LUA_MULTRET);
    return lua_gettop(L);
}

void pattern_cap_install(lua_State *L, size_t subject_max)
{
    static const char *const names[] = {"find", "match", "gmatch", "gsub"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        lua_getfield(L, -1, names[i]);
        lua_pushinteger(L, (lua_Integer)subject_max);
        lua_pushcclosure(L, capped, 2);
        lua_setfield(L, -2, names[i]);
    }
}
