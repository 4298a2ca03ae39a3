/* slice.h - finds one member's text in a JSON object without building a tree.
 * Owns:    nothing; slices point into the text.
 * Thread:  any.
 * Errors:  false for what is absent or malformed before it was found. It balances and does not validate: what is cut
 *          out is parsed by object_parse or json_parse. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct slice {
    const char *text;
    size_t length;
};

/* Value of the first member called `name` (written without escapes). */
bool kube_slice_member(const char *text, size_t length, const char *name, struct slice *ret_value);
bool kube_slice_is_text(struct slice value, const char *text); /* the JSON string "text", without escapes */
