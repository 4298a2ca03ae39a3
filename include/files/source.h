/* files/source.h - YAML and JSON files as Kubernetes objects.
 * Owns:    nothing after a call.
 * Thread:  any.
 * Errors:  are findings, each with file and line; what is wrong with a document costs that document, what cannot be parsed costs the rest
 *          of its file. */
#pragma once

#include "files/finding.h"
#include "store/check.h"

struct files_reader {
    const struct store_kinds *kinds;
    const char *default_namespace; /* for namespaced objects that name none; NULL: they have none */
    struct object_check *check;    /* NULL: objects are taken as they are */
    void (*object)(void *user, struct object *object /* taken */);
    void (*finding)(void *user, const struct files_finding *finding);
    void *user;
};

/* A file, a folder (all *.yaml, *.yml, *.json below it, in byte order of their paths) or "-".  Lists, also those of one kind and those
 * within lists, are unpacked.  Negative when there is nothing at `path`. */
int files_read(const struct files_reader *reader, const char *path, struct err *err) MUST_USE;
