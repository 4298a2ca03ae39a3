/* lua/read.h - what rules hand over, read raw: no metamethod runs, a number is no text, and a text is sound.
 * Owns:    nothing.  What is read stays on the stack, so that pointers to it stay good until the C function returns.
 * Thread:  the owner of the state.
 * Errors:  raises with the name of what is wrong. */
#pragma once

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "lua/raise.h"

/* What is wrong with a text that leaves Lua, as the end of a sentence; NULL: nothing. */
const char *lua_read_fault(const char *text, size_t length, bool may_hold_nul);

/* Pushes a member of the table at `index`; its type. */
RAISES int lua_read_member(lua_State *L, int index, const char *name);

/* The argument at `index`, which must be a text; `what` names it. */
RAISES const char *lua_read_argument(lua_State *L, int index, const char *what);
RAISES const char *lua_read_optional_argument(lua_State *L, int index, const char *what); /* NULL: none */

/* Pushes a member of the table at `index` that is a text or, unless `needed`, absent (NULL). `what` names the table. */
RAISES const char *lua_read_text(lua_State *L, int index, const char *name, const char *what, bool needed);

/* Raises unless the value at `index` is a sound text that is not empty; `what` and, unless it is NULL, `member` name it. */
RAISES const char *lua_read_check(lua_State *L, int index, const char *what, const char *member);

/* Appends a text for people: what is not sound becomes U+FFFD. */
void lua_read_append_clean(struct buf *out, const char *text, size_t length);

/* Replaces the text at `index`, which is for people, by one that is clean. */
RAISES const char *lua_read_clean(lua_State *L, int index);
