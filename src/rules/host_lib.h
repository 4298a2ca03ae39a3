/* host_lib.h - the C primitives that rules require as 'host'.
 * Owns: nothing.   Thread: the owner of the state.   Errors: wrong arguments raise; an expected failure is nil and a sentence. */
#pragma once

#include <lua.h>

/* Pushes the module's table (made once per state). */
int host_lib_open(lua_State *L);
