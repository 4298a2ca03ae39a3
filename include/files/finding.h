/* files/finding.h - what is to be said of a file, a document or an object that was read from one.
 * Owns:    nothing; its texts are borrowed until the callback returns.
 * Thread:  any.
 * Errors:  none. */
#pragma once

#include <stdbool.h>

#include "store/object.h"

enum files_finding_type {
    FILES_UNREADABLE, /* a file, or the rest of it: nobody knows what stands there */
    FILES_INVALID,    /* a document that cannot be used, and may stand for something */
    FILES_OLD_KIND, /* an object of a kind that is read, under a version or a name that is not: it may stand for something, too */
    FILES_FOREIGN,   /* an object that no rule reads */
    FILES_NO_OBJECT, /* a document that is no Kubernetes object and does not look like one */
    FILES_TWICE,     /* an object that stands in two places; the later one is used */
    FILES_FIELD,     /* a field that no API server knows; the object is used */
};

struct files_finding {
    enum files_finding_type type;
    const char *file;
    int line;                     /* of the field, or of the object; 0: of the file as a whole */
    const struct store_kind *row; /* NULL when the kind is not read, or is not known */
    const char *kind;             /* its id, or as it is written; "File" for a file */
    const char *namespace, *name; /* "?" when there is no name; the path of a file */
    const char *text;
};

/* What was made of it before is not known to be gone. */
bool files_finding_may_stand_for_something(const struct files_finding *finding);
/* The same, of one object whose name is known. */
bool files_finding_names_object(const struct files_finding *finding);

/* `later` takes the place of `earlier`; the caller frees *ret_text, which the finding borrows. */
struct files_finding files_finding_twice(const struct object *earlier, const struct object *later, char **ret_text);
