/* lines.h - lines out of pieces of a stream, with a cap.
 * Owns:    the beginning of a line whose end has not come.
 * Thread:  one owner.
 * Errors:  -ERR_TOO_BIG for a line over the cap; a line function's result otherwise. */
#pragma once

#include "base/buf.h"

struct lines {
    struct buf rest; /* its limit is the cap */
};

#define LINES_INIT(cap)                                                                                                \
    {                                                                                                                  \
        BUF_INIT(cap)                                                                                                  \
    }

/* `text` is borrowed until return, without its line end; empty lines are left out.  A non-zero result stops. */
typedef int lines_fn(void *user, const char *text, size_t length);
int kube_lines_feed(struct lines *lines, const char *data, size_t length, lines_fn *on_line, void *user);
void kube_lines_done(struct lines *lines);
