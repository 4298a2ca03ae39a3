/* base/yaml.h - YAML as Kubernetes reads it (`yes` is true, 017 is 15) to JSON text, one document at a time (libyaml behind the door), and
 * back.
 * Owns:    nothing after a call.
 * Thread:  any.
 * Errors:  text with line and column.
 * Limits:  depth, and bytes of output per document, so that aliases that explode end as -ERR_TOO_BIG. Duplicate keys,
 *          non-scalar keys, unknown tags and recursive aliases are errors. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

#define YAML_DEPTH_MAX          100
#define YAML_DOCUMENT_BYTES_MAX (64u << 20)

struct yaml_input {
    const char *text;
    size_t length;
    size_t limit;        /* bytes of a document */
    size_t lines_before; /* that stand before the text in its file */
};

struct yaml_document {
    const char *text; /* compact JSON, borrowed until return */
    size_t length;
    int line;                 /* from 1: where its first node stands */
    struct yaml_input source; /* what it was read from; no text: that cannot be told */
};

/* Empty documents are skipped.  A non-zero result stops the reading and is returned. */
typedef int yaml_document_fn(void *user, const struct yaml_document *document, struct err *err);

struct yaml_failure {
    int line;       /* what cannot be read stands there */
    bool more_text; /* documents follow that were not read on its account */
};

/* Reads all documents.  Only what stands before an error has been delivered.  `ret_failure` may be NULL. */
int yaml_each_document(const struct yaml_input *input, yaml_document_fn *on_document, void *user,
                       struct yaml_failure *ret_failure, struct err *err) MUST_USE;

/* Where the values stand that begin at these offsets of the document's JSON, which come in growing order: the lines of
 * their keys, or of themselves in a sequence.  Reads the source again. */
void yaml_find_lines(const struct yaml_document *document, const size_t *offsets, int *ret_lines, size_t count);

/* Offset of the next line "---" behind the first line at `from`, or the length: inside of a document no line begins so. */
size_t yaml_next_document(const char *text, size_t length, size_t from);

/* One document (JSON is YAML too) as a tree; an empty text gives NULL in *ret_value. */
int yaml_parse(const char *text, size_t length, struct json **ret_value, struct err *err) MUST_USE;

/* Block-style YAML, names sorted, strings quoted whenever a YAML 1.1 or 1.2 reader might take them for something else. */
void yaml_print(const struct json *value, struct buf *out);
