/* yaml_plain.h - the plain sort of YAML, as manifests are written, read several times faster than libyaml does.
 * Owns:    nothing.
 * Thread:  any.
 * Errors:  none. Whatever it is not sure of, broken YAML included, is left to libyaml, which also says what is wrong:
 *          what is read here is read as libyaml would. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Appends the one document of `text` to `out` as compact JSON, or nothing when it is empty; `text` may begin with its
 * "---" line and contains no other.  *ret_line is the line (from 0) of its first node.  False: libyaml has to read it; what `out` got
 * is of no use then. */
bool yaml_plain_read(const char *text, size_t length, struct buf *out, int *ret_line);
