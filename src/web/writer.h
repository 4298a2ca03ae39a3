/* writer.h - JSON as it is written, without a tree: commas and quotes are in the right places, and every text is escaped.
 * Owns: nothing.   Thread: any.   Errors: none; the buffer is one of our own. */
#pragma once

#include "base/buf.h"

struct writer {
    struct buf *out;
    bool has_before; /* something stands before what comes, in the same object or array */
};

/* `name` NULL: an element of an array, or the whole. */
void writer_open(struct writer *writer, const char *name, char bracket);     /* '{' or '[' */
void writer_close(struct writer *writer, char bracket);                      /* '}' or ']' */
void writer_text(struct writer *writer, const char *name, const char *text); /* NULL: null */
void writer_number(struct writer *writer, const char *name, double number);
void writer_bool(struct writer *writer, const char *name, bool truth);
