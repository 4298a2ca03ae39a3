/* scratch.h - a temporary folder with files for one test. */
#pragma once

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "check.h"

struct scratch {
    char path[256];
};

static inline void scratch_make(struct scratch *scratch)
{
    const char *base = getenv("TMPDIR");
    snprintf(scratch->path, sizeof(scratch->path), "%s/kongruent-test-XXXXXX", base != NULL ? base : "/tmp");
    assert_non_null(mkdtemp(scratch->path));
}

static inline void scratch_folder(const struct scratch *scratch, const char *name)
{
    AUTO(text) char *path = xasprintf("%s/%s", scratch->path, name);
    assert_int_equal(mkdir(path, 0700), 0);
}

static inline void scratch_write(const struct scratch *scratch, const char *name, const char *text)
{
    AUTO(text) char *path = xasprintf("%s/%s", scratch->path, name);
    struct err err = ERR_INIT;
    assert_int_equal(file_write(path, text, strlen(text), &err), 0);
}

static inline void scratch_remove_below(const char *path)
{
    DIR *folder = opendir(path);
    if (folder == NULL) {
        unlink(path);
        return;
    }
    const struct dirent *entry;
    while ((entry = readdir(folder)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        AUTO(text) char *below = xasprintf("%s/%s", path, entry->d_name);
        scratch_remove_below(below);
    }
    closedir(folder);
    rmdir(path);
}

static inline void scratch_remove(const struct scratch *scratch)
{
    scratch_remove_below(scratch->path);
}
