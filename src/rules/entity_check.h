/* entity_check.h - whether the fields that a rule emits are of the types that Kong's schemas want.
 * Owns:    nothing.
 * Thread:  the owner of the state.
 * Errors:  raises with the field's path, what is expected and what was found. */
#pragma once

#include <lua.h>
#include <stdbool.h>

#include "kong/kind.h"
#include "lua/raise.h"

/* The table of fields at `index`, which is no view and has been printed: its texts are sound, its lists are lists.  Without `bounds` numbers may be
 * as small or big as they like. */
RAISES void entity_check(lua_State *L, int index, const struct kong_kind *kind, bool bounds);
