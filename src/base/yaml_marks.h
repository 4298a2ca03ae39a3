/* yaml_marks.h - byte order marks where a document may begin.   Owns: nothing.   Thread: any.   Errors: none. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Writes `text` to `out` without the marks in front of it, of the first lines of its documents and of "---" lines; lines stay
 * lines.  False: there are none, and nothing was written. */
bool yaml_without_marks(const char *text, size_t length, struct buf *out);
