/* A small HTTP(S) server: which requests reach the handler, and what becomes of answers whose client has left. */
#include "net/http_server.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http_server_tls.h"

#define HTTP_SERVER_BODY_MAX    (16u << 20)
#define HTTP_SERVER_HEADERS_MAX (64 << 10)
#define HTTP_SERVER_BACKLOG     128

struct http_exchange {
    struct http_server *server;   /* NULL once the server is gone: nobody is left to be answered */
    struct evhttp_request *event; /* ours until answered; libevent takes its connection away when the client leaves */
    struct http_incoming incoming;
    struct http_headers headers;
    char *path;
    char *query;
    bool has_begun;
    bool is_stream;
    void (*left)(void *user); /* of a stream, until it was called */
    void *left_user;
    struct loop_timer *drop;
    struct http_exchange *next, *previous;
};

struct http_server {
    struct loop *loop;
    struct evhttp *http;
    SSL_CTX *tls;
    int port;
    http_handler_fn *handler;
    void *user;
    struct timeval idle;
    struct http_exchange *exchanges;
};

static const struct {
    enum evhttp_cmd_type type;
    const char *name;
} methods[] = {
    {EVHTTP_REQ_GET, "GET"},     {EVHTTP_REQ_POST, "POST"},       {EVHTTP_REQ_HEAD, "HEAD"},
    {EVHTTP_REQ_PUT, "PUT"},     {EVHTTP_REQ_DELETE, "DELETE"},   {EVHTTP_REQ_OPTIONS, "OPTIONS"},
    {EVHTTP_REQ_TRACE, "TRACE"}, {EVHTTP_REQ_CONNECT, "CONNECT"}, {EVHTTP_REQ_PATCH, "PATCH"},
};

static const char *method_name(enum evhttp_cmd_type type)
{
    for (size_t i = 0; i < COUNT_OF(methods); i++) {
        if (methods[i].type == type)
            return methods[i].name;
    }
    return "UNKNOWN";
}

static void exchange_free(struct http_exchange *exchange)
{
    if (exchange->server != NULL) {
        if (exchange->previous != NULL)
            exchange->previous->next = exchange->next;
        else
            exchange->server->exchanges = exchange->next;
        if (exchange->next != NULL)
            exchange->next->previous = exchange->previous;
    }
    loop_timer_free(exchange->drop);
    http_headers_done(&exchange->headers);
    free(exchange->path);
    free(exchange->query);
    free(exchange);
}

/* Path and query as sent; of an absolute URI ("GET http://host/path") only what stands after the host. */
static void split_target(struct http_exchange *exchange, const char *target)
{
    const char *host = *target != '/' ? strstr(target, "://") : NULL;
    const char *path = host != NULL ? host + 3 + strcspn(host + 3, "/?") : target;
    size_t length = strcspn(path, "?");
    exchange->path = length != 0 ? xstrndup(path, length) : xstrdup("/");
    exchange->query = xstrdup(path[length] == '?' ? path + length + 1 : "");
}

static void on_request(struct evhttp_request *event, void *user)
{
    struct http_server *server = user;
    struct http_exchange *exchange = xcalloc(1, sizeof(*exchange));
    exchange->server = server;
    exchange->event = event;
    exchange->next = server->exchanges;
    if (server->exchanges != NULL)
        server->exchanges->previous = exchange;
    server->exchanges = exchange;

    split_target(exchange, evhttp_request_get_uri(event));
    struct evkeyval *header;
    TAILQ_FOREACH(header, evhttp_request_get_input_headers(event), next)
    http_headers_add(&exchange->headers, header->key, header->value);
    struct evbuffer *body = evhttp_request_get_input_buffer(event);
    size_t length = evbuffer_get_length(body);
    require_that(evbuffer_add(body, "", 1) == 0);
    exchange->incoming = (struct http_incoming){
        .method = method_name(evhttp_request_get_command(event)),
        .path = exchange->path,
        .query = exchange->query,
        .headers = &exchange->headers,
        .body = (const char *)evbuffer_pullup(body, -1),
        .body_length = length,
    };
    server->handler(server->user, exchange, &exchange->incoming);
}

static struct bufferevent *on_tls_accept(struct event_base *base, void *user)
{
    struct http_server *server = user;
    SSL *ssl = SSL_new(server->tls);
    if (ssl == NULL)
        return NULL;
    struct bufferevent *bufferevent =
        bufferevent_openssl_socket_new(base, -1, ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
    if (bufferevent != NULL)
        bufferevent_openssl_set_allow_dirty_shutdown(bufferevent, 1);
    return bufferevent;
}

static int try_listen(const struct addrinfo *address)
{
    int on = 1, off = 0;
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    /* Accepted sockets inherit it. */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (address->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
    if (bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, HTTP_SERVER_BACKLOG) == 0)
        return fd;
    int reason = errno;
    close(fd);
    errno = reason;
    return -1;
}

/* "host:port", ":port" or "[::1]:port"; the caller frees both. */
static int split_listen(const char *listen, char **ret_host, char **ret_port, struct err *err)
{
    const char *colon = strrchr(listen, ':');
    size_t length = colon != NULL ? (size_t)(colon - listen) : 0;
    bool has_brackets = length >= 2 && listen[0] == '[' && listen[length - 1] == ']';
    if (colon == NULL || colon[1] == '\0' || colon[1 + strspn(colon + 1, "0123456789")] != '\0' ||
        strtoul(colon + 1, NULL, 10) > 65535 || (!has_brackets && memchr(listen, ':', length) != NULL))
        return err_set(err, ERR_INVALID, "'%s' is no address to listen on; write host:port, :port or [::1]:port",
                       listen);
    *ret_host = has_brackets ? xstrndup(listen + 1, length - 2) : xstrndup(listen, length);
    *ret_port = xstrdup(colon + 1);
    return 0;
}

static int open_listener(const char *listen, int *ret_fd, struct err *err)
{
    AUTO(text) char *host = NULL;
    AUTO(text) char *port = NULL;
    int rc = split_listen(listen, &host, &port, err);
    if (rc != 0)
        return rc;
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *found = NULL;
    /* No host: an IPv6 socket serves both families; where there is no IPv6, the next one is taken. */
    bool any = *host == '\0';
    int failure = getaddrinfo(any ? "::" : host, port, &hints, &found);
    if (failure != 0)
        return err_set(err, ERR_CONNECT, "cannot listen on %s: %s", listen, gai_strerror(failure));
    int fd = -1;
    for (struct addrinfo *address = found; fd < 0 && address != NULL; address = address->ai_next)
        fd = try_listen(address);
    freeaddrinfo(found);
    if (fd < 0 && any && getaddrinfo("0.0.0.0", port, &hints, &found) == 0) {
        fd = try_listen(found);
        int reason = errno;
        freeaddrinfo(found);
        errno = reason;
    }
    if (fd < 0)
        return err_set(err, ERR_CONNECT, "cannot listen on %s: %s", listen, strerror(errno));
    *ret_fd = fd;
    return 0;
}

static int port_of(int fd)
{
    struct sockaddr_storage address = {0};
    socklen_t length = sizeof(address);
    getsockname(fd, (struct sockaddr *)&address, &length);
    return ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                               : ((struct sockaddr_in *)&address)->sin_port);
}

static struct timeval idle_time(const struct http_server_options *options)
{
    uint64_t idle_ms = options->idle_ms != 0 ? options->idle_ms : HTTP_SERVER_IDLE_MS;
    return (struct timeval){.tv_sec = (time_t)(idle_ms / 1000), .tv_usec = (suseconds_t)(idle_ms % 1000 * 1000)};
}

static void configure(struct http_server *server, const struct http_server_options *options)
{
    struct evhttp *http = server->http;
    unsigned int allowed = 0;
    for (size_t i = 0; i < COUNT_OF(methods); i++)
        allowed |= (unsigned int)methods[i].type;
    evhttp_set_allowed_methods(http, (ev_uint16_t)allowed);
    evhttp_set_max_headers_size(http, HTTP_SERVER_HEADERS_MAX);
    evhttp_set_max_body_size(http, (ev_ssize_t)(options->body_limit != 0 ? options->body_limit : HTTP_SERVER_BODY_MAX));
    evhttp_set_timeout_tv(http, &server->idle);
    evhttp_set_default_content_type(http, NULL);
    /* Reads on after a 413, so that a client that is still sending gets to see it. */
    evhttp_set_flags(http, EVHTTP_SERVER_LINGERING_CLOSE);
    evhttp_set_gencb(http, on_request, server);
    if (server->tls != NULL)
        evhttp_set_bevcb(http, on_tls_accept, server);
}

int http_server_new(struct loop *loop, const struct http_server_options *options, http_handler_fn *handler, void *user,
                    struct http_server **ret_server, struct err *err)
{
    SSL_CTX *tls = NULL;
    int fd = -1;
    int rc = server_tls_new(options, &tls, err);
    if (rc == 0)
        rc = open_listener(options->listen, &fd, err);
    if (rc != 0) {
        SSL_CTX_free(tls);
        return rc;
    }
    struct http_server *server = xcalloc(1, sizeof(*server));
    server->loop = loop;
    server->tls = tls;
    server->port = port_of(fd);
    server->handler = handler;
    server->user = user;
    server->idle = idle_time(options);
    server->http = evhttp_new(loop_base(loop));
    require_that(server->http != NULL);
    configure(server, options);
    require_that(evhttp_accept_socket(server->http, fd) == 0);
    *ret_server = server;
    return 0;
}

int http_server_port(const struct http_server *server)
{
    return server->port;
}

/* libevent is not to call for a stream any more. */
static void forget_connection(struct http_exchange *exchange)
{
    struct evhttp_connection *connection =
        exchange->is_stream && exchange->event != NULL ? evhttp_request_get_connection(exchange->event) : NULL;
    if (connection != NULL)
        evhttp_connection_set_closecb(connection, NULL, NULL);
}

static void tell_left(struct http_exchange *exchange)
{
    void (*left)(void *user) = TAKE(exchange->left);
    if (left != NULL)
        left(exchange->left_user);
}

void http_server_free(struct http_server *server)
{
    if (server == NULL)
        return;
    struct http_exchange *next;
    for (struct http_exchange *exchange = server->exchanges; exchange != NULL; exchange = next) {
        next = exchange->next;
        exchange->server = NULL;
        forget_connection(exchange);
        /* Without a connection nobody frees it but us; with one, evhttp_free does. */
        if (evhttp_request_get_connection(exchange->event) == NULL)
            evhttp_request_free(exchange->event);
        exchange->event = NULL;
        /* Nobody else frees one that is being dropped. */
        if (exchange->drop != NULL)
            exchange_free(exchange);
        else
            tell_left(exchange);
    }
    evhttp_free(server->http);
    SSL_CTX_free(server->tls);
    free(server);
}

static void add_headers(struct evhttp_request *event, const struct http_headers *headers)
{
    struct evkeyvalq *out = evhttp_request_get_output_headers(event);
    for (size_t i = 0; headers != NULL && i < headers->count; i++)
        evhttp_add_header(out, headers->items[i].name, headers->items[i].value);
}

void http_answer(struct http_exchange *exchange, int status, const struct http_headers *headers, const void *body,
                 size_t length)
{
    struct evhttp_request *event = exchange->event;
    if (event != NULL) {
        add_headers(event, headers);
        bool is_head = evhttp_request_get_command(event) == EVHTTP_REQ_HEAD;
        if (is_head) {
            char *text = xasprintf("%zu", length);
            evhttp_add_header(evhttp_request_get_output_headers(event), "Content-Length", text);
            free(text);
        } else if (length != 0 && status != 204 && status != 304) {
            evbuffer_add(evhttp_request_get_output_buffer(event), body, length);
        }
        exchange->event = NULL;
        evhttp_send_reply(event, status, NULL, NULL);
    }
    exchange_free(exchange);
}

void http_answer_begin(struct http_exchange *exchange, int status, const struct http_headers *headers)
{
    require_that(!exchange->has_begun);
    exchange->has_begun = true;
    if (exchange->event == NULL)
        return;
    add_headers(exchange->event, headers);
    evhttp_send_reply_start(exchange->event, status, NULL);
}

void http_answer_piece(struct http_exchange *exchange, const void *data, size_t length)
{
    require_that(exchange->has_begun);
    if (exchange->event == NULL || evhttp_request_get_connection(exchange->event) == NULL || length == 0)
        return;
    struct evbuffer *piece = evbuffer_new();
    require_that(piece != NULL && evbuffer_add(piece, data, length) == 0);
    evhttp_send_reply_chunk(exchange->event, piece);
    evbuffer_free(piece);
}

static void on_close(struct evhttp_connection *connection, void *user)
{
    tell_left(user);
}

void http_answer_stream(struct http_exchange *exchange, void (*left)(void *user), void *user)
{
    require_that(exchange->has_begun);
    exchange->is_stream = true;
    exchange->left = left;
    exchange->left_user = user;
    struct evhttp_connection *connection =
        exchange->event != NULL ? evhttp_request_get_connection(exchange->event) : NULL;
    if (connection == NULL) {
        tell_left(exchange);
        return;
    }
    evhttp_connection_set_closecb(connection, on_close, exchange);
    bufferevent_set_timeouts(evhttp_connection_get_bufferevent(connection), NULL, &exchange->server->idle);
}

size_t http_answer_waiting(const struct http_exchange *exchange)
{
    struct evhttp_connection *connection =
        exchange->event != NULL ? evhttp_request_get_connection(exchange->event) : NULL;
    if (connection == NULL)
        return 0;
    return evbuffer_get_length(bufferevent_get_output(evhttp_connection_get_bufferevent(connection)));
}

void http_answer_end(struct http_exchange *exchange)
{
    require_that(exchange->has_begun);
    forget_connection(exchange);
    exchange->left = NULL;
    if (exchange->event != NULL)
        evhttp_send_reply_end(exchange->event);
    exchange->event = NULL;
    exchange_free(exchange);
}

static void on_drop(void *user)
{
    struct http_exchange *exchange = user;
    struct evhttp_connection *connection = evhttp_request_get_connection(exchange->event);
    if (connection != NULL)
        evhttp_connection_free(connection); /* and the request with it */
    else
        evhttp_request_free(exchange->event);
    exchange_free(exchange);
}

void http_drop(struct http_exchange *exchange)
{
    forget_connection(exchange);
    exchange->left = NULL;
    if (exchange->event == NULL) {
        exchange_free(exchange);
        return;
    }
    /* Not at once: the handler may be called from within the connection's own callback. */
    exchange->drop = loop_timer_new(exchange->server->loop, on_drop, exchange);
    loop_timer_start(exchange->drop, 0);
}
