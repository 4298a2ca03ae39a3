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

/* `text` is compact JSON, borrowed until return; `line` (from 1) is where the document's first node stands.  Empty documents are
 * skipped.  A non-zero result stops the reading and is returned. */
typedef int yaml_document_fn(void *user, const char *text, size_t length, int line, struct err *err);

/* Reads all documents.  Only what stands before an error has been delivered. */
int yaml_each_document(const char *text, size_t length, size_t limit, yaml_document_fn *on_document, void *user,
                       struct err *err) MUST_USE;

/* One document (JSON is YAML too) as a tree; an empty text gives NULL in *ret_value. */
int yaml_parse(const char *text, size_t length, struct json **ret_value, struct err *err) MUST_USE;

/* Block-style YAML, names sorted, strings quoted whenever a YAML 1.1 or 1.2 reader might take them for something else. */
void yaml_print(const struct json *value, struct buf *out);
