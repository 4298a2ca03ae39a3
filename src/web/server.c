/* Two listeners: probes on one, metrics and the page on the other, so that probes can be reached where the rest is not. */
#include "web/server.h"

#include <string.h>

#include "answer.h"
#include "assets.h"
#include "base/clock.h"
#include "listing.h"
#include "metrics_print.h"
#include "net/http_server.h"
#include "overview.h"
#include "page.h"
#include "profile.h"
#include "stream.h"

#define REQUEST_BODY_MAX 4096
#define ASSETS           "/assets/"

struct web_server {
    struct web_server_options options;
    struct http_server *health, *metrics;
    struct sync_controller *controller;
    struct listings *listings;
    struct streams *streams;
    double start_time;
    struct timing texts;
};

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

typedef void text_fn(struct web_server *server, const struct query *query, struct buf *out);

static void print_metrics(struct web_server *server, const struct query *query, struct buf *out)
{
    struct metrics_process process = metrics_process();
    process.page_clients = streams_count(server->streams);
    process.page_clients_dropped = streams_dropped(server->streams);
    process.start_time = server->start_time;
    metrics_print(server->controller, &process, out);
}

static void print_page(struct web_server *server, const struct query *query, struct buf *out)
{
    page_print(server->controller, out);
}

static void print_status(struct web_server *server, const struct query *query, struct buf *out)
{
    overview_print_status(server->controller, out);
}

static void print_overview(struct web_server *server, const struct query *query, struct buf *out)
{
    overview_print(server->controller, out);
}

static void print_rules(struct web_server *server, const struct query *query, struct buf *out)
{
    overview_print_rules(server->controller, out);
}

static void print_profile(struct web_server *server, const struct query *query, struct buf *out)
{
    struct profile_page page = {&server->texts, listings_timing(server->listings), streams_timing(server->streams)};
    profile_print(server->controller, &page, out);
}

static void print_object(struct web_server *server, const struct query *query, struct buf *out)
{
    const char *kind = query_find(query, "kind"), *namespace = query_find(query, "namespace"),
               *name = query_find(query, "name");
    struct show show = show_of(server->controller);
    const struct census_object *object =
        kind != NULL && name != NULL ? census_find(show.census, kind, namespace != NULL ? namespace : "", name) : NULL;
    struct writer writer = {.out = out};
    if (object != NULL)
        show_object(&show, object, query_number(query, "offset", 0, SIZE_MAX),
                    query_number(query, "limit", LISTING_ROWS, SHOW_ENTITIES_MAX), &writer);
}

static const struct {
    const char *path, *type;
    text_fn *print; /* nothing printed: there is no such thing */
} TEXTS[] = {
    {"/", "text/html; charset=utf-8", print_page},
    {"/metrics", "text/plain; version=0.0.4; charset=utf-8", print_metrics},
    {"/status.json", ANSWER_JSON, print_status},
    {"/api/overview", ANSWER_JSON, print_overview},
    {"/api/rules", ANSWER_JSON, print_rules},
    {"/api/object", ANSWER_JSON, print_object},
    {"/debug/profile", ANSWER_JSON, print_profile},
};

static const struct {
    const char *path;
    enum listing_of what;
} LISTS[] = {
    {"/api/objects", LISTING_OBJECTS},     {"/api/entities", LISTING_ENTITIES}, {"/api/problems", LISTING_PROBLEMS},
    {"/debug/problems", LISTING_PROBLEMS}, {"/debug/explain", LISTING_EXPLAIN}, {"/debug/plan", LISTING_PLAN},
};

static bool is_served(const struct web_server *server, const char *path)
{
    if (strncmp(path, "/debug/", 7) != 0)
        return true;
    return strcmp(path, "/debug/profile") == 0 ? server->options.profile : server->options.dump;
}

static bool answer_text(struct web_server *server, struct http_exchange *exchange, const char *path,
                        const struct query *query)
{
    for (size_t i = 0; i < COUNT_OF(TEXTS); i++) {
        if (strcmp(path, TEXTS[i].path) != 0)
            continue;
        AUTO(buf) struct buf out = BUF_OWN;
        uint64_t start = clock_thread_us();
        TEXTS[i].print(server, query, &out);
        timing_add(&server->texts, start);
        if (out.length != 0)
            answer_bytes(exchange, 200, TEXTS[i].type, buf_text(&out), out.length);
        else
            answer_line(exchange, 404, "there is no such object, and nothing in the gateway that came from it\n");
        return true;
    }
    return false;
}

static bool answer_list(struct web_server *server, struct http_exchange *exchange, const char *path,
                        const struct query *query)
{
    for (size_t i = 0; i < COUNT_OF(LISTS); i++) {
        if (strcmp(path, LISTS[i].path) != 0)
            continue;
        listings_answer(server->listings, exchange, LISTS[i].what, query);
        return true;
    }
    return false;
}

static bool answer_asset(struct http_exchange *exchange, const char *path)
{
    bool asked = strncmp(path, ASSETS, strlen(ASSETS)) == 0;
    const struct embedded_text *text = asked ? assets_find(path + strlen(ASSETS)) : NULL;
    if (text != NULL)
        answer_bytes(exchange, 200, assets_type(text->name), text->text, text->length);
    return text != NULL;
}

static void answer_metrics(void *user, struct http_exchange *exchange, const struct http_incoming *request)
{
    struct web_server *server = user;
    if (refuse_method(exchange, request))
        return;
    if (!is_served(server, request->path)) {
        answer_line(exchange, 404, "diagnostics are off: see --dump-config and --profiling\n");
        return;
    }
    if (strcmp(request->path, "/api/events") == 0 && strcmp(request->method, "GET") == 0) {
        streams_answer(server->streams, exchange);
        return;
    }
    AUTO(text) char *path = xstrdup(request->path); /* the request goes with its answer */
    struct query query = {0};
    query_parse(&query, request->query, strlen(request->query));
    if (!answer_text(server, exchange, path, &query) && !answer_list(server, exchange, path, &query) &&
        !answer_asset(exchange, path))
        answer_line(exchange, 404, "try /, /status.json or /metrics\n");
    query_done(&query);
}

static int open_listener(struct loop *loop, const char *address, http_handler_fn *handler, struct web_server *server,
                         struct http_server **ret_listener, struct err *err)
{
    if (address[0] == '\0' || strcmp(address, "0") == 0)
        return 0;
    struct http_server_options options = {.listen = address, .body_limit = REQUEST_BODY_MAX};
    return http_server_new(loop, &options, handler, server, ret_listener, err);
}

int web_server_new(struct loop *loop, const struct web_server_options *options, struct web_server **ret_server,
                   struct err *err)
{
    struct web_server *server = xcalloc(1, sizeof(*server));
    server->options = *options;
    server->controller = options->controller;
    server->start_time = clock_wall();
    server->listings = listings_new(loop, options->controller);
    server->streams = streams_new(loop, options->controller, options->page_clients);
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
    streams_free(server->streams);
    listings_free(server->listings);
    http_server_free(server->health);
    http_server_free(server->metrics);
    free(server);
}
