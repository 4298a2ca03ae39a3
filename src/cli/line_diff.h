/* line_diff.h - two texts compared line by line, for people.
 * Owns: nothing.   Thread: any.   Errors: none; texts that differ in more than LINE_DIFF_LINES_MAX lines are shown as
 * removed and added as a whole. */
#pragma once

#include <stdbool.h>

#include "base/buf.h"

#define LINE_DIFF_LINES_MAX 3000 /* of each side, between the first and the last difference */
#define LINE_DIFF_CONTEXT   3

struct line_diff_style {
    const char *margin; /* in front of every line */
    bool colour;        /* for a terminal */
};

/* "-" lines stand only in `expected`, "+" lines only in `actual`, "…" for what was left out.  Appends nothing when
 * equal. */
void line_diff_print(const char *expected, const char *actual, const struct line_diff_style *style, struct buf *out);
