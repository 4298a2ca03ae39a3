/* raw_server.h - a TCP server on 127.0.0.1 that says exactly what a test tells it to say, one script for each request.
 * Owns:    its sockets; freed with raw_server_done. */
#pragma once

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "net/loop.h"

#define RAW_CONNECTIONS_MAX 64

struct raw_server;
struct raw_connection {
    struct raw_server *server;
    int fd;
    struct loop_watch *watch;
    struct buf heard;
};

/* Called for each request whose headers (and body of the announced length) have arrived. */
typedef void raw_request_fn(void *user, struct raw_connection *connection, const char *request);

struct raw_server {
    struct loop *loop;
    int fd;
    int port;
    struct loop_watch *watch;
    struct raw_connection connections[RAW_CONNECTIONS_MAX];
    int accepted;
    int closed; /* by the client */
    int requests;
    raw_request_fn *on_request;
    void *user;
};

static inline void raw_close(struct raw_connection *connection)
{
    loop_watch_free(connection->watch);
    connection->watch = NULL;
    if (connection->fd >= 0)
        close(connection->fd);
    connection->fd = -1;
    buf_done(&connection->heard);
}

static inline void raw_say(struct raw_connection *connection, const char *text)
{
    ssize_t written = write(connection->fd, text, strlen(text));
    require_that(written == (ssize_t)strlen(text));
}

static inline size_t raw_request_length(const struct buf *heard)
{
    const char *end = strstr(buf_text(heard), "\r\n\r\n");
    if (end == NULL)
        return 0;
    const char *announced = strcasestr(buf_text(heard), "content-length:");
    size_t body = announced != NULL && announced < end ? strtoul(announced + 15, NULL, 10) : 0;
    size_t length = (size_t)(end + 4 - heard->data) + body;
    return length <= heard->length ? length : 0;
}

static inline void raw_on_ready(void *user, int events)
{
    struct raw_connection *connection = user;
    struct raw_server *server = connection->server;
    char piece[4096];
    ssize_t length = read(connection->fd, piece, sizeof(piece));
    if (length <= 0) {
        server->closed++;
        raw_close(connection);
        return;
    }
    buf_append(&connection->heard, piece, (size_t)length);
    size_t whole;
    while (connection->fd >= 0 && (whole = raw_request_length(&connection->heard)) != 0) {
        char *request = xstrndup(connection->heard.data, whole);
        buf_consume(&connection->heard, whole);
        server->requests++;
        server->on_request(server->user, connection, request);
        free(request);
    }
}

static inline void raw_on_accept(void *user, int events)
{
    struct raw_server *server = user;
    int fd = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC);
    require_that(fd >= 0 && server->accepted < RAW_CONNECTIONS_MAX);
    struct raw_connection *connection = &server->connections[server->accepted++];
    *connection = (struct raw_connection){.server = server, .fd = fd, .heard = BUF_INIT(8u << 20)};
    connection->watch = loop_watch_new(server->loop, fd, LOOP_READ, raw_on_ready, connection);
}

static inline void raw_server_init(struct raw_server *server, struct loop *loop, raw_request_fn *on_request, void *user)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    *server = (struct raw_server){.loop = loop, .on_request = on_request, .user = user};
    server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    require_that(bind(server->fd, (struct sockaddr *)&address, length) == 0 && listen(server->fd, 64) == 0);
    getsockname(server->fd, (struct sockaddr *)&address, &length);
    server->port = ntohs(address.sin_port);
    server->watch = loop_watch_new(loop, server->fd, LOOP_READ, raw_on_accept, server);
}

static inline void raw_server_done(struct raw_server *server)
{
    for (int i = 0; i < server->accepted; i++)
        raw_close(&server->connections[i]);
    loop_watch_free(server->watch);
    close(server->fd);
}
