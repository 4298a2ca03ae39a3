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
    char *default_namespace;
    struct object_check *check;
    struct files_events events;
    int descriptor;
    struct loop_watch *watch;
    struct loop_timer *settle;
    struct map objects; /* "kind|namespace/name" -> struct delivered */
    struct map broken;  /* files of which it is not known this time what they hold */
    struct map held;    /* keys of objects that cannot be used as they stand now */
};

static void delivered_free(void *value)
{
    struct delivered *delivered = value;
    object_unref(delivered->object);
    free(delivered);
}

static char *key_of(const char *kind, const char *namespace, const char *name)
{
    return xasprintf("%s|%s/%s", kind, namespace, name);
}

static void tell_twice(struct files_folder *folder, const struct object *earlier, const struct object *later)
{
    AUTO(text) char *text = NULL;
    struct files_finding finding = files_finding_twice(earlier, later, &text);
    folder->events.finding(folder->events.user, &finding);
}

static void take_object(void *user, struct object *object)
{
    struct files_folder *folder = user;
    AUTO(text) char *key = key_of(object->kind->id, object->namespace, object->name);
    struct delivered *known = map_find(&folder->objects, key);
    if (known == NULL) {
        known = xcalloc(1, sizeof(*known));
        map_put(&folder->objects, key, known);
    } else if (known->seen && known->object != NULL) {
        tell_twice(folder, known->object, object);
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

/* What is not known to be gone stays: the object, or all of the file when nobody knows which objects it means. */
static void take_finding(void *user, const struct files_finding *finding)
{
    struct files_folder *folder = user;
    if (files_finding_names_object(finding)) {
        AUTO(text) char *key = key_of(finding->row->id, finding->namespace, finding->name);
        map_put(&folder->held, key, folder);
    } else if (files_finding_may_stand_for_something(finding)) {
        map_put(&folder->broken, finding->file, folder);
    }
    folder->events.finding(folder->events.user, finding);
}

static void tell_unreadable(struct files_folder *folder, const char *path, const struct err *why)
{
    struct files_finding finding = {
        .type = FILES_UNREADABLE, .file = path, .kind = "File", .namespace = "", .name = path, .text = why->text};
    take_finding(folder, &finding);
}

static int read_one(void *user, const char *path, struct err *err)
{
    struct files_folder *folder = user;
    if (!manifest_has_ending(path))
        return 0;
    struct files_reader reader = {folder->kinds, folder->default_namespace, folder->check, take_object, take_finding,
                                  folder};
    if (files_read(&reader, path, err) != 0)
        tell_unreadable(folder, path, err);
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

/* What was not seen is gone, unless it stands there and cannot be used, or the file that it came from could not be read whole. */
static void drop_unseen(struct files_folder *folder)
{
    struct map_entry *entry;
    for (size_t at = 0; (entry = map_next(&folder->objects, &at)) != NULL;) {
        struct delivered *delivered = entry->value;
        const struct object *object = delivered->object;
        if (!delivered->seen && map_find(&folder->broken, object->file) == NULL &&
            map_find(&folder->held, entry->key) == NULL) {
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
    map_done(&folder->held);
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
        tell_unreadable(folder, folder->path, &err);
}

static void something_happened(void *user, int events)
{
    struct files_folder *folder = user;
    char drained[4096];
    while (read(folder->descriptor, drained, sizeof(drained)) > 0)
        ;
    loop_timer_start(folder->settle, SETTLE_MS);
}

int files_folder_new(struct loop *loop, const struct files_folder_options *options, const struct files_events *events,
                     struct files_folder **ret_folder, struct err *err)
{
    if (!file_exists(options->path))
        return err_set(err, ERR_NOT_FOUND, "there is no file or folder %s", options->path);
    struct files_folder *folder = xcalloc(1, sizeof(*folder));
    folder->loop = loop;
    folder->path = xstrdup(options->path);
    folder->kinds = options->kinds;
    folder->default_namespace = xstrdup(options->default_namespace);
    folder->check = options->check;
    folder->events = *events;
    map_init(&folder->objects, delivered_free);
    map_init(&folder->broken, NULL);
    map_init(&folder->held, NULL);
    folder->descriptor = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (folder->descriptor < 0) {
        int rc = err_set(err, ERR_IO, "cannot watch %s: %s", folder->path, strerror(errno));
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
    map_done(&folder->held);
    free(folder->path);
    free(folder->default_namespace);
    free(folder);
}

const struct object *files_folder_find(const struct files_folder *folder, const struct store_kind *kind,
                                       const char *namespace, const char *name)
{
    AUTO(text) char *key = key_of(kind->id, namespace, name);
    const struct delivered *delivered = map_find(&folder->objects, key);
    return delivered != NULL ? delivered->object : NULL;
}
