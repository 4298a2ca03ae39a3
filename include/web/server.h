/* web/server.h - what others may ask the process: /healthz and /readyz; /metrics, and a status page for people that is kept current.
 * Owns:    two listeners and the texts of answers.
 * Thread:  loop thread: an answer shows that the loop runs.
 * Errors:  a listener that cannot be opened. */
#pragma once

#include "net/loop.h"
#include "sync/controller.h"

struct web_server;

struct web_server_options {
    const char *health_listen;          /* "" or "0": none */
    const char *metrics_listen;         /* "" or "0": none */
    struct sync_controller *controller; /* borrowed */
    size_t page_clients;                /* kept current at once */
    bool dump;                          /* /debug/plan, /debug/problems, /debug/explain */
    bool profile;                       /* /debug/profile */
};

int web_server_new(struct loop *loop, const struct web_server_options *options, struct web_server **ret_server,
                   struct err *err) MUST_USE;
/* 0: that listener is off. */
int web_server_health_port(const struct web_server *server);
int web_server_metrics_port(const struct web_server *server);
void web_server_free(struct web_server *server); /* NULL is fine */
