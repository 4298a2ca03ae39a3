/* files/folder.h - a file or folder of manifests as a watched source of objects.
 * Owns:    an inotify descriptor and the names that it has delivered, per file.
 * Thread:  loop thread; callbacks must not free the folder.
 * Errors:  are findings. What cannot be read or used keeps its last good objects, a file or a single one: a typing slip
 *          must not delete routes. */
#pragma once

#include "files/source.h"
#include "net/loop.h"

struct files_folder;

struct files_events {
    void (*object)(void *user, struct object *object); /* takes it */
    void (*gone)(void *user, const struct store_kind *kind, const char *namespace, const char *name);
    void (*finding)(void *user, const struct files_finding *finding); /* each reading tells all that it finds */
    /* A reading has ended: everything of it has been delivered. */
    void (*read)(void *user, size_t objects);
    void *user;
};

struct files_folder_options {
    const char *path;
    const struct store_kinds *kinds;
    const char *default_namespace; /* these as in files/source.h; copied, and borrowed */
    struct object_check *check;
};

/* Reads at once, inside the call; then again whenever something in it changes.  Fails when the path cannot be read at all. */
int files_folder_new(struct loop *loop, const struct files_folder_options *options, const struct files_events *events,
                     struct files_folder **ret_folder, struct err *err) MUST_USE;
void files_folder_free(struct files_folder *folder);

/* As it was last delivered; borrowed until the next reading; NULL when it was not. */
const struct object *files_folder_find(const struct files_folder *folder, const struct store_kind *kind,
                                       const char *namespace, const char *name);
