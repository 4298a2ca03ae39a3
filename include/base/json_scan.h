/* base/json_scan.h - the members of an object, or a way through a value, straight from its text, without a tree.
 * Owns:    nothing; what is handed out points into the text.
 * Thread:  any.
 * Errors:  json_scan_object says false for whatever is not plain: broken JSON, but also \u escapes, names with escapes,
 *          and nesting over JSON_DEPTH_MAX.  The caller then asks json_parse, which either understands it or says what
 *          is wrong.  A cursor takes every escape; once it has met broken JSON nothing follows any more. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"

struct json_span {
    const char *text;
    size_t length;
};

typedef bool json_member_fn(void *user, struct json_span name, struct json_span value);

/* Checks all of the text, and calls back for every member in its order until that says false.  `value` is the member's JSON. */
bool json_scan_object(struct json_span object, json_member_fn *take, void *user);

/* What stands between the quotes of a string without escapes; false when the value is something else. */
bool json_scan_text(struct json_span value, struct json_span *ret_text);
bool json_scan_is_string(struct json_span value);
bool json_span_is(struct json_span span, const char *text);

struct json_cursor {
    const char *at, *end;
    int depth;
    bool escapes; /* \u is taken */
    bool broken;
};

#define JSON_CURSOR(text, length)                                                                                      \
    {                                                                                                                  \
        (text), (text) + (length), 1, true, false                                                                      \
    }

/* Of the value ahead; JSON_NULL, too, where there is none. */
enum json_type json_cursor_type(struct json_cursor *cursor);
/* Goes over the value ahead. */
bool json_cursor_skip(struct json_cursor *cursor, struct json_span *ret_value);
/* Goes into the object or array ahead. */
bool json_cursor_enter(struct json_cursor *cursor);
/* To the value of the next member (`ret_name` is what stands between the quotes), or to the next element; false behind the last one. */
bool json_cursor_member(struct json_cursor *cursor, bool first, struct json_span *ret_name);
bool json_cursor_item(struct json_cursor *cursor, bool first);
/* Nothing but space is left. */
bool json_cursor_at_end(struct json_cursor *cursor);
