/* http_client_room.h - a client, a raw server that says what it is told, and what the last request ended with. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "exchange.h"
#include "raw_server.h"
#include "waiting.h"

struct room {
    struct loop *loop;
    struct raw_server server;
    struct http_client *client;
    struct ended ended;
    const char *answer; /* said to every request; NULL: nothing is */
    bool then_close;
    char *request; /* the last one heard */
    struct raw_connection *connection;
    struct http_request *sent;
    struct buf pieces;
    int piece_count;
    int chunk_result;
    char url[64];
};

static inline void on_request(void *user, struct raw_connection *connection, const char *request)
{
    struct room *room = user;
    free(room->request);
    room->request = xstrdup(request);
    room->connection = connection;
    if (room->answer != NULL)
        raw_say(connection, room->answer);
    if (room->then_close)
        raw_close(connection);
}

static inline void make_client(struct room *room, struct http_client_options options)
{
    struct err err = ERR_INIT;
    http_client_free(room->client);
    assert_int_equal(http_client_new(room->loop, &options, &room->client, &err), 0);
}

static inline int make_room(void **state)
{
    struct room *room = xcalloc(1, sizeof(*room));
    struct err err = ERR_INIT;
    *state = room;
    if (loop_new(&room->loop, &err) != 0)
        return -1;
    raw_server_init(&room->server, room->loop, on_request, room);
    room->pieces = (struct buf)BUF_OWN;
    room->answer = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello";
    snprintf(room->url, sizeof(room->url), "http://127.0.0.1:%d/path", room->server.port);
    make_client(room, (struct http_client_options){.user_agent = "kongruent/test"});
    return 0;
}

static inline int free_room(void **state)
{
    struct room *room = *state;
    http_client_free(room->client);
    raw_server_done(&room->server);
    loop_free(room->loop);
    ended_done(&room->ended);
    buf_done(&room->pieces);
    free(room->request);
    free(room);
    return 0;
}

static inline void send_call(struct room *room, struct http_call call)
{
    call.method = call.method != NULL ? call.method : "GET";
    call.url = call.url != NULL ? call.url : room->url;
    call.done = call.done != NULL ? call.done : ended_note;
    call.user = call.user != NULL ? call.user : &room->ended;
    room->sent = http_send(room->client, &call);
}

static inline void run_call(struct room *room, struct http_call call)
{
    int before = room->ended.count;
    send_call(room, call);
    assert_int_equal(room->ended.count, before);
    assert_true(wait_until(room->loop, &room->ended.count, before + 1));
}

#define WITH_ROOM(test) cmocka_unit_test_setup_teardown(test, make_room, free_room)
