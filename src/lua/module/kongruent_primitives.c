/* The primitives as a module for plain lua5.4: package.preload.host = function() return require 'kongruent_primitives' end */
#include <lua.h>

#include "../host_lib.h"

__attribute__((visibility("default"))) int luaopen_kongruent_primitives(lua_State *L);

RAISES int luaopen_kongruent_primitives(lua_State *L)
{
    return host_lib_open(L);
}
