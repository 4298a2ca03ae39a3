/* base/alloc.h - small allocations that cannot fail, and scope cleanup.
 * Owns:    nothing; what x* functions return is the caller's, released with free().
 * Thread:  any.
 * Errors:  out of memory aborts. Anything sized from outside goes through base/buf.h, which has limits. */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#define MUST_USE      __attribute__((warn_unused_result))
#define FORMAT(f, a)  __attribute__((format(printf, f, a)))
#define COUNT_OF(arr) (sizeof(arr) / sizeof((arr)[0]))

/* AUTO(type) name = …; runs type##_cleanup(&name) when the scope ends.  Never inside a function that can raise
 * a Lua error: longjmp skips it. */
#define AUTO(type) __attribute__((cleanup(type##_cleanup)))

/* Take ownership out of an AUTO variable. */
#define TAKE(pointer)                                                                                                  \
    ({                                                                                                                 \
        __typeof__(pointer) taken_ = (pointer);                                                                        \
        (pointer) = NULL;                                                                                              \
        taken_;                                                                                                        \
    })

/* Defines type##_cleanup for a `struct type *` that `release` frees (NULL is passed on). */
#define DEFINE_CLEANUP(type, release)                                                                                  \
    static inline void type##_cleanup(struct type **pointer)                                                           \
    {                                                                                                                  \
        release(*pointer);                                                                                             \
    }

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *pointer, size_t size);
char *xstrdup(const char *text); /* NULL gives NULL */
char *xstrndup(const char *text, size_t length);
void *xmemdup(const void *data, size_t length);
char *xasprintf(const char *format, ...) FORMAT(1, 2);

/* For `AUTO(text) char *name`. */
static inline void text_cleanup(char **text)
{
    free(*text);
}

/* A bug, with no way on: says what and where, and aborts. */
#define require_that(condition) ((condition) ? (void)0 : require_failed(#condition, __FILE__, __LINE__))
__attribute__((noreturn)) void require_failed(const char *condition, const char *file, int line);
