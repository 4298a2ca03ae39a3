/* exchange.h - keeps what an HTTP request ended with, for tests to look at. */
#pragma once

#include <string.h>

#include "net/http_client.h"

struct ended {
    int count;
    int status;
    int code; /* of err */
    char *body;
    size_t body_length;
    char *kind; /* Content-Type */
    char text[ERR_TEXT_MAX];
};

static inline void ended_note(void *user, const struct http_result *result)
{
    struct ended *ended = user;
    const char *kind = http_headers_find(result->headers, "content-type");
    ended->count++;
    ended->status = result->status;
    ended->code = result->err->code;
    free(ended->body);
    free(ended->kind);
    ended->body = xstrndup(result->body, result->body_length);
    ended->body_length = result->body_length;
    ended->kind = xstrdup(kind);
    memcpy(ended->text, result->err->text, sizeof(ended->text));
}

static inline void ended_done(struct ended *ended)
{
    free(ended->body);
    free(ended->kind);
    *ended = (struct ended){0};
}
