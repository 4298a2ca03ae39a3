/* base/document.h - the documents of a text as JSON, one after another: YAML, JSON, or both in turns.
 * Owns:    nothing after a call.
 * Thread:  any.
 * Errors:  go to `broken`, with their lines.  A JSON document that cannot be read costs itself; behind a YAML document that cannot be
 *          read the rest of the text is not read, because nobody knows where it ends. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

struct document {
    const char *text; /* JSON, borrowed until return */
    size_t length;
    int line;                         /* from 1: where its first node stands */
    const struct yaml_document *yaml; /* NULL: `text` stands in the file as it is */
};

struct document_events {
    size_t limit; /* bytes of a YAML document */
    void (*document)(void *user, const struct document *document);
    void (*broken)(void *user, int line, bool rest_unread, const struct err *err);
    void *user;
};

/* `text` in UTF-8 or, with its byte order mark, in UTF-16. */
void document_each(const char *text, size_t length, const struct document_events *events);

/* The lines of the values that begin at these offsets of the document, which come in growing order. */
void document_find_lines(const struct document *document, const size_t *offsets, int *ret_lines, size_t count);
