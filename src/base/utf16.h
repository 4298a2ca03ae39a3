/* utf16.h - UTF-16, as some editors and shells write files, to UTF-8.   Owns: nothing.   Thread: any.   Errors: none. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Appends `text` as UTF-8 when it begins with a byte order mark of UTF-16; halves of pairs become U+FFFD.  False: there is no mark. */
bool utf16_convert(const char *text, size_t length, struct buf *out);
