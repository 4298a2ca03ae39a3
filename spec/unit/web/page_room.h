/* page_room.h - a controller on a folder, with the sandbox as its gateway, and its page.
 * Owns: all of it; made and freed by make_room and free_room, or begun anew with begin_room and other flags. */
#pragma once

#include "check.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "exchange.h"
#include "scratch.h"
#include "sync/controller.h"
#include "waiting.h"
#include "web/server.h"

#define ROOM_FLAGS_MAX 16

struct room {
    struct scratch scratch;
    struct loop *loop;
    struct options *options;
    struct log log;
    struct sync_controller *controller;
    struct web_server *server;
    struct http_client *client;
    struct ended ended;
};

static inline void begin_room(struct room *room, const char *const *flags)
{
    char *arguments[ROOM_FLAGS_MAX + 6] = {NULL};
    struct err err = ERR_INIT;
    AUTO(text) char *source = xasprintf("--source=dir:%s", room->scratch.path);
    int count = 0;
    arguments[count++] = (char *)"run";
    arguments[count++] = source;
    arguments[count++] = (char *)"--kong-admin-url=sandbox:";
    for (; flags != NULL && *flags != NULL; flags++)
        arguments[count++] = (char *)*flags;
    int rc = options_parse(count, arguments,
                           OPTION_SOURCE | OPTION_TRANSLATION | OPTION_KUBE | OPTION_GATEWAY | OPTION_SYNC |
                               OPTION_RUN | OPTION_LOG,
                           &room->options, &err);
    assert_int_equal(rc, 0);
    room->log = (struct log){LOG_ERROR, LOG_LOGFMT, 2};
    struct sync_controller_options controller = {
        .options = room->options,
        .log = &room->log,
        .source = options_text(room->options, OPT_SOURCE),
    };
    rc = sync_controller_start(room->loop, &controller, &room->controller, &err);
    if (rc != 0)
        fail_msg("%s", err.text);
    struct web_server_options web = {
        .health_listen = "127.0.0.1:0",
        .metrics_listen = "127.0.0.1:0",
        .controller = room->controller,
        .page_clients = (size_t)options_integer(room->options, OPT_PAGE_CLIENTS),
        .dump = options_truth(room->options, OPT_DUMP_CONFIG),
        .profile = options_truth(room->options, OPT_PROFILING),
    };
    assert_int_equal(web_server_new(room->loop, &web, &room->server, &err), 0);
    struct http_client_options client = {0};
    assert_int_equal(http_client_new(room->loop, &client, &room->client, &err), 0);
}

static inline int make_room(void **state)
{
    struct room *room = xcalloc(1, sizeof(*room));
    struct err err = ERR_INIT;
    scratch_make(&room->scratch);
    *state = room;
    return loop_new(&room->loop, &err);
}

static inline int free_room(void **state)
{
    struct room *room = *state;
    http_client_free(room->client);
    web_server_free(room->server);
    sync_controller_free(room->controller);
    options_free(room->options);
    loop_free(room->loop);
    ended_done(&room->ended);
    scratch_remove(&room->scratch);
    free(room);
    return 0;
}

#define WITH_ROOM(test) cmocka_unit_test_setup_teardown(test, make_room, free_room)

static inline void room_gave_up(void *user)
{
    fail_msg("waited in vain");
}

/* Runs the loop until `holds`. */
static inline void wait_for(struct room *room, bool (*holds)(struct room *room))
{
    struct loop_timer *guard = loop_timer_new(room->loop, room_gave_up, room);
    loop_timer_start(guard, WAITING_MAX_MS * 3);
    while (!holds(room))
        loop_run_once(room->loop, true);
    loop_timer_free(guard);
}

static inline bool is_converged(struct room *room)
{
    return sync_controller_facts(room->controller).converged;
}

/* Nothing is under way, though not all may be in place. */
static inline bool is_settled(struct room *room)
{
    struct sync_controller_facts facts = sync_controller_facts(room->controller);
    return facts.translated && facts.session.reads != 0 && facts.translator.waiting == 0 &&
           !kong_session_has_work(sync_controller_session(room->controller));
}

/* The answer's body, borrowed until the next question. */
static inline const char *get(struct room *room, const char *path)
{
    AUTO(text) char *url = xasprintf("http://127.0.0.1:%d%s", web_server_metrics_port(room->server), path);
    int before = room->ended.count;
    struct http_call call = {.method = "GET", .url = url, .done = ended_note, .user = &room->ended};
    http_send(room->client, &call);
    assert_true(wait_until(room->loop, &room->ended.count, before + 1));
    return room->ended.body;
}

static inline struct json *get_json(struct room *room, const char *path)
{
    struct json *value = NULL;
    struct err err = ERR_INIT;
    const char *body = get(room, path);
    if (json_parse(body, strlen(body), &value, &err) != 0)
        fail_msg("%s: %s: %s", path, err.text, body);
    return value;
}

static inline size_t number_of(const struct json *object, const char *path)
{
    return (size_t)json_integer(json_find_path(object, path), -1);
}

#define ROOM_INGRESS(name, namespace, class, service)                                                                  \
    "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: " name                                          \
    ", namespace: " namespace "}\n"                                                                                    \
                              "spec:\n  ingressClassName: " class "\n  rules:\n  - host: " name                        \
                                                                  ".test\n    http:\n      paths:\n"                   \
                                                                  "      - {path: /, pathType: Prefix, backend: "      \
                                                                  "{service: {name: " service                          \
                                                                  ", port: {number: 80}}}}\n---\n"

#define ROOM_SERVICE(name, namespace)                                                                                  \
    "apiVersion: v1\nkind: Service\nmetadata: {name: " name                                                            \
    ", namespace: " namespace "}\n"                                                                                    \
                              "spec: {ports: [{port: 80, targetPort: 8080}]}\n---\n"
