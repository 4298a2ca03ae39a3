/* Which library looks at an expression depends on the router: the traditional one matches by PCRE2, expressions by Rust's library, and
 * traditional_compatible checks by the one and matches by the other. */
#include "host_regex.h"

#include <lauxlib.h>
#include <string.h>

#include "base/regex.h"
#include "lua_budget.h"

#define EXPRESSION_COST    2000 /* instructions: what compiling one costs at least */
#define COST_PER_CHARACTER 20

static int check(const char *pattern, size_t length, const char *flavor, struct err *err)
{
    int rc = 0;
    if (strcmp(flavor, "expressions") != 0)
        rc = regex_check_pcre(pattern, length, err);
    if (rc == 0 && strcmp(flavor, "traditional") != 0)
        rc = regex_check_rust(pattern, length, err);
    return rc;
}

RAISES int host_check_regex(lua_State *L)
{
    size_t length;
    const char *pattern = luaL_checklstring(L, 1, &length);
    const char *flavor = luaL_checkstring(L, 2);
    struct err err = ERR_INIT;
    size_t read = length < REGEX_BYTES_MAX ? length : REGEX_BYTES_MAX;
    lua_budget_charge(lua_budget_of(L), L, EXPRESSION_COST + read * COST_PER_CHARACTER);
    if (check(pattern, length, flavor, &err) == 0) {
        lua_pushboolean(L, 1);
        return 1;
    }
    luaL_pushfail(L);
    lua_pushstring(L, err.text);
    return 2;
}
