/* kube_room.h - a client on a loop, and a server that answers requests in the order of a script.
 * Owns:    all of it; made and dropped with room_make and room_drop. */
#pragma once

#include "check.h"
#include "kube/client.h"
#include "kube/discovery.h"
#include "raw_server.h"
#include "waiting.h"

/* One expected request and what it gets. */
struct step {
    const char *wants; /* in the request, headers and body included */
    int status;
    const char *body;
    bool streams;        /* the body is the beginning of a stream, which stays open as room->stream */
    const char *headers; /* more lines, each with its line end; NULL: none */
};

#define ANSWER(wants, status, body)                                                                                    \
    {                                                                                                                  \
        wants, status, body, false, NULL                                                                               \
    }
#define STREAM(wants, body)                                                                                            \
    {                                                                                                                  \
        wants, 200, body, true, NULL                                                                                   \
    }
#define END                                                                                                            \
    {                                                                                                                  \
        NULL, 0, NULL, false, NULL                                                                                     \
    }

struct kube_room {
    struct loop *loop;
    struct raw_server server;
    struct kube_client *client;
    struct store_kinds *kinds;
    struct kube_discovery *discovery;
    const struct step *steps; /* ends with wants NULL */
    void (*respond)(struct kube_room *room, struct raw_connection *connection, const char *request); /* or this */
    void *extra;                                                                                     /* for respond */
    int next;
    char *unexpected; /* the first request that the script did not want */
    struct raw_connection *stream;
    const char *definitions; /* resources of configuration.konghq.com/v1; NULL: not served */
    struct buf story;        /* what the tested part told, a line each */
    int told;
};

static inline void room_answer(struct raw_connection *connection, int status, const char *headers, const char *body)
{
    AUTO(text)
    char *text = xasprintf("HTTP/1.1 %d X\r\nContent-Type: application/json\r\n%sContent-Length: %zu\r\n\r\n%s", status,
                           headers != NULL ? headers : "", strlen(body), body);
    raw_say(connection, text);
}

static inline void room_send(struct raw_connection *connection, const char *text)
{
    AUTO(text) char *chunk = xasprintf("%zx\r\n%s\r\n", strlen(text), text);
    raw_say(connection, chunk);
}

static inline void room_end(struct raw_connection *connection)
{
    raw_say(connection, "0\r\n\r\n");
}

static inline void room_stream(struct kube_room *room, struct raw_connection *connection, const char *text)
{
    raw_say(connection, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
    if (text[0] != '\0')
        room_send(connection, text);
    room->stream = connection;
}

#define ROOM_VERBS "\"verbs\":[\"create\",\"delete\",\"list\",\"watch\"]"
#define ROOM_CORE                                                                                                      \
    "{\"kind\":\"APIResourceList\",\"resources\":[{\"name\":\"configmaps\",\"kind\":\"ConfigMap\",\"namespaced\":"     \
    "true," ROOM_VERBS "},{\"name\":\"services/status\",\"kind\":\"Service\",\"namespaced\":true," ROOM_VERBS          \
    "},{\"name\":\"services\",\"kind\":\"Service\",\"namespaced\":true," ROOM_VERBS "}]}"

static inline bool room_answers_discovery(struct kube_room *room, struct raw_connection *connection,
                                          const char *request)
{
    if (strncmp(request, "GET /api/v1 ", 12) == 0) {
        room_answer(connection, 200, NULL, ROOM_CORE);
        return true;
    }
    if (strncmp(request, "GET /apis/configuration.konghq.com/v1 ", 38) != 0)
        return false;
    room_answer(connection, room->definitions != NULL ? 200 : 404, NULL,
                room->definitions != NULL ? room->definitions : "{}");
    return true;
}

static inline void room_on_request(void *user, struct raw_connection *connection, const char *request)
{
    struct kube_room *room = user;
    if (room->respond != NULL) {
        room->respond(room, connection, request);
        return;
    }
    if (room_answers_discovery(room, connection, request))
        return;
    const struct step *step = room->steps != NULL ? &room->steps[room->next] : NULL;
    if (step == NULL || step->wants == NULL || strstr(request, step->wants) == NULL) {
        if (room->unexpected == NULL)
            room->unexpected = xstrdup(request);
        room_answer(connection, 500, NULL, "{}");
        return;
    }
    room->next++;
    if (step->streams)
        room_stream(room, connection, step->body);
    else
        room_answer(connection, step->status, step->headers, step->body);
}

static inline void room_tell(struct kube_room *room, const char *line)
{
    buf_append_text(&room->story, line);
    buf_append_char(&room->story, '\n');
    room->told++;
}

static inline struct kube_config *room_config(const struct kube_room *room)
{
    struct kube_config *config = xcalloc(1, sizeof(*config));
    config->server = xasprintf("http://127.0.0.1:%d", room->server.port);
    config->namespace = xstrdup("default");
    config->from = xstrdup("a test");
    return config;
}

/* Takes `config`. */
static inline void room_connect(struct kube_room *room, struct kube_config *config, int concurrency)
{
    struct kube_client_options options = {.concurrency = concurrency};
    struct err err = ERR_INIT;
    assert_int_equal(kube_client_new(room->loop, config, &options, &room->client, &err), 0);
    room->discovery = kube_discovery_new(room->client, room->kinds);
}

/* A room without a client. */
static inline struct kube_room *room_new(void)
{
    struct kube_room *room = xcalloc(1, sizeof(*room));
    struct err err = ERR_INIT;
    room->story = (struct buf)BUF_OWN;
    room->kinds = store_kinds_new();
    assert_int_equal(loop_new(&room->loop, &err), 0);
    raw_server_init(&room->server, room->loop, room_on_request, room);
    return room;
}

static inline int room_make(void **state)
{
    struct kube_room *room = room_new();
    room_connect(room, room_config(room), 0);
    *state = room;
    return 0;
}

static inline int room_drop(void **state)
{
    struct kube_room *room = *state;
    kube_discovery_free(room->discovery);
    kube_client_free(room->client);
    raw_server_done(&room->server);
    store_kinds_free(room->kinds);
    loop_free(room->loop);
    buf_done(&room->story);
    free(room->unexpected);
    free(room);
    return 0;
}

/* Waits until so many lines were told since the room was made, compares them all, and the script with what was asked.
 */
static inline void room_expect(struct kube_room *room, const char *story)
{
    int lines = 0;
    for (const char *at = story; *at != '\0'; at++)
        lines += *at == '\n';
    bool came = wait_until(room->loop, &room->told, lines);
    if (room->unexpected != NULL)
        fail_msg("step %d was not what was asked: %s", room->next, room->unexpected);
    assert_string_equal(buf_text(&room->story), story);
    assert_true(came);
}

/* Waits until so many steps of the script have been taken. */
static inline void room_expect_steps(struct kube_room *room, int count)
{
    assert_true(wait_until(room->loop, &room->next, count));
    if (room->unexpected != NULL)
        fail_msg("step %d was not what was asked: %s", room->next, room->unexpected);
}
