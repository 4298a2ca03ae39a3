/* sort.h - sorting a list in as many steps as its length promises, whatever the order says.
 * Owns:    nothing.
 * Thread:  the owner of the state.
 * Errors:  raises what the order raises; the list is then as before. Every comparison is charged. */
#pragma once

#include <lua.h>
#include <stdbool.h>

#include "lua/raise.h"

struct lua_budget;

/* Whether the value at `left` comes before the one at `right`. */
typedef bool lua_order_fn(lua_State *L, struct lua_budget *budget, int left, int right);

/* Sorts the elements 1 to `count` of the table at `index`, raw; equal ones keep their order. */
RAISES void lua_sort(lua_State *L, int index, lua_Integer count, lua_order_fn *before);

/* The order of Lua's operator <; texts are charged by their length. */
RAISES bool lua_sort_less(lua_State *L, struct lua_budget *budget, int left, int right);
