/* base/buf.h - a growing byte buffer with a stated limit.
 * Owns:    its bytes; always NUL-terminated after the first append.
 * Thread:  one owner.
 * Errors:  an append over the limit changes nothing and returns -ERR_TOO_BIG. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/err.h"

struct buf {
    char *data;
    size_t length;
    size_t capacity;
    size_t limit; /* bytes; BUF_UNLIMITED only for what we build ourselves */
};

#define BUF_UNLIMITED ((size_t)-1)
#define BUF_INIT(max)                                                                                                  \
    {                                                                                                                  \
        NULL, 0, 0, (max)                                                                                              \
    }
#define BUF_OWN BUF_INIT(BUF_UNLIMITED)

/* Room for `length` more bytes, which the caller writes; NULL when that is over the limit. */
char *buf_extend(struct buf *buf, size_t length);
int buf_append(struct buf *buf, const void *data, size_t length);
int buf_append_text(struct buf *buf, const char *text);
int buf_append_char(struct buf *buf, char character);
int buf_printf(struct buf *buf, const char *format, ...) FORMAT(2, 3);
void buf_consume(struct buf *buf, size_t length); /* drops bytes from the front */
void buf_clear(struct buf *buf);                  /* keeps the memory */
void buf_done(struct buf *buf);
char *buf_take(struct buf *buf); /* the caller frees; "" when nothing was appended */

static inline const char *buf_text(const struct buf *buf)
{
    return buf->data != NULL ? buf->data : "";
}

static inline void buf_cleanup(struct buf *buf)
{
    buf_done(buf);
}
