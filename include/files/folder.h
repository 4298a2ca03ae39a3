/* files/folder.h - a file or folder of manifests as a watched source of objects.
 * Owns:    an inotify descriptor and the names that it has delivered, per file.
 * Thread:  loop thread; callbacks must not free the folder.
 * Errors:  a file that cannot be read or parsed is reported and keeps its last good objects: a typing slip must not
 *          delete routes. */
#pragma once

#include "net/loop.h"
#include "store/object.h"

struct files_folder;

struct files_events {
    void (*object)(void *user, struct object *object); /* takes it */
    void (*gone)(void *user, const struct store_kind *kind, const char *namespace, const char *name);
    /* A file ("", line 0), or one document of it, that cannot be used; `title` as in files/source.h. */
    void (*bad)(void *user, const char *file, int line, const char *title, const struct err *err);
    /* A reading has ended: everything of it has been delivered. */
    void (*read)(void *user, size_t objects);
    void *user;
};

/* Reads at once, inside the call; then again whenever something in it changes.  Fails when `path` cannot be read at all. */
int files_folder_new(struct loop *loop, const char *path, const struct store_kinds *kinds,
                     const struct files_events *events, struct files_folder **ret_folder, struct err *err) MUST_USE;
void files_folder_free(struct files_folder *folder);
bool files_folder_has(const struct files_folder *folder, const struct store_kind *kind, const char *namespace,
                      const char *name);
