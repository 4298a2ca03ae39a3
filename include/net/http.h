/* net/http.h - what client and server share: header lists and limits.
 * Owns: a list owns copies of its names and values.   Thread: one owner.   Errors: none. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/alloc.h"

struct http_header {
    char *name;
    char *value;
};

struct http_headers {
    struct http_header *items;
    size_t count;
};

#define HTTP_HEADERS_INIT                                                                                              \
    {                                                                                                                  \
        NULL, 0                                                                                                        \
    }

void http_headers_add(struct http_headers *headers, const char *name, const char *value);
const char *http_headers_find(const struct http_headers *headers, const char *name); /* any case; first, or NULL */
void http_headers_done(struct http_headers *headers);

/* Percent-encodes everything but unreserved characters; the caller frees. */
char *http_encode(const char *text);
/* Decodes in place; false on a bad escape or a NUL. */
bool http_decode(char *text);
