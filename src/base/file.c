/* Files and folders: how whole files are read and written, and in which order a folder is walked. */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/vec.h"

#define FILE_WALK_DEPTH_MAX   32     /* folders within folders */
#define FILE_WALK_ENTRIES_MAX 100000 /* names in one folder */
#define FILE_READ_PIECE       65536

static int failed(struct err *err, const char *what, const char *path, int reason)
{
    enum err_code code = reason == ENOENT || reason == ENOTDIR ? ERR_NOT_FOUND
                         : reason == EACCES || reason == EPERM ? ERR_DENIED
                                                               : ERR_IO;
    return err_set(err, code, "%s %s: %s", what, path, strerror(reason));
}

static int read_all(int fd, const char *path, struct buf *ret_text, struct err *err)
{
    char *piece = xmalloc(FILE_READ_PIECE);
    int rc = 0;
    for (;;) {
        ssize_t length = read(fd, piece, FILE_READ_PIECE);
        if (length < 0 && errno == EINTR)
            continue;
        if (length < 0)
            rc = failed(err, "cannot read", path, errno);
        else if (buf_append(ret_text, piece, (size_t)length) != 0)
            rc = err_set(err, ERR_TOO_BIG, "%s is bigger than %zu bytes", path, ret_text->limit);
        if (length <= 0 || rc != 0)
            break;
    }
    free(piece);
    return rc;
}

int file_read(const char *path, struct buf *ret_text, struct err *err)
{
    if (strcmp(path, "-") == 0)
        return read_all(STDIN_FILENO, "standard input", ret_text, err);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return failed(err, "cannot open", path, errno);
    int rc = read_all(fd, path, ret_text, err);
    close(fd);
    return rc;
}

bool file_exists(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0;
}

struct entry {
    char *path; /* of a folder with a slash at its end, so that comparing gives the byte order of whole paths */
    bool is_folder;
    struct stat facts;
};

/* The folder being read and those around it, to know a link that leads back into one of them. */
struct folder {
    const struct folder *parent;
    dev_t device;
    ino_t inode;
    int depth;
};

struct entries {
    VEC(struct entry);
};

static int by_path(const void *left, const void *right)
{
    return strcmp(((const struct entry *)left)->path, ((const struct entry *)right)->path);
}

static void entries_free(struct entries *entries)
{
    for (size_t i = 0; i < entries->count; i++)
        free(entries->items[i].path);
    vec_done(entries);
}

static int add_entry(struct entries *entries, const char *folder, const char *name, struct err *err)
{
    struct entry entry = {.path = xasprintf("%s%s", folder, name)};
    if (stat(entry.path, &entry.facts) != 0) {
        int reason = errno;
        struct stat link;
        /* Gone between listing and asking is what happens to temporary files; a link to nothing is a mistake. */
        bool vanished = reason == ENOENT && lstat(entry.path, &link) != 0;
        int rc = vanished ? 0 : failed(err, "cannot read", entry.path, reason);
        free(entry.path);
        return rc;
    }
    entry.is_folder = S_ISDIR(entry.facts.st_mode);
    if (!entry.is_folder && !S_ISREG(entry.facts.st_mode)) {
        free(entry.path);
        return 0;
    }
    if (entry.is_folder) {
        char *path = xasprintf("%s/", entry.path);
        free(entry.path);
        entry.path = path;
    }
    vec_push(entries, entry);
    return 0;
}

static int list_folder(const char *path, struct entries *entries, struct err *err)
{
    DIR *stream = opendir(path);
    if (stream == NULL)
        return failed(err, "cannot open folder", path, errno);
    int rc = 0;
    struct dirent *found;
    while (rc == 0 && (errno = 0, found = readdir(stream)) != NULL) {
        if (found->d_name[0] == '.')
            continue;
        if (entries->count == FILE_WALK_ENTRIES_MAX)
            rc = err_set(err, ERR_TOO_BIG, "folder %s holds more than %d names", path, FILE_WALK_ENTRIES_MAX);
        else
            rc = add_entry(entries, path, found->d_name, err);
    }
    if (rc == 0 && errno != 0)
        rc = failed(err, "cannot read folder", path, errno);
    closedir(stream);
    if (entries->count > 1)
        qsort(entries->items, entries->count, sizeof(struct entry), by_path);
    return rc;
}

static bool is_around(const struct folder *folder, const struct stat *facts)
{
    for (; folder != NULL; folder = folder->parent) {
        if (folder->device == facts->st_dev && folder->inode == facts->st_ino)
            return true;
    }
    return false;
}

static int walk(const char *path, const struct stat *facts, const struct folder *parent, file_visit_fn *visit,
                void *user, struct err *err)
{
    struct folder folder = {parent, facts->st_dev, facts->st_ino, parent != NULL ? parent->depth + 1 : 1};
    if (folder.depth > FILE_WALK_DEPTH_MAX)
        return err_set(err, ERR_TOO_BIG, "folders are nested deeper than %d levels at %s", FILE_WALK_DEPTH_MAX, path);
    struct entries entries = {0};
    int rc = list_folder(path, &entries, err);
    for (size_t i = 0; rc == 0 && i < entries.count; i++) {
        const struct entry *entry = &entries.items[i];
        if (!entry->is_folder)
            rc = visit(user, entry->path, err);
        else if (!is_around(&folder, &entry->facts))
            rc = walk(entry->path, &entry->facts, &folder, visit, user, err);
    }
    entries_free(&entries);
    return rc;
}

int file_walk(const char *path, file_visit_fn *visit, void *user, struct err *err)
{
    struct stat facts;
    if (strcmp(path, "-") == 0)
        return visit(user, path, err);
    if (stat(path, &facts) != 0)
        return failed(err, "cannot read", path, errno);
    if (!S_ISDIR(facts.st_mode))
        return visit(user, path, err);
    bool has_slash = path[strlen(path) - 1] == '/';
    AUTO(text) char *folder = xasprintf("%s%s", path, has_slash ? "" : "/");
    return walk(folder, &facts, NULL, visit, user, err);
}

static int write_all(int fd, const char *text, size_t length)
{
    while (length != 0) {
        ssize_t written = write(fd, text, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -1;
        text += written;
        length -= (size_t)written;
    }
    return fsync(fd);
}

int file_write(const char *path, const char *text, size_t length, struct err *err)
{
    char unique[HASH_UUID_SIZE];
    hash_uuid4(unique);
    AUTO(text) char *temporary = xasprintf("%s.%s.tmp", path, unique);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return failed(err, "cannot write", path, errno);
    struct stat facts;
    bool good = stat(path, &facts) != 0 || fchmod(fd, facts.st_mode & 07777) == 0;
    good = good && write_all(fd, text, length) == 0;
    int reason = errno;
    close(fd);
    if (good && rename(temporary, path) != 0) {
        good = false;
        reason = errno;
    }
    if (!good)
        unlink(temporary);
    return good ? 0 : failed(err, "cannot write", path, reason);
}
