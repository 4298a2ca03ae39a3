/* Small allocations: out of memory is not something a controller can go on from. */
#include "base/alloc.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void *checked(void *pointer)
{
    if (pointer == NULL) {
        static const char text[] = "kongruent: out of memory\n";
        ssize_t written = write(STDERR_FILENO, text, sizeof(text) - 1);
        (void)written;
        abort();
    }
    return pointer;
}

void *xmalloc(size_t size)
{
    return checked(malloc(size != 0 ? size : 1));
}

void *xcalloc(size_t count, size_t size)
{
    return checked(calloc(count != 0 ? count : 1, size != 0 ? size : 1));
}

void *xrealloc(void *pointer, size_t size)
{
    return checked(realloc(pointer, size != 0 ? size : 1));
}

char *xstrdup(const char *text)
{
    return text != NULL ? checked(strdup(text)) : NULL;
}

char *xstrndup(const char *text, size_t length)
{
    char *copy = xmalloc(length + 1);
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

void *xmemdup(const void *data, size_t length)
{
    return memcpy(xmalloc(length), data, length);
}

char *xasprintf(const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    return checked(length >= 0 ? text : NULL);
}

void require_failed(const char *condition, const char *file, int line)
{
    fprintf(stderr, "kongruent: internal error at %s:%d: %s\n", file, line, condition);
    abort();
}
