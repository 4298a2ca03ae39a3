/* lua_text.h - JSON values as Kong's messages show Lua tables.   Owns: nothing.   Thread: any.   Errors: none. */
#pragma once

#include "base/buf.h"
#include "base/json.h"

/* Several lines, as a pretty printer does. */
void lua_text_print(const struct json *value, struct buf *out);
/* One line: {name="x",service={id="…"}}. */
void lua_text_print_key(const struct json *object, struct buf *out);
/* Members sorted by name; the caller frees the array. */
const struct json **lua_text_sorted(const struct json *object, size_t *ret_count);
