/* lua/convert.h - JSON text to Lua values and back, without a tree in between.
 * Owns:    nothing.
 * Thread:  the owner of the Lua state.
 * Errors:  decoding returns false with a sentence in *ret_problem (static); encoding raises a Lua error that names the
 *          path. Both may raise a memory error, so callers own nothing that a longjmp would lose. Shapes: arrays carry
 *          a marker metatable; `null` is a light userdata; integers up to 2^53 stay integers. */
#pragma once

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "lua/raise.h"

#define CONVERT_DEPTH_MAX 200

/* Makes the marker metatable of a new state. */
RAISES void convert_open(lua_State *L);

/* Pushes one value.  Members that are null are left out, except below a member named "config" or "fields" (free-form data), or
 * everywhere with `keep_nulls`. */
RAISES bool convert_push(lua_State *L, const char *text, size_t length, bool keep_nulls, const char **ret_problem);

void convert_push_null(lua_State *L);
bool convert_is_null(lua_State *L, int index);
/* Marks the table on top of the stack as an array. */
void convert_mark_array(lua_State *L);
bool convert_is_array(lua_State *L, int index);

#define CONVERT_BYTES_MAX (16u << 20) /* of one printed text */

struct convert_print_options {
    const char *what; /* begins the path in messages */
    const char *skip; /* a member of the outermost table to leave out, or NULL */
    bool storable;    /* texts must not hold a NUL, which no database keeps */
};

/* Appends canonical JSON (members sorted by name) of the value at `index`.  `out` belongs to something that outlives an error. */
RAISES void convert_print(lua_State *L, int index, const struct convert_print_options *options, struct buf *out);
