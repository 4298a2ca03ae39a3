/* bytecode.h - which variables outside of a function it assigns to, read from its bytecode.
 * Owns:    nothing.
 * Thread:  the owner of the state.
 * Errors:  bytecode that is not Lua 5.4's as we know it is told from a function that assigns nothing; nothing raises.
 *
 * Lua tells the value of a variable that a closure shares, but not whether anything changes it. */
#pragma once

#include <lua.h>

enum lua_bytecode_result { LUA_BYTECODE_ASSIGNS, LUA_BYTECODE_CONSTANT, LUA_BYTECODE_UNKNOWN };

/* Of the function in Lua on top of the stack, or of a function within it: the first of its upvalues (from 1) that is assigned, and where. */
enum lua_bytecode_result lua_bytecode_find_assignment(lua_State *L, int *ret_upvalue, int *ret_line);
