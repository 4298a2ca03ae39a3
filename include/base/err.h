/* base/err.h - what went wrong, as a code and a sentence for people.
 * Owns:    its text (fixed size, cut with "…" when longer).
 * Thread:  any.
 * Errors:  functions return 0 or a negative ERR_* code and fill a non-NULL `struct err`. */
#pragma once

#include <stdbool.h>

#include "base/alloc.h"

/* code, may be retried, what it stands for */
#define ERR_LIST(X)                                                                                                    \
    X(ERR_INVALID, 0, "invalid input")                                                                                 \
    X(ERR_PARSE, 0, "cannot be parsed")                                                                                \
    X(ERR_TOO_BIG, 0, "over a limit")                                                                                  \
    X(ERR_NOT_FOUND, 0, "not found")                                                                                   \
    X(ERR_EXISTS, 0, "exists already")                                                                                 \
    X(ERR_DENIED, 0, "not permitted")                                                                                  \
    X(ERR_UNSUPPORTED, 0, "not supported")                                                                             \
    X(ERR_IO, 1, "input or output failed")                                                                             \
    X(ERR_CONNECT, 1, "no connection")                                                                                 \
    X(ERR_TLS, 1, "TLS failed")                                                                                        \
    X(ERR_TIMEOUT, 1, "took too long")                                                                                 \
    X(ERR_PROTOCOL, 1, "unexpected answer")                                                                            \
    X(ERR_GONE, 1, "version is too old")                                                                               \
    X(ERR_CANCELLED, 0, "cancelled")                                                                                   \
    X(ERR_BUSY, 1, "busy")                                                                                             \
    X(ERR_RULE, 0, "a rule failed")

enum err_code {
    ERR_NONE = 0,
    ERR_FIRST_ = 1000,
#define X(code, retry, text) code,
    ERR_LIST(X)
#undef X
};

#define ERR_TEXT_MAX 2048

struct err {
    int code; /* 0 or -ERR_* */
    char text[ERR_TEXT_MAX];
};

#define ERR_INIT                                                                                                       \
    {                                                                                                                  \
        0, ""                                                                                                          \
    }

/* Sets code and text; returns -code. */
int err_set(struct err *err, enum err_code code, const char *format, ...) FORMAT(3, 4);

/* Puts "format: " in front of the present text and keeps the code; returns it.  For context on the way up. */
int err_wrap(struct err *err, const char *format, ...) FORMAT(2, 3);

bool err_is(int rc, enum err_code code);
bool err_may_retry(int rc);
const char *err_name(int rc); /* "ERR_TIMEOUT"; static */
