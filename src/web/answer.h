/* answer.h - how a text is answered, with the headers that keep a browser from taking it for anything else.
 * Owns:    nothing; the exchange is gone afterwards.
 * Thread:  loop thread.
 * Errors:  none. */
#pragma once

#include "base/buf.h"
#include "net/http_server.h"

#define ANSWER_JSON "application/json"
#define ANSWER_TEXT "text/plain; charset=utf-8"

/* Adds the headers of every answer: nothing from outside is loaded, run, framed or kept. */
void answer_headers(struct http_headers *headers, const char *type);
void answer_bytes(struct http_exchange *exchange, int status, const char *type, const char *text, size_t length);
void answer_line(struct http_exchange *exchange, int status, const char *text);
