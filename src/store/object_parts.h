/* object_parts.h - the texts of an object before they are put into its one block.
 * Owns:    the list of labels; the texts are borrowed from the JSON text or from a tree.
 * Thread:  any.
 * Errors:  object_parts_scan says false for what only json_parse can read, or refuse with a reason. */
#pragma once

#include "base/json.h"
#include "base/json_scan.h"
#include "base/vec.h"

struct object_part_label {
    struct json_span name, value;
};

struct object_parts {
    struct json_span api_version, kind;
    struct json_span namespace, name, uid, resource_version, creation;
    int64_t generation;
    struct json_span metadata;       /* the whole object */
    struct json_span managed_fields; /* the whole member, with its comma; empty when there is none */
    struct {
        VEC(struct object_part_label);
    } labels;
};

/* Plain objects only: every text that is looked for has no escapes, labels and annotations are strings. */
bool object_parts_scan(struct object_parts *parts, const char *text, size_t length);
/* The same of an object whose `metadata` is all that is looked at. */
bool object_parts_scan_metadata(struct object_parts *parts, struct json_span text, struct json_span metadata);
void object_parts_done(struct object_parts *parts);
