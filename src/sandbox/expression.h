/* expression.h - whether a router expression of Kong's `expressions` flavour would be taken.
 * Owns:    nothing.
 * Thread:  any.
 * Errors:  a text to free, in the router's words with line and column, or NULL. */
#pragma once

#include <stdbool.h>

#define EXPRESSION_DEPTH_MAX 100

/* `stream`: the fields of tcp, tls and udp routes; else those of http and grpc. */
char *expression_check(const char *text, bool stream);
