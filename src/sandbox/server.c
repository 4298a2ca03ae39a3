/* Serves a sandbox, and does to connections what its faults ask for: late answers, none, a cut. */
#include "sandbox/server.h"

#include <stdlib.h>
#include <string.h>

#include "net/http_server.h"

#define BODY_LIMIT (128u << 20) /* seeds are large; what clients send to Kong's own paths is limited by the sandbox */

struct held {
    struct sandbox_server *server;
    struct http_exchange *exchange;
    struct loop_timer *timer; /* NULL: hangs until the server goes */
    struct sandbox_answer answer;
    struct held *next, *previous;
};

struct sandbox_server {
    struct loop *loop;
    struct sandbox *sandbox;
    struct http_server *http;
    struct held *held;
    size_t held_count;
};

static void held_free(struct held *held)
{
    struct sandbox_server *server = held->server;
    if (held->previous != NULL)
        held->previous->next = held->next;
    else
        server->held = held->next;
    if (held->next != NULL)
        held->next->previous = held->previous;
    server->held_count--;
    loop_timer_free(held->timer);
    sandbox_answer_done(&held->answer);
    free(held);
}

static void send_answer(struct http_exchange *exchange, const struct sandbox_answer *answer)
{
    if (answer->fate == SANDBOX_DROP)
        http_drop(exchange);
    else
        http_answer(exchange, answer->status, &answer->headers, buf_text(&answer->body), answer->body.length);
}

static void on_time(void *user)
{
    struct held *held = user;
    send_answer(held->exchange, &held->answer);
    held_free(held);
}

static void hold(struct sandbox_server *server, struct http_exchange *exchange, struct sandbox_answer *answer)
{
    struct held *held = xcalloc(1, sizeof(*held));
    *held = (struct held){.server = server, .exchange = exchange, .answer = *answer, .next = server->held};
    *answer = (struct sandbox_answer)SANDBOX_ANSWER_INIT;
    if (server->held != NULL)
        server->held->previous = held;
    server->held = held;
    server->held_count++;
    if (held->answer.fate == SANDBOX_HANG)
        return;
    held->timer = loop_timer_new(server->loop, on_time, held);
    loop_timer_start(held->timer, held->answer.delay_ms);
}

static void on_request(void *user, struct http_exchange *exchange, const struct http_incoming *incoming)
{
    struct sandbox_server *server = user;
    struct sandbox_answer answer = SANDBOX_ANSWER_INIT;
    AUTO(text)
    char *target =
        incoming->query[0] != '\0' ? xasprintf("%s?%s", incoming->path, incoming->query) : xstrdup(incoming->path);
    struct sandbox_request request = {
        .method = incoming->method,
        .target = target,
        .content_type = http_headers_find(incoming->headers, "Content-Type"),
        .body = incoming->body,
        .body_length = incoming->body_length,
    };
    sandbox_handle(server->sandbox, &request, &answer);
    bool waits = answer.fate == SANDBOX_HANG || answer.delay_ms != 0;
    if (waits && server->held_count < SANDBOX_HELD_MAX)
        hold(server, exchange, &answer);
    else if (waits)
        http_drop(exchange);
    else
        send_answer(exchange, &answer);
    sandbox_answer_done(&answer);
}

int sandbox_server_new(struct loop *loop, struct sandbox *sandbox, const struct sandbox_server_options *options,
                       struct sandbox_server **ret_server, struct err *err)
{
    struct sandbox_server *server = xcalloc(1, sizeof(*server));
    server->loop = loop;
    server->sandbox = sandbox;
    struct http_server_options http = {
        .listen = options->listen,
        .body_limit = BODY_LIMIT,
        .cert_pem = options->cert_pem,
        .key_pem = options->key_pem,
        .client_ca_pem = options->client_ca_pem,
    };
    int rc = http_server_new(loop, &http, on_request, server, &server->http, err);
    if (rc < 0) {
        free(server);
        return err_wrap(err, "sandbox");
    }
    *ret_server = server;
    return 0;
}

int sandbox_server_port(const struct sandbox_server *server)
{
    return http_server_port(server->http);
}

void sandbox_server_free(struct sandbox_server *server)
{
    if (server == NULL)
        return;
    while (server->held != NULL) {
        http_drop(server->held->exchange);
        held_free(server->held);
    }
    http_server_free(server->http);
    free(server);
}
