/* Growing byte buffers with a limit. */
#include "base/buf.h"

#include <stdio.h>

static bool make_room(struct buf *buf, size_t more)
{
    if (more > buf->limit || buf->length > buf->limit - more)
        return false;
    size_t wanted = buf->length + more + 1;
    if (wanted > buf->capacity) {
        size_t capacity = buf->capacity != 0 ? buf->capacity * 2 : 64;
        while (capacity < wanted)
            capacity *= 2;
        buf->data = xrealloc(buf->data, capacity);
        buf->capacity = capacity;
    }
    return true;
}

char *buf_extend(struct buf *buf, size_t length)
{
    if (!make_room(buf, length))
        return NULL;
    char *start = buf->data + buf->length;
    buf->length += length;
    buf->data[buf->length] = '\0';
    return start;
}

int buf_append(struct buf *buf, const void *data, size_t length)
{
    if (!make_room(buf, length))
        return -ERR_TOO_BIG;
    if (length != 0)
        memcpy(buf->data + buf->length, data, length);
    buf->length += length;
    buf->data[buf->length] = '\0';
    return 0;
}

int buf_append_text(struct buf *buf, const char *text)
{
    return buf_append(buf, text, strlen(text));
}

int buf_append_char(struct buf *buf, char character)
{
    if (buf->length + 1 >= buf->capacity || buf->length >= buf->limit)
        return buf_append(buf, &character, 1);
    buf->data[buf->length++] = character;
    buf->data[buf->length] = '\0';
    return 0;
}

int buf_printf(struct buf *buf, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    require_that(length >= 0);
    if (!make_room(buf, (size_t)length))
        return -ERR_TOO_BIG;
    va_start(arguments, format);
    vsnprintf(buf->data + buf->length, (size_t)length + 1, format, arguments);
    va_end(arguments);
    buf->length += (size_t)length;
    return 0;
}

void buf_consume(struct buf *buf, size_t length)
{
    if (length == 0)
        return;
    require_that(length <= buf->length);
    memmove(buf->data, buf->data + length, buf->length - length + 1);
    buf->length -= length;
}

void buf_clear(struct buf *buf)
{
    buf->length = 0;
    if (buf->data != NULL)
        buf->data[0] = '\0';
}

void buf_done(struct buf *buf)
{
    free(buf->data);
    buf->data = NULL;
    buf->length = buf->capacity = 0;
}

char *buf_take(struct buf *buf)
{
    char *text = buf->data != NULL ? buf->data : xstrdup("");
    buf->data = NULL;
    buf->length = buf->capacity = 0;
    return text;
}
