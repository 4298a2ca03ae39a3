/* Watching: inotify says that something happened, then every file is read again and compared with what was delivered.  Folders of manifests are
 * small; being right about renames, symbolic links and editors' temporary files matters more than reading less. */
#include "files/folder.h"

#include <errno.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/file.h"
#include "base/map.h"
#include "files/source.h"
#include "manifest.h"

#define SETTLE_MS 30 /* editors write, rename and touch in one go */

struct delivered {
    struct object *object;
    bool seen;
};

struct files_folder {
    struct loop *loop;
    char *path;
    const struct store_kinds *kinds;
    struct files_events events;
    int descriptor;
    struct loop_watch *watch;
    struct loop_timer *settle;
    struct map objects; /* "kind|namespace/name" -> struct delivered */
    struct map broken;  /* files that could not be read whole this time */
};

static void delivered_free(void *value)
{
    struct delivered *delivered = value;
    object_unref(delivered->object);
    free(delivered);
}

static void take_object(void *user, struct object *object)
{
    struct files_folder *folder = user;
    AUTO(text) char *key = xasprintf("%s|%s/%s", object->kind->id, object->namespace, object->name);
    struct delivered *known = map_find(&folder->objects, key);
    if (known == NULL) {
        known = xcalloc(1, sizeof(*known));
        map_put(&folder->objects, key, known);
    } else if (known->seen && known->object != NULL) {
        struct err err = ERR_INIT;
        err_set(&err, ERR_EXISTS, "the object stands in %s:%d as well; the later one counts", known->object->file,
                known->object->line);
        AUTO(text) char *title = xasprintf("%s %s/%s", object->kind->kind, object->namespace, object->name);
        folder->events.bad(folder->events.user, object->file, object->line, title, &err);
    }
    bool same = known->object != NULL && known->object->length == object->length &&
                memcmp(known->object->text, object->text, object->length) == 0;
    object_unref(known->object);
    known->object = object_ref(object);
    known->seen = true;
    if (same)
        object_unref(object);
    else
        folder->events.object(folder->events.user, object);
}

static void take_bad(void *user, const char *file, int line, const char *title, const struct err *err)
{
    struct files_folder *folder = user;
    map_put(&folder->broken, file, folder);
    folder->events.bad(folder->events.user, file, line, title, err);
}

static int read_one(void *user, const char *path, struct err *err)
{
    struct files_folder *folder = user;
    if (!manifest_has_ending(path))
        return 0;
    struct files_reader reader = {folder->kinds, NULL, take_object, take_bad, folder};
    if (files_read(&reader, path, err) != 0)
        take_bad(folder, path, 0, "", err);
    return 0;
}

static void watch_folder(struct files_folder *folder, const char *path)
{
    inotify_add_watch(folder->descriptor, path,
                      IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVE | IN_DELETE_SELF | IN_MOVE_SELF);
}

static int watch_parents(void *user, const char *path, struct err *err)
{
    struct files_folder *folder = user;
    AUTO(text) char *parent = xstrdup(path);
    char *slash = strrchr(parent, '/');
    if (slash != NULL)
        *slash = '\0';
    watch_folder(folder, slash != NULL && slash != parent ? parent : ".");
    return 0;
}

/* What was not seen is gone, unless the file that it came from could not be read whole. */
static void drop_unseen(struct files_folder *folder)
{
    struct map_entry *entry;
    for (size_t at = 0; (entry = map_next(&folder->objects, &at)) != NULL;) {
        struct delivered *delivered = entry->value;
        const struct object *object = delivered->object;
        if (!delivered->seen && map_find(&folder->broken, object->file) == NULL) {
            folder->events.gone(folder->events.user, object->kind, object->namespace, object->name);
            AUTO(text) char *key = xstrdup(entry->key);
            map_remove(&folder->objects, key);
        } else {
            delivered->seen = false;
        }
    }
}

static int read_all(struct files_folder *folder, struct err *err)
{
    map_done(&folder->broken);
    /* first the watches, then the reading: what changes in between is read again */
    watch_folder(folder, folder->path);
    int rc = file_walk(folder->path, watch_parents, folder, err);
    if (rc == 0)
        rc = file_walk(folder->path, read_one, folder, err);
    if (rc != 0)
        return rc;
    drop_unseen(folder);
    folder->events.read(folder->events.user, folder->objects.count);
    return 0;
}

static void read_again(void *user)
{
    struct files_folder *folder = user;
    struct err err = ERR_INIT;
    if (read_all(folder, &err) != 0)
        folder->events.bad(folder->events.user, folder->path, 0, "", &err);
}

static void something_happened(void *user, int events)
{
    struct files_folder *folder = user;
    char drained[4096];
    while (read(folder->descriptor, drained, sizeof(drained)) > 0)
        ;
    loop_timer_start(folder->settle, SETTLE_MS);
}

int files_folder_new(struct loop *loop, const char *path, const struct store_kinds *kinds,
                     const struct files_events *events, struct files_folder **ret_folder, struct err *err)
{
    if (!file_exists(path))
        return err_set(err, ERR_NOT_FOUND, "there is no file or folder %s", path);
    struct files_folder *folder = xcalloc(1, sizeof(*folder));
    folder->loop = loop;
    folder->path = xstrdup(path);
    folder->kinds = kinds;
    folder->events = *events;
    map_init(&folder->objects, delivered_free);
    map_init(&folder->broken, NULL);
    folder->descriptor = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (folder->descriptor < 0) {
        int rc = err_set(err, ERR_IO, "cannot watch %s: %s", path, strerror(errno));
        files_folder_free(folder);
        return rc;
    }
    folder->watch = loop_watch_new(loop, folder->descriptor, LOOP_READ, something_happened, folder);
    folder->settle = loop_timer_new(loop, read_again, folder);
    int rc = read_all(folder, err);
    if (rc != 0) {
        files_folder_free(folder);
        return rc;
    }
    *ret_folder = folder;
    return 0;
}

void files_folder_free(struct files_folder *folder)
{
    if (folder == NULL)
        return;
    loop_watch_free(folder->watch);
    loop_timer_free(folder->settle);
    if (folder->descriptor >= 0)
        close(folder->descriptor);
    map_done(&folder->objects);
    map_done(&folder->broken);
    free(folder->path);
    free(folder);
}

bool files_folder_has(const struct files_folder *folder, const struct store_kind *kind, const char *namespace,
                      const char *name)
{
    AUTO(text) char *key = xasprintf("%s|%s/%s", kind->id, namespace, name);
    return map_find(&folder->objects, key) != NULL;
}
