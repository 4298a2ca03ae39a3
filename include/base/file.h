/* base/file.h - reading files and folders.   Owns: nothing.   Thread: any.   Errors: path and reason in err. */
#pragma once

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

/* Appends the whole file; the buffer's limit is the limit.  "-" is standard input. */
int file_read(const char *path, struct buf *ret_text, struct err *err);

/* Calls back with every regular file below `path` in byte order of its path (symbolic links to files and folders are followed, as mounted
 * ConfigMaps need; names that begin with a dot are left out).  `path` itself may be a file.  Stops at the first non-zero result. */
typedef int file_visit_fn(void *user, const char *path, struct err *err);
int file_walk(const char *path, file_visit_fn *visit, void *user, struct err *err);

bool file_exists(const char *path);
/* Whole file, through a temporary name and a rename. */
int file_write(const char *path, const char *text, size_t length, struct err *err);
