/* host_lib.h - the C primitives that rules require as 'host'.
 * Owns:    nothing.
 * Thread:  the owner of the state.
 * Errors:  wrong arguments raise; an expected failure is nil and a sentence. What is read is charged, and limited: */
#pragma once

#include <lua.h>

#include "lua/raise.h"

#define HOST_LIB_TEXT_MAX      (16u << 20) /* bytes of a text that is encoded, decoded or digested */
#define HOST_LIB_YAML_MAX      (1u << 20)
#define HOST_LIB_YAML_JSON_MAX (4u << 20) /* bytes of what YAML stands for: aliases repeat */
#define HOST_LIB_PEM_MAX       (1u << 20)

/* Pushes the module's table (made once per state). */
RAISES int host_lib_open(lua_State *L);
