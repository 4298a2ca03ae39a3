/* Decides what a browser is told beside the text itself. */
#include "answer.h"

#include <string.h>

static const char *const HEADERS[][2] = {
    {"Cache-Control", "no-store"},
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
     "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Referrer-Policy", "no-referrer"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
};

void answer_headers(struct http_headers *headers, const char *type)
{
    http_headers_add(headers, "Content-Type", type);
    for (size_t i = 0; i < COUNT_OF(HEADERS); i++)
        http_headers_add(headers, HEADERS[i][0], HEADERS[i][1]);
}

void answer_bytes(struct http_exchange *exchange, int status, const char *type, const char *text, size_t length)
{
    struct http_headers headers = HTTP_HEADERS_INIT;
    answer_headers(&headers, type);
    http_answer(exchange, status, &headers, text, length);
    http_headers_done(&headers);
}

void answer_line(struct http_exchange *exchange, int status, const char *text)
{
    answer_bytes(exchange, status, ANSWER_TEXT, text, strlen(text));
}
