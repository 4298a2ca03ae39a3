/* host_regex.h - regular expressions for rules.   Owns: nothing.   Thread: the owner of the state.   Errors: wrong arguments raise. */
#pragma once

#include <lua.h>

#include "lua_raise.h"

/* host.check_regex(pattern, router_flavor) -> true | nil, why that router would refuse it */
RAISES int host_check_regex(lua_State *L);
