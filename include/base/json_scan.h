/* base/json_scan.h - the members of an object straight from its text, without a tree.
 * Owns:    nothing; what is handed out points into the text.
 * Thread:  any.
 * Errors:  false for whatever is not plain: broken JSON, but also \u escapes, names with escapes, and nesting over
 *          JSON_DEPTH_MAX.  The caller then asks json_parse, which either understands it or says what is wrong. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

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
