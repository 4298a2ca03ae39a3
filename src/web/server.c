/* Two listeners: probes on one, metrics and the page on the other, so that probes can be reached where the rest is not. */
#include "web/server.h"

#include <string.h>

#include "metrics.h"
#include "net/http_server.h"
#include "page.h"

struct web_server {
    struct http_server *health, *metrics;
    struct sync_controller *controller;
};

static void answer_text(struct http_exchange *exchange, int status, const char *type, const char *text, size_t length)
{
    struct http_headers headers = HTTP_HEADERS_INIT;
    http_headers_add(&headers, "Content-Type", type);
    http_headers_add(&headers, "Cache-Control", "no-store");
    http_answer(exchange, status, &headers, text, length);
    http_headers_done(&headers);
}

static void answer_line(struct http_exchange *exchange, int status, const char *text)
{
    answer_text(exchange, status, "text/plain; charset=utf-8", text, strlen(text));
}

static bool refuse_method(struct http_exchange *exchange, const struct http_incoming *request)
{
    if (strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0)
        return false;
    answer_line(exchange, 405, "only GET is answered here\n");
    return true;
}

static void answer_health(void *user, struct http_exchange *exchange, const struct http_incoming *request)
{
    struct web_server *server = user;
    if (refuse_method(exchange, request))
        return;
    if (strcmp(request->path, "/healthz") == 0) {
        answer_line(exchange, 200, "ok");
    } else if (strcmp(request->path, "/readyz") == 0) {
        const char *reason = sync_controller_not_ready(server->controller);
        AUTO(text) char *text = reason != NULL ? xasprintf("not ready: %s\n", reason) : xstrdup("ok");
        answer_line(exchange, reason != NULL ? 500 : 200, text);
    } else {
        answer_line(exchange, 404, "try /healthz or /readyz\n");
    }
}

static void answer_metrics(void *user, struct http_exchange *exchange, const struct http_incoming *request)
{
    struct web_server *server = user;
    if (refuse_method(exchange, request))
        return;
    AUTO(buf) struct buf out = BUF_OWN;
    if (strcmp(request->path, "/metrics") == 0) {
        metrics_print(server->controller, &out);
        answer_text(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", buf_text(&out), out.length);
    } else if (strcmp(request->path, "/") == 0) {
        page_print_html(server->controller, &out);
        answer_text(exchange, 200, "text/html; charset=utf-8", buf_text(&out), out.length);
    } else if (strcmp(request->path, "/status.json") == 0) {
        page_print_json(server->controller, &out);
        answer_text(exchange, 200, "application/json", buf_text(&out), out.length);
    } else {
        answer_line(exchange, 404, "try /, /status.json or /metrics\n");
    }
}

static int open_listener(struct loop *loop, const char *address, http_handler_fn *handler, struct web_server *server,
                         struct http_server **ret_listener, struct err *err)
{
    if (address[0] == '\0' || strcmp(address, "0") == 0)
        return 0;
    struct http_server_options options = {.listen = address, .body_limit = 4096};
    return http_server_new(loop, &options, handler, server, ret_listener, err);
}

int web_server_new(struct loop *loop, const struct web_server_options *options, struct web_server **ret_server,
                   struct err *err)
{
    struct web_server *server = xcalloc(1, sizeof(*server));
    server->controller = options->controller;
    int rc = open_listener(loop, options->health_listen, answer_health, server, &server->health, err);
    if (rc == 0)
        rc = open_listener(loop, options->metrics_listen, answer_metrics, server, &server->metrics, err);
    if (rc != 0) {
        web_server_free(server);
        return rc;
    }
    *ret_server = server;
    return 0;
}

int web_server_health_port(const struct web_server *server)
{
    return server->health != NULL ? http_server_port(server->health) : 0;
}

int web_server_metrics_port(const struct web_server *server)
{
    return server->metrics != NULL ? http_server_port(server->metrics) : 0;
}

void web_server_free(struct web_server *server)
{
    if (server == NULL)
        return;
    http_server_free(server->health);
    http_server_free(server->metrics);
    free(server);
}
