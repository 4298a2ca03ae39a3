#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "exchange.h"
#include "net/http_server.h"
#include "waiting.h"

struct room {
    struct loop *loop;
    struct http_server *server;
    struct http_client *client;
    struct ended ended;
    int requests;
    bool keep; /* answer later */
    bool drop;
    struct http_exchange *kept;
    char *method, *path, *query, *body, *header;
    size_t body_length;
    int status;
    struct buf heard; /* by the raw socket */
    int heard_end;
};

static void keep_text(char **place, const char *text)
{
    free(*place);
    *place = xstrdup(text);
}

static void on_request(void *user, struct http_exchange *exchange, const struct http_incoming *request)
{
    struct room *room = user;
    keep_text(&room->method, request->method);
    keep_text(&room->path, request->path);
    keep_text(&room->query, request->query);
    keep_text(&room->header, http_headers_find(request->headers, "x-test"));
    keep_text(&room->body, request->body);
    room->body_length = request->body_length;
    room->requests++;
    if (room->drop) {
        http_drop(exchange);
    } else if (room->keep) {
        room->kept = exchange;
    } else {
        struct http_headers headers = HTTP_HEADERS_INIT;
        http_headers_add(&headers, "Content-Type", "application/json");
        http_answer(exchange, room->status, &headers, "{\"a\":1}", 7);
        http_headers_done(&headers);
    }
}

static int make_room(void **state)
{
    struct room *room = xcalloc(1, sizeof(*room));
    struct err err = ERR_INIT;
    *state = room;
    room->status = 200;
    room->heard = (struct buf)BUF_OWN;
    struct http_server_options options = {.listen = "127.0.0.1:0", .body_limit = 1000};
    struct http_client_options client = {0};
    return loop_new(&room->loop, &err) + http_server_new(room->loop, &options, on_request, room, &room->server, &err) +
           http_client_new(room->loop, &client, &room->client, &err);
}

static int free_room(void **state)
{
    struct room *room = *state;
    http_client_free(room->client);
    http_server_free(room->server);
    loop_free(room->loop);
    ended_done(&room->ended);
    buf_done(&room->heard);
    free(room->method);
    free(room->path);
    free(room->query);
    free(room->body);
    free(room->header);
    free(room);
    return 0;
}

static struct http_request *send_call(struct room *room, const char *path, struct http_call call)
{
    char *url = xasprintf("http://127.0.0.1:%d%s", http_server_port(room->server), path);
    call.method = call.method != NULL ? call.method : "GET";
    call.url = url;
    call.done = ended_note;
    call.user = &room->ended;
    struct http_request *request = http_send(room->client, &call);
    free(url);
    return request;
}

static void run_call(struct room *room, const char *path, struct http_call call)
{
    int before = room->ended.count;
    send_call(room, path, call);
    assert_true(wait_until(room->loop, &room->ended.count, before + 1));
}

static int dial(const struct room *room)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons((uint16_t)http_server_port(room->server))};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static void say(int fd, const char *text)
{
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

struct listening {
    struct room *room;
    int fd;
    struct loop_watch *watch;
};

static void hear(void *user, int events)
{
    struct listening *listening = user;
    char piece[4096];
    ssize_t length = read(listening->fd, piece, sizeof(piece));
    if (length > 0) {
        buf_append(&listening->room->heard, piece, (size_t)length);
        return;
    }
    listening->room->heard_end++;
    loop_watch_free(listening->watch);
    listening->watch = NULL;
}

/* Everything the server says until it closes the connection. */
static const char *hear_all(struct room *room, int fd)
{
    struct listening listening = {room, fd, NULL};
    listening.watch = loop_watch_new(room->loop, fd, LOOP_READ, hear, &listening);
    assert_true(wait_until(room->loop, &room->heard_end, 1));
    close(fd);
    return buf_text(&room->heard);
}

static void a_request_arrives_as_it_was_sent(void **state)
{
    struct room *room = *state;
    struct http_headers headers = HTTP_HEADERS_INIT;
    http_headers_add(&headers, "X-Test", "yes");

    run_call(room, "/a%2Fb/%20c?d=%26&e",
             (struct http_call){.method = "PUT", .headers = &headers, .body = "x\0y", .body_length = 3});

    assert_string_equal(room->method, "PUT");
    assert_string_equal(room->path, "/a%2Fb/%20c");
    assert_string_equal(room->query, "d=%26&e");
    assert_string_equal(room->header, "yes");
    assert_int_equal(room->body_length, 3);
    assert_string_equal(room->body, "x");
    assert_int_equal(room->ended.status, 200);
    assert_string_equal(room->ended.kind, "application/json");
    assert_string_equal(room->ended.body, "{\"a\":1}");
    http_headers_done(&headers);
}

static void every_method_is_handed_over(void **state)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"};
    struct room *room = *state;

    for (size_t i = 0; i < COUNT_OF(methods); i++) {
        run_call(room, "/", (struct http_call){.method = methods[i]});

        assert_string_equal(room->method, methods[i]);
        assert_int_equal(room->ended.status, 200);
        assert_int_equal(room->ended.code, 0);
        assert_string_equal(room->ended.body, strcmp(methods[i], "HEAD") == 0 ? "" : "{\"a\":1}");
    }
}

static void an_absolute_uri_is_reduced_to_its_path(void **state)
{
    struct room *room = *state;
    int fd = dial(room);

    say(fd, "GET http://kong.test/services?size=1 HTTP/1.1\r\nHost: kong.test\r\nConnection: close\r\n\r\n");

    assert_memory_equal(hear_all(room, fd), "HTTP/1.1 200 OK\r\n", 17);
    assert_string_equal(room->path, "/services");
    assert_string_equal(room->query, "size=1");
}

static void answers_without_a_body_have_none(void **state)
{
    struct room *room = *state;
    room->status = 204;

    run_call(room, "/", (struct http_call){.method = "DELETE"});
    assert_int_equal(room->ended.status, 204);
    assert_int_equal(room->ended.body_length, 0);

    room->status = 409;
    run_call(room, "/", (struct http_call){0});
    assert_int_equal(room->ended.status, 409);
    assert_string_equal(room->ended.body, "{\"a\":1}");
}

static void a_body_at_the_limit_is_taken_and_over_it_gets_413(void **state)
{
    struct room *room = *state;
    char body[1001];
    memset(body, 'b', sizeof(body));

    run_call(room, "/", (struct http_call){.method = "POST", .body = body, .body_length = 1000});
    assert_int_equal(room->ended.status, 200);
    assert_int_equal(room->body_length, 1000);

    run_call(room, "/", (struct http_call){.method = "POST", .body = body, .body_length = 1001});
    assert_int_equal(room->ended.status, 413);
    assert_int_equal(room->requests, 1);
}

static void a_far_too_big_body_gets_413_too(void **state)
{
    struct room *room = *state;
    size_t length = 64u << 20;
    char *body = xcalloc(1, length);

    run_call(room, "/", (struct http_call){.method = "POST", .body = body, .body_length = length});

    assert_int_equal(room->ended.status, 413);
    assert_int_equal(room->requests, 0);
    free(body);
}

static void a_chunked_body_over_the_limit_does_not_reach_the_handler(void **state)
{
    struct room *room = *state;
    int fd = dial(room);
    struct buf text = BUF_OWN;
    buf_append_text(&text, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 20; i++)
        buf_printf(&text, "64\r\n%0100d\r\n", 7);
    buf_append_text(&text, "0\r\n\r\n");

    say(fd, buf_text(&text));
    shutdown(fd, SHUT_WR);
    const char *heard = hear_all(room, fd);

    assert_int_equal(room->requests, 0);
    assert_true(*heard == '\0' || strncmp(heard, "HTTP/1.1 413", 12) == 0);
    buf_done(&text);
}

static void an_answer_may_come_later(void **state)
{
    struct room *room = *state;
    room->keep = true;
    send_call(room, "/", (struct http_call){0});
    assert_true(wait_until(room->loop, &room->requests, 1));
    assert_int_equal(room->ended.count, 0);

    http_answer(room->kept, 201, NULL, "later", 5);
    assert_true(wait_until(room->loop, &room->ended.count, 1));

    assert_int_equal(room->ended.status, 201);
    assert_string_equal(room->ended.body, "later");
}

static void answering_a_client_that_left_does_no_harm(void **state)
{
    struct room *room = *state;
    room->keep = true;
    struct http_request *request = send_call(room, "/", (struct http_call){0});
    assert_true(wait_until(room->loop, &room->requests, 1));

    http_cancel(request);
    http_client_free(room->client);
    room->client = NULL;
    for (int i = 0; i < 5; i++)
        loop_run_once(room->loop, false);
    http_answer(room->kept, 200, NULL, "nobody hears", 12);
    for (int i = 0; i < 5; i++)
        loop_run_once(room->loop, false);

    assert_int_equal(room->ended.count, 0);
}

static void answering_after_the_server_has_gone_does_no_harm(void **state)
{
    struct room *room = *state;
    room->keep = true;
    send_call(room, "/", (struct http_call){0});
    assert_true(wait_until(room->loop, &room->requests, 1));

    http_server_free(room->server);
    room->server = NULL;
    http_answer(room->kept, 200, NULL, "too late", 8);
    assert_true(wait_until(room->loop, &room->ended.count, 1));

    assert_int_equal(room->ended.code, -ERR_CONNECT);
}

static void a_dropped_exchange_cuts_the_connection(void **state)
{
    struct room *room = *state;
    room->drop = true;

    run_call(room, "/", (struct http_call){0});

    assert_int_equal(room->ended.status, 0);
    assert_int_equal(room->ended.code, -ERR_CONNECT);
}

static void a_server_may_be_freed_while_an_exchange_is_being_dropped(void **state)
{
    struct room *room = *state;
    room->keep = true;
    send_call(room, "/", (struct http_call){0});
    assert_true(wait_until(room->loop, &room->requests, 1));

    http_drop(room->kept);
    http_server_free(room->server);
    room->server = NULL;
    assert_true(wait_until(room->loop, &room->ended.count, 1));

    assert_int_equal(room->ended.code, -ERR_CONNECT);
}

static int take_piece(void *user, const char *data, size_t length)
{
    struct ended *ended = user;
    ended->count += 100;
    ended->body_length += length;
    return 0;
}

static void an_answer_may_come_in_pieces(void **state)
{
    struct room *room = *state;
    room->keep = true;
    send_call(room, "/", (struct http_call){.chunk = take_piece});
    assert_true(wait_until(room->loop, &room->requests, 1));

    http_answer_begin(room->kept, 200, NULL);
    http_answer_piece(room->kept, "one", 3);
    assert_true(wait_until(room->loop, &room->ended.count, 100));
    assert_int_equal(room->ended.body_length, 3);
    http_answer_piece(room->kept, "three", 5);
    assert_true(wait_until(room->loop, &room->ended.count, 200));
    http_answer_end(room->kept);
    assert_true(wait_until(room->loop, &room->ended.count, 201));

    assert_int_equal(room->ended.status, 200);
    assert_int_equal(room->ended.code, 0);
}

static void pieces_for_a_client_that_left_do_no_harm(void **state)
{
    struct room *room = *state;
    room->keep = true;
    struct http_request *request = send_call(room, "/", (struct http_call){.chunk = take_piece});
    assert_true(wait_until(room->loop, &room->requests, 1));
    http_answer_begin(room->kept, 200, NULL);
    http_answer_piece(room->kept, "one", 3);
    assert_true(wait_until(room->loop, &room->ended.count, 100));

    http_cancel(request);
    for (int i = 0; i < 20; i++) {
        http_answer_piece(room->kept, "nobody hears", 12);
        loop_run_once(room->loop, false);
    }
    http_answer_end(room->kept);
    loop_run_once(room->loop, false);

    assert_int_equal(room->ended.count, 100);
}

static void a_stream_that_is_dropped_is_cut_off(void **state)
{
    struct room *room = *state;
    room->keep = true;
    send_call(room, "/", (struct http_call){.chunk = take_piece});
    assert_true(wait_until(room->loop, &room->requests, 1));
    http_answer_begin(room->kept, 200, NULL);
    http_answer_piece(room->kept, "one", 3);
    assert_true(wait_until(room->loop, &room->ended.count, 100));

    http_drop(room->kept);
    assert_true(wait_until(room->loop, &room->ended.count, 101));

    assert_int_equal(room->ended.status, 200);
    assert_int_equal(room->ended.code, -ERR_CONNECT);
}

static void rubbish_ends_its_own_connection_only(void **state)
{
    struct room *room = *state;
    int fd = dial(room);

    say(fd, "\x16\x03\x01 rubbish\r\n\r\n");
    hear_all(room, fd);
    run_call(room, "/", (struct http_call){0});

    assert_int_equal(room->requests, 1);
    assert_int_equal(room->ended.status, 200);
}

static void a_line_break_in_a_header_is_not_sent(void **state)
{
    struct room *room = *state;
    struct http_headers headers = HTTP_HEADERS_INIT;
    http_headers_add(&headers, "X-Evil", "a\r\nSet-Cookie: b");
    room->keep = true;
    int fd = dial(room);
    say(fd, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert_true(wait_until(room->loop, &room->requests, 1));

    http_answer(room->kept, 200, &headers, "", 0);
    const char *heard = hear_all(room, fd);

    assert_memory_equal(heard, "HTTP/1.1 200 OK\r\n", 17);
    assert_null(strstr(heard, "Set-Cookie"));
    http_headers_done(&headers);
}

static void addresses_are_understood_or_refused_with_a_hint(void **state)
{
    static const struct {
        const char *listen;
        bool good;
    } cases[] = {{":0", true},           {"localhost:0", true},      {"127.0.0.1", false}, {"127.0.0.1:", false},
                 {"127.0.0.1:x", false}, {"127.0.0.1:70000", false}, {"::1:80", false},    {"", false}};
    struct room *room = *state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct http_server_options options = {.listen = cases[i].listen};
        struct http_server *server = NULL;
        struct err err = ERR_INIT;

        int rc = http_server_new(room->loop, &options, on_request, room, &server, &err);

        if ((rc == 0) != cases[i].good)
            fail_msg("'%s' gave %d: %s", cases[i].listen, rc, err.text);
        assert_true(rc == 0 ? http_server_port(server) > 0 : strstr(err.text, "write host:port") != NULL);
        http_server_free(server);
    }
}

static void a_port_in_use_is_said(void **state)
{
    struct room *room = *state;
    struct http_server *second = NULL;
    struct err err = ERR_INIT;
    char *listen = xasprintf("127.0.0.1:%d", http_server_port(room->server));
    struct http_server_options options = {.listen = listen};

    assert_int_equal(http_server_new(room->loop, &options, on_request, room, &second, &err), -ERR_CONNECT);

    assert_non_null(strstr(err.text, "in use"));
    free(listen);
}

#define WITH_ROOM(test) cmocka_unit_test_setup_teardown(test, make_room, free_room)

struct streaming {
    struct room *room;
    int left;
};

static void note_left(void *user)
{
    struct streaming *streaming = user;
    streaming->left++;
}

static int open_stream(struct room *room, struct streaming *streaming)
{
    int fd = dial(room);
    room->keep = true;
    int before = room->requests;
    say(fd, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_true(wait_until(room->loop, &room->requests, before + 1));
    streaming->room = room;
    http_answer_begin(room->kept, 200, NULL);
    http_answer_stream(room->kept, note_left, streaming);
    return fd;
}

static void a_stream_is_told_once_that_its_client_has_left(void **state)
{
    struct room *room = *state;
    struct streaming streaming = {0};
    int fd = open_stream(room, &streaming);
    http_answer_piece(room->kept, "one", 3);

    close(fd);
    assert_true(wait_until(room->loop, &streaming.left, 1));
    http_answer_piece(room->kept, "two", 3);
    assert_int_equal(http_answer_waiting(room->kept), 0);
    http_answer_end(room->kept);

    assert_int_equal(streaming.left, 1);
}

static void a_stream_that_was_ended_or_dropped_is_not_told(void **state)
{
    struct room *room = *state;
    struct streaming ended = {0}, dropped = {0};
    int fd = open_stream(room, &ended);
    struct http_exchange *first = room->kept;
    int other = open_stream(room, &dropped);

    http_answer_end(first);
    http_drop(room->kept);
    hear_all(room, other);

    close(fd);
    assert_int_equal(ended.left + dropped.left, 0);
}

static void what_a_client_does_not_read_waits(void **state)
{
    struct room *room = *state;
    struct streaming streaming = {0};
    int fd = open_stream(room, &streaming);
    size_t size = 8u << 20; /* more than the sockets take */
    char *much = xcalloc(1, size);

    assert_true(http_answer_waiting(room->kept) < 1000);
    http_answer_piece(room->kept, much, size);
    for (int i = 0; i < 20; i++)
        loop_run_once(room->loop, false);
    assert_true(http_answer_waiting(room->kept) > 0);
    http_drop(room->kept);
    for (int i = 0; i < 3; i++)
        loop_run_once(room->loop, false);

    close(fd);
    free(much);
}

static void count_up(void *user)
{
    ++*(int *)user;
}

static void a_client_that_only_listens_is_not_cut(void **state)
{
    struct room *room = *state;
    struct err err = ERR_INIT;
    struct http_server_options options = {.listen = "127.0.0.1:0", .idle_ms = 100};
    http_server_free(room->server);
    assert_int_equal(http_server_new(room->loop, &options, on_request, room, &room->server, &err), 0);
    struct streaming streaming = {0};
    int fd = open_stream(room, &streaming);
    int pauses = 0;
    struct loop_timer *pause = loop_timer_new(room->loop, count_up, &pauses);

    loop_timer_start(pause, 500);
    assert_true(wait_until(room->loop, &pauses, 1));

    assert_int_equal(streaming.left, 0);
    http_answer_piece(room->kept, "still there", 11);
    http_answer_end(room->kept);
    shutdown(fd, SHUT_WR);
    assert_non_null(strstr(hear_all(room, fd), "still there"));
    loop_timer_free(pause);
}

static void a_stream_is_told_that_its_server_has_gone(void **state)
{
    struct room *room = *state;
    struct streaming streaming = {0};
    int fd = open_stream(room, &streaming);

    http_server_free(room->server);
    room->server = NULL;
    assert_int_equal(streaming.left, 1);
    http_answer_end(room->kept);

    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ROOM(a_request_arrives_as_it_was_sent),
        WITH_ROOM(every_method_is_handed_over),
        WITH_ROOM(an_absolute_uri_is_reduced_to_its_path),
        WITH_ROOM(answers_without_a_body_have_none),
        WITH_ROOM(a_body_at_the_limit_is_taken_and_over_it_gets_413),
        WITH_ROOM(a_far_too_big_body_gets_413_too),
        WITH_ROOM(a_chunked_body_over_the_limit_does_not_reach_the_handler),
        WITH_ROOM(an_answer_may_come_later),
        WITH_ROOM(answering_a_client_that_left_does_no_harm),
        WITH_ROOM(answering_after_the_server_has_gone_does_no_harm),
        WITH_ROOM(a_dropped_exchange_cuts_the_connection),
        WITH_ROOM(a_server_may_be_freed_while_an_exchange_is_being_dropped),
        WITH_ROOM(an_answer_may_come_in_pieces),
        WITH_ROOM(pieces_for_a_client_that_left_do_no_harm),
        WITH_ROOM(a_stream_that_is_dropped_is_cut_off),
        WITH_ROOM(rubbish_ends_its_own_connection_only),
        WITH_ROOM(a_line_break_in_a_header_is_not_sent),
        WITH_ROOM(addresses_are_understood_or_refused_with_a_hint),
        WITH_ROOM(a_port_in_use_is_said),
        WITH_ROOM(a_stream_is_told_once_that_its_client_has_left),
        WITH_ROOM(a_stream_that_was_ended_or_dropped_is_not_told),
        WITH_ROOM(what_a_client_does_not_read_waits),
        WITH_ROOM(a_client_that_only_listens_is_not_cut),
        WITH_ROOM(a_stream_is_told_that_its_server_has_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
