/* yaml_scalar.h - what a plain scalar means to Kubernetes, and when a string needs quotes.
 * Owns: nothing.   Thread: any.   Errors: none. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Appends a plain scalar as JSON: null, true, false, a number, or a string. */
void yaml_scalar_print(const char *text, size_t length, struct buf *out);

/* Appends a plain scalar as a member's name: what it means, as text. */
void yaml_scalar_print_key(const char *text, size_t length, struct buf *out);

/* True when some YAML 1.1 or 1.2 reader might take the plain text for something else than this string. */
bool yaml_scalar_needs_quotes(const char *text, size_t length);
