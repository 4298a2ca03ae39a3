/* base/log.h - one line per decision: a constant message and key=value pairs, in logfmt or JSON, on stderr.
 * Owns:    a `struct log` is owned by the command that made it and outlives whoever borrows it.
 * Thread:  any (a line is one write).
 * Errors:  none; a line that cannot be written is lost. Rooms below `sync` log at debug only; whoever decides (retry,
 *          drop, exit) logs once. Never pass a secret. */
#pragma once

#include <stdbool.h>

#include "base/alloc.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG, LOG_TRACE };
enum log_format { LOG_LOGFMT, LOG_JSON };

struct log {
    enum log_level level;
    enum log_format format;
    int fd; /* 2 unless a test says otherwise */
};

#define LOG_INIT                                                                                                       \
    {                                                                                                                  \
        LOG_INFO, LOG_LOGFMT, 2                                                                                        \
    }

/* Pairs end with NULL: log_write(log, LOG_INFO, "list complete", "kind", kind, "objects", LOG_NUMBER(n), NULL). */
void log_write(const struct log *log, enum log_level level, const char *message, ...) __attribute__((sentinel));

#define log_error(log, ...) log_write(log, LOG_ERROR, __VA_ARGS__, NULL)
#define log_warn(log, ...)  log_write(log, LOG_WARN, __VA_ARGS__, NULL)
#define log_info(log, ...)  log_write(log, LOG_INFO, __VA_ARGS__, NULL)
#define log_debug(log, ...) log_write(log, LOG_DEBUG, __VA_ARGS__, NULL)

/* A number as a log value; valid until the end of the full expression. */
struct log_number {
    char text[32];
};
const char *log_number_format(struct log_number *number, long long value);
#define LOG_NUMBER(value) log_number_format(&(struct log_number){{0}}, (long long)(value))

bool log_level_parse(const char *text, enum log_level *ret_level);
