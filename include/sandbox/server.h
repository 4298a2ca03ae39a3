/* sandbox/server.h - a sandbox behind a socket: plain or TLS, with client certificates if wanted.
 * Owns:    its listener and the exchanges that faults hold back; the sandbox is borrowed until the server is freed.
 * Thread:  loop thread.
 * Errors:  listening can fail. */
#pragma once

#include "base/err.h"
#include "net/loop.h"
#include "sandbox/sandbox.h"

#define SANDBOX_HELD_MAX 1024 /* exchanges that hang or wait at the same time; more are dropped */

struct sandbox_server;

struct sandbox_server_options {
    const char *listen;   /* "127.0.0.1:0" and the like */
    const char *cert_pem; /* both: TLS */
    const char *key_pem;
    const char *client_ca_pem; /* set: client certificates are required */
};

int sandbox_server_new(struct loop *loop, struct sandbox *sandbox, const struct sandbox_server_options *options,
                       struct sandbox_server **ret_server, struct err *err) MUST_USE;
int sandbox_server_port(const struct sandbox_server *server);
void sandbox_server_free(struct sandbox_server *server); /* NULL is fine; drops what is held back */
