/* base/http_server_tls.h - the TLS side of the server (inside http_server only).
 * Owns:    the caller owns the context and frees it with SSL_CTX_free.
 * Thread:  loop thread.
 * Errors:  a sentence that never contains key material. */
#pragma once

#include <openssl/ssl.h>

#include "net/http_server.h"

/* NULL in *ret_context when the options ask for no TLS. */
int server_tls_new(const struct http_server_options *options, SSL_CTX **ret_context, struct err *err);
