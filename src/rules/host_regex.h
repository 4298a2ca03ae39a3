/* host_regex.h - regular expressions for rules.   Owns: nothing.   Thread: the owner of the state.   Errors: wrong arguments raise. */
#pragma once

#include <lua.h>

/* host.check_regex(pattern, router_flavor) -> true | nil, why that router would refuse it */
int host_check_regex(lua_State *L);
