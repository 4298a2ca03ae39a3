/* files/source.h - YAML and JSON files as Kubernetes objects.
 * Owns:    nothing after a call.
 * Thread:  any; files_watch: loop thread.
 * Errors:  a file that cannot be read or parsed names file and line; what stands before the error in it has been
 *          delivered. A document that is no object of a known kind goes to `bad` and reading goes on. */
#pragma once

#include "store/object.h"

struct files_reader {
    const struct store_kinds *kinds;
    const char *default_namespace; /* for namespaced objects that name none; NULL: they have none */
    void (*object)(void *user, struct object *object /* taken */);
    /* A document that cannot be used.  `title` is "Kind namespace/name" as far as it could be told, "" otherwise. */
    void (*bad)(void *user, const char *file, int line, const char *title, const struct err *err);
    void *user;
};

/* A file, a folder (all *.yaml, *.yml, *.json below it, in byte order of their paths) or "-".  Lists (kind: List) are unpacked.  Negative
 * when `path` itself, or one of the files, could not be read or parsed; the others have been read all the same. */
int files_read(const struct files_reader *reader, const char *path, struct err *err) MUST_USE;
