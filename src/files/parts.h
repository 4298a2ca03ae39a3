/* parts.h - the objects of one document: itself, or what its lists hold.
 * Owns:    the array.
 * Thread:  any.
 * Errors:  none; what is no object is a part all the same. */
#pragma once

#include "base/document.h"
#include "base/json_scan.h"
#include "base/vec.h"

struct part {
    struct json_span text;              /* in the document */
    struct json_span api_version, kind; /* of the list of one kind that holds it; no text: of none */
    const char *fault;                  /* of a list that cannot be opened, or NULL */
    int line;
};

struct parts {
    VEC(struct part);
};

/* Lists within lists are opened, too; every part gets its line. */
void parts_find(const struct document *document, struct parts *ret_parts);

/* The part as the text of an object: what its list says of all goes in front where it is missing.  The caller frees; *ret_added is how
 * much longer the front is. */
char *parts_text(const struct part *part, size_t *ret_added);
