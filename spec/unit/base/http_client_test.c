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

static void on_request(void *user, struct raw_connection *connection, const char *request)
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

static void make_client(struct room *room, struct http_client_options options)
{
    struct err err = ERR_INIT;
    http_client_free(room->client);
    assert_int_equal(http_client_new(room->loop, &options, &room->client, &err), 0);
}

static int make_room(void **state)
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

static int free_room(void **state)
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

static void send_call(struct room *room, struct http_call call)
{
    call.method = call.method != NULL ? call.method : "GET";
    call.url = call.url != NULL ? call.url : room->url;
    call.done = call.done != NULL ? call.done : ended_note;
    call.user = call.user != NULL ? call.user : &room->ended;
    room->sent = http_send(room->client, &call);
}

static void run_call(struct room *room, struct http_call call)
{
    int before = room->ended.count;
    send_call(room, call);
    assert_int_equal(room->ended.count, before);
    assert_true(wait_until(room->loop, &room->ended.count, before + 1));
}

static void an_answer_is_handed_over_whole(void **state)
{
    struct room *room = *state;

    run_call(room, (struct http_call){0});

    assert_int_equal(room->ended.status, 200);
    assert_int_equal(room->ended.code, 0);
    assert_string_equal(room->ended.body, "hello");
    assert_string_equal(room->ended.kind, "text/plain");
    assert_memory_equal(room->request, "GET /path HTTP/1.1\r\n", 20);
    assert_non_null(strstr(room->request, "User-Agent: kongruent/test\r\n"));
    assert_null(strcasestr(room->request, "accept-encoding"));
}

static void methods_headers_and_bodies_go_out_as_given(void **state)
{
    struct room *room = *state;
    struct http_headers headers = HTTP_HEADERS_INIT;
    http_headers_add(&headers, "X-Empty", "");
    http_headers_add(&headers, "X-Full", "a b");

    run_call(room, (struct http_call){.method = "PATCH", .headers = &headers, .body = "{}", .body_length = 2});

    assert_memory_equal(room->request, "PATCH /path HTTP/1.1\r\n", 22);
    assert_non_null(strstr(room->request, "X-Empty:"));
    assert_non_null(strstr(room->request, "X-Full: a b\r\n"));
    assert_non_null(strstr(room->request, "Content-Length: 2\r\n"));
    assert_non_null(strstr(room->request, "\r\n\r\n{}"));
    assert_null(strcasestr(room->request, "expect:"));
    assert_null(strcasestr(room->request, "content-type:"));
    http_headers_done(&headers);
}

static void a_big_body_goes_out_without_being_asked_for(void **state)
{
    struct room *room = *state;
    char *body = xcalloc(1, 100001);
    memset(body, 'b', 100000);

    run_call(room, (struct http_call){.method = "PUT", .body = body, .body_length = 100000});

    assert_null(strcasestr(room->request, "expect:"));
    assert_string_equal(strstr(room->request, "\r\n\r\n") + 4, body);
    free(body);
}

static void a_post_without_a_body_says_so(void **state)
{
    struct room *room = *state;

    run_call(room, (struct http_call){.method = "POST"});
    assert_non_null(strstr(room->request, "Content-Length: 0\r\n"));

    run_call(room, (struct http_call){.method = "DELETE"});
    assert_memory_equal(room->request, "DELETE /path", 12);
    assert_null(strstr(room->request, "Content-Length"));
}

static void a_path_is_sent_as_it_is(void **state)
{
    struct room *room = *state;
    char *url = xasprintf("http://127.0.0.1:%d/a/../b%%2Fc?d=%%20", room->server.port);

    run_call(room, (struct http_call){.url = url});

    assert_memory_equal(room->request, "GET /a/../b%2Fc?d=%20 ", 22);
    free(url);
}

static void requests_in_a_row_share_a_connection(void **state)
{
    struct room *room = *state;

    for (int i = 0; i < 20; i++)
        run_call(room, (struct http_call){0});

    assert_int_equal(room->server.requests, 20);
    assert_int_equal(room->server.accepted, 1);
}

static void no_more_connections_are_made_than_allowed(void **state)
{
    struct room *room = *state;
    make_client(room, (struct http_client_options){.max_connections = 3});

    for (int i = 0; i < 50; i++)
        send_call(room, (struct http_call){0});
    assert_true(wait_until(room->loop, &room->ended.count, 50));

    assert_int_equal(room->server.requests, 50);
    assert_int_equal(room->server.accepted, 3);
}

static void a_waiting_request_runs_out_of_time_too(void **state)
{
    struct room *room = *state;
    struct ended waiting = {0};
    room->answer = NULL;
    make_client(room, (struct http_client_options){.max_connections = 1});
    send_call(room, (struct http_call){0});
    assert_true(wait_until(room->loop, &room->server.requests, 1));

    send_call(room, (struct http_call){.timeout_ms = 50, .user = &waiting});
    assert_true(wait_until(room->loop, &waiting.count, 1));

    assert_int_equal(waiting.code, -ERR_TIMEOUT);
    assert_int_equal(room->server.requests, 1);
    assert_int_equal(room->ended.count, 0);
    ended_done(&waiting);
}

static void new_tls_settings_close_idle_connections(void **state)
{
    struct room *room = *state;
    run_call(room, (struct http_call){0});

    http_client_set_tls(room->client, &(struct http_tls){.skip_verify = true});
    assert_true(wait_until(room->loop, &room->server.closed, 1));
    run_call(room, (struct http_call){0});

    assert_int_equal(room->server.accepted, 2);
}

static void new_tls_settings_leave_requests_under_way_alone(void **state)
{
    struct room *room = *state;
    room->answer = NULL;
    send_call(room, (struct http_call){0});
    assert_true(wait_until(room->loop, &room->server.requests, 1));

    http_client_set_tls(room->client, &(struct http_tls){.skip_verify = true});
    raw_say(room->connection, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    assert_true(wait_until(room->loop, &room->ended.count, 1));

    assert_int_equal(room->ended.status, 200);
    assert_string_equal(room->ended.body, "ok");
}

static void idle_connections_are_closed_after_their_time(void **state)
{
    struct room *room = *state;
    make_client(room, (struct http_client_options){.idle_close_ms = 30});
    run_call(room, (struct http_call){0});

    assert_true(wait_until(room->loop, &room->server.closed, 1));

    run_call(room, (struct http_call){0});
    assert_int_equal(room->server.accepted, 2);
}

static void an_error_status_is_an_answer(void **state)
{
    struct room *room = *state;
    room->answer = "HTTP/1.1 503 No\r\nContent-Length: 4\r\n\r\nbusy";

    run_call(room, (struct http_call){0});

    assert_int_equal(room->ended.status, 503);
    assert_int_equal(room->ended.code, 0);
    assert_string_equal(room->ended.body, "busy");
}

static void nobody_listening_is_no_connection(void **state)
{
    struct room *room = *state;
    int port = room->server.port;
    char *url = xasprintf("http://user:secret@127.0.0.1:%d/path?token=secret", port);
    raw_server_done(&room->server);

    run_call(room, (struct http_call){.url = url});

    assert_int_equal(room->ended.status, 0);
    assert_int_equal(room->ended.code, -ERR_CONNECT);
    assert_null(strstr(room->ended.text, "secret"));
    char *origin = xasprintf("http://127.0.0.1:%d: ", port);
    assert_memory_equal(room->ended.text, origin, strlen(origin));
    raw_server_init(&room->server, room->loop, on_request, room);
    free(origin);
    free(url);
}

static void a_dropped_connection_is_an_error(void **state)
{
    struct room *room = *state;
    room->answer = NULL;
    room->then_close = true;

    run_call(room, (struct http_call){0});

    assert_int_equal(room->ended.status, 0);
    assert_int_equal(room->ended.code, -ERR_CONNECT);
    assert_int_equal(room->server.requests, 1);
}

static void an_answer_cut_off_keeps_its_status_and_says_so(void **state)
{
    struct room *room = *state;
    room->answer = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this";
    room->then_close = true;

    run_call(room, (struct http_call){0});

    assert_int_equal(room->ended.status, 200);
    assert_int_equal(room->ended.code, -ERR_CONNECT);
    assert_string_equal(room->ended.body, "only this");
}

static void what_is_not_http_is_refused(void **state)
{
    struct room *room = *state;
    room->answer = "SSH-2.0-OpenSSH_9.2\r\n";
    room->then_close = true;

    run_call(room, (struct http_call){0});

    assert_int_equal(room->ended.status, 0);
    assert_true(room->ended.code < 0);
}

static void an_answer_over_the_limit_is_cut(void **state)
{
    struct room *room = *state;

    run_call(room, (struct http_call){.answer_limit = 5});
    assert_int_equal(room->ended.code, 0);

    run_call(room, (struct http_call){.answer_limit = 4});
    assert_int_equal(room->ended.code, -ERR_TOO_BIG);
}

static void endless_headers_are_cut(void **state)
{
    struct room *room = *state;
    struct buf answer = BUF_OWN;
    buf_append_text(&answer, "HTTP/1.1 200 OK\r\n");
    while (answer.length < 300000)
        buf_printf(&answer, "X-%zu: %060d\r\n", answer.length, 7);
    buf_append_text(&answer, "Content-Length: 0\r\n\r\n");
    room->answer = buf_text(&answer);

    run_call(room, (struct http_call){0});

    assert_int_equal(room->ended.code, -ERR_TOO_BIG);
    buf_done(&answer);
}

static void interim_answers_are_passed_over(void **state)
{
    struct room *room = *state;
    room->answer = "HTTP/1.1 103 Early Hints\r\nContent-Type: early\r\n\r\n"
                   "HTTP/1.1 200 OK\r\nContent-Type: final\r\nContent-Length: 2\r\n\r\nok";

    run_call(room, (struct http_call){0});

    assert_int_equal(room->ended.status, 200);
    assert_string_equal(room->ended.kind, "final");
}

static void an_answer_that_does_not_come_runs_out_of_time(void **state)
{
    struct room *room = *state;
    room->answer = NULL;

    run_call(room, (struct http_call){.timeout_ms = 50});

    assert_int_equal(room->ended.status, 0);
    assert_int_equal(room->ended.code, -ERR_TIMEOUT);
    assert_non_null(strstr(room->ended.text, "not done within 50 ms"));
    assert_true(wait_until(room->loop, &room->server.closed, 1));
}

static int take_piece(void *user, const char *data, size_t length)
{
    struct room *room = user;
    buf_append(&room->pieces, data, length);
    room->piece_count++;
    return room->chunk_result;
}

static void note_in_room(void *user, const struct http_result *result)
{
    ended_note(&((struct room *)user)->ended, result);
}

static const char stream_start[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

static void open_stream(struct room *room, struct http_call call)
{
    room->answer = stream_start;
    call.chunk = take_piece;
    call.done = note_in_room;
    call.user = room;
    send_call(room, call);
    assert_true(wait_until(room->loop, &room->server.requests, 1));
}

static void a_stream_is_handed_over_as_it_arrives(void **state)
{
    struct room *room = *state;
    open_stream(room, (struct http_call){0});

    raw_say(room->connection, "4\r\none\n\r\n");
    assert_true(wait_until(room->loop, &room->piece_count, 1));
    assert_string_equal(buf_text(&room->pieces), "one\n");

    raw_say(room->connection, "4\r\ntwo\n\r\n");
    assert_true(wait_until(room->loop, &room->piece_count, 2));
    assert_string_equal(buf_text(&room->pieces), "one\ntwo\n");
    assert_int_equal(room->ended.count, 0);

    raw_say(room->connection, "0\r\n\r\n");
    assert_true(wait_until(room->loop, &room->ended.count, 1));
    assert_int_equal(room->ended.code, 0);
    assert_int_equal(room->ended.body_length, 0);
}

static void count_up(void *user)
{
    ++*(int *)user;
}

static void a_silent_stream_ends_and_a_talking_one_does_not(void **state)
{
    struct room *room = *state;
    int pauses = 0;
    struct loop_timer *pause = loop_timer_new(room->loop, count_up, &pauses);
    open_stream(room, (struct http_call){.idle_timeout_ms = 900});

    /* longer than the limit in all, well below it each */
    for (int i = 1; i <= 4; i++) {
        loop_timer_start(pause, 250);
        assert_true(wait_until(room->loop, &pauses, i));
        raw_say(room->connection, "1\r\nx\r\n");
        assert_true(wait_until(room->loop, &room->piece_count, i));
    }
    assert_int_equal(room->ended.count, 0);
    assert_true(wait_until(room->loop, &room->ended.count, 1));

    assert_int_equal(room->ended.status, 200);
    assert_int_equal(room->ended.code, -ERR_TIMEOUT);
    assert_non_null(strstr(room->ended.text, "nothing was received for 900 ms"));
    loop_timer_free(pause);
}

static void the_body_of_an_error_is_not_streamed(void **state)
{
    struct room *room = *state;
    room->answer = "HTTP/1.1 410 Gone\r\nContent-Length: 3\r\n\r\nold";

    send_call(room, (struct http_call){.chunk = take_piece, .done = note_in_room, .user = room});
    assert_true(wait_until(room->loop, &room->ended.count, 1));

    assert_int_equal(room->piece_count, 0);
    assert_int_equal(room->ended.status, 410);
    assert_string_equal(room->ended.body, "old");
}

static void a_reader_that_refuses_ends_the_stream_with_its_code(void **state)
{
    struct room *room = *state;
    room->chunk_result = -ERR_PARSE;
    open_stream(room, (struct http_call){0});

    raw_say(room->connection, "1\r\nx\r\n");
    assert_true(wait_until(room->loop, &room->ended.count, 1));

    assert_int_equal(room->ended.code, -ERR_PARSE);
    assert_int_equal(room->piece_count, 1);
}

static void a_cancelled_request_does_not_call_back_and_is_cut(void **state)
{
    struct room *room = *state;
    room->answer = NULL;
    send_call(room, (struct http_call){.timeout_ms = 10000, .idle_timeout_ms = 10000});
    assert_true(wait_until(room->loop, &room->server.requests, 1));

    http_cancel(room->sent);
    http_cancel(NULL);
    assert_true(wait_until(room->loop, &room->server.closed, 1));

    assert_int_equal(room->ended.count, 0);
}

static int cancel_within(void *user, const char *data, size_t length)
{
    struct room *room = user;
    room->piece_count++;
    http_cancel(room->sent);
    return 0;
}

static void a_stream_may_be_cancelled_from_within(void **state)
{
    struct room *room = *state;
    room->answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n";

    send_call(room, (struct http_call){.chunk = cancel_within, .done = note_in_room, .user = room});
    assert_true(wait_until(room->loop, &room->server.closed, 1));

    assert_int_equal(room->piece_count, 1);
    assert_int_equal(room->ended.count, 0);
}

static int send_within(void *user, const char *data, size_t length)
{
    struct room *room = user;
    room->piece_count++;
    send_call(room, (struct http_call){0});
    return 0;
}

static void ignore(void *user, const struct http_result *result)
{
}

static void a_request_may_be_sent_from_within_a_stream(void **state)
{
    struct room *room = *state;

    send_call(room, (struct http_call){.chunk = send_within, .done = ignore, .user = room});
    assert_true(wait_until(room->loop, &room->ended.count, 1));

    assert_int_equal(room->ended.status, 200);
    assert_int_equal(room->server.requests, 2);
}

static int free_within(void *user, const char *data, size_t length)
{
    struct room *room = user;
    http_client_free(room->client);
    room->client = NULL;
    return 0;
}

static void a_client_may_be_freed_from_within_a_stream(void **state)
{
    struct room *room = *state;

    send_call(room, (struct http_call){.chunk = free_within, .done = note_in_room, .user = room});
    send_call(room, (struct http_call){.done = note_in_room, .user = room});
    assert_true(wait_until(room->loop, &room->server.closed, 1));

    assert_int_equal(room->ended.count, 0);
}

static void free_at_end(void *user, const struct http_result *result)
{
    struct room *room = user;
    note_in_room(user, result);
    http_cancel(room->sent);
    http_client_free(room->client);
    room->client = NULL;
}

static void a_client_may_be_freed_from_within_an_end(void **state)
{
    struct room *room = *state;
    struct ended other = {0};
    send_call(room, (struct http_call){.user = &other, .url = "http://127.0.0.1:1/"});
    send_call(room, (struct http_call){.done = free_at_end, .user = room});

    assert_true(wait_until(room->loop, &room->ended.count, 1));

    assert_null(room->client);
    ended_done(&other);
}

static void a_client_freed_in_mid_request_is_silent(void **state)
{
    struct room *room = *state;
    room->answer = NULL;
    send_call(room, (struct http_call){.timeout_ms = 10000});
    assert_true(wait_until(room->loop, &room->server.requests, 1));

    http_client_free(room->client);
    room->client = NULL;
    assert_true(wait_until(room->loop, &room->server.closed, 1));

    assert_int_equal(room->ended.count, 0);
}

static void malformed_calls_fail_later_and_send_nothing(void **state)
{
    struct room *room = *state;
    struct http_headers headers = HTTP_HEADERS_INIT;
    http_headers_add(&headers, "X-Injected", "a\r\nEvil: yes");

    run_call(room, (struct http_call){.headers = &headers});
    assert_int_equal(room->ended.code, -ERR_INVALID);
    run_call(room, (struct http_call){.method = "GET /evil HTTP/1.1\r\nX:"});
    assert_int_equal(room->ended.code, -ERR_INVALID);
    run_call(room, (struct http_call){.url = "gopher://127.0.0.1/"});
    assert_int_equal(room->ended.code, -ERR_INVALID);
    run_call(room, (struct http_call){.url = "no url at all"});
    assert_true(room->ended.code < 0);

    assert_int_equal(room->server.requests, 0);
    http_headers_done(&headers);
}

static void the_environment_names_no_proxy(void **state)
{
    struct room *room = *state;
    setenv("http_proxy", "http://127.0.0.1:1", 1);

    run_call(room, (struct http_call){0});

    unsetenv("http_proxy");
    assert_int_equal(room->ended.status, 200);
}

static void a_proxy_that_was_asked_for_is_used(void **state)
{
    struct room *room = *state;
    char *proxy = xasprintf("http://127.0.0.1:%d", room->server.port);
    make_client(room, (struct http_client_options){.proxy_url = proxy});

    run_call(room, (struct http_call){.url = "http://far.test/path"});

    assert_memory_equal(room->request, "GET http://far.test/path HTTP/1.1\r\n", 35);
    assert_int_equal(room->ended.status, 200);
    free(proxy);
}

#define WITH_ROOM(test) cmocka_unit_test_setup_teardown(test, make_room, free_room)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ROOM(an_answer_is_handed_over_whole),
        WITH_ROOM(methods_headers_and_bodies_go_out_as_given),
        WITH_ROOM(a_big_body_goes_out_without_being_asked_for),
        WITH_ROOM(a_post_without_a_body_says_so),
        WITH_ROOM(a_path_is_sent_as_it_is),
        WITH_ROOM(requests_in_a_row_share_a_connection),
        WITH_ROOM(no_more_connections_are_made_than_allowed),
        WITH_ROOM(a_waiting_request_runs_out_of_time_too),
        WITH_ROOM(new_tls_settings_close_idle_connections),
        WITH_ROOM(new_tls_settings_leave_requests_under_way_alone),
        WITH_ROOM(idle_connections_are_closed_after_their_time),
        WITH_ROOM(an_error_status_is_an_answer),
        WITH_ROOM(nobody_listening_is_no_connection),
        WITH_ROOM(a_dropped_connection_is_an_error),
        WITH_ROOM(an_answer_cut_off_keeps_its_status_and_says_so),
        WITH_ROOM(what_is_not_http_is_refused),
        WITH_ROOM(an_answer_over_the_limit_is_cut),
        WITH_ROOM(endless_headers_are_cut),
        WITH_ROOM(interim_answers_are_passed_over),
        WITH_ROOM(an_answer_that_does_not_come_runs_out_of_time),
        WITH_ROOM(a_stream_is_handed_over_as_it_arrives),
        WITH_ROOM(a_silent_stream_ends_and_a_talking_one_does_not),
        WITH_ROOM(the_body_of_an_error_is_not_streamed),
        WITH_ROOM(a_reader_that_refuses_ends_the_stream_with_its_code),
        WITH_ROOM(a_cancelled_request_does_not_call_back_and_is_cut),
        WITH_ROOM(a_stream_may_be_cancelled_from_within),
        WITH_ROOM(a_request_may_be_sent_from_within_a_stream),
        WITH_ROOM(a_client_may_be_freed_from_within_a_stream),
        WITH_ROOM(a_client_may_be_freed_from_within_an_end),
        WITH_ROOM(a_client_freed_in_mid_request_is_silent),
        WITH_ROOM(malformed_calls_fail_later_and_send_nothing),
        WITH_ROOM(the_environment_names_no_proxy),
        WITH_ROOM(a_proxy_that_was_asked_for_is_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
