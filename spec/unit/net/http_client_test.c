#include "http_client_room.h"

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
    size_t length = 3u << 20; /* curl asks first above 1 MiB */
    char *body = xcalloc(1, length + 1);
    memset(body, 'b', length);

    run_call(room, (struct http_call){.method = "PUT", .body = body, .body_length = length});

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

static void close_second(void *user, struct raw_connection *connection, const char *request)
{
    struct room *room = user;
    if (room->server.requests == 2)
        raw_close(connection);
    else
        raw_say(connection, room->answer);
}

static void a_request_on_a_kept_connection_that_closes_is_sent_again(void **state)
{
    struct room *room = *state;
    room->server.on_request = close_second;
    run_call(room, (struct http_call){0});

    run_call(room, (struct http_call){.method = "PUT", .body = "{}", .body_length = 2});

    assert_int_equal(room->ended.status, 200);
    assert_int_equal(room->server.requests, 3);
    assert_int_equal(room->server.accepted, 2);
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
        WITH_ROOM(a_request_on_a_kept_connection_that_closes_is_sent_again),
        WITH_ROOM(an_answer_cut_off_keeps_its_status_and_says_so),
        WITH_ROOM(what_is_not_http_is_refused),
        WITH_ROOM(an_answer_over_the_limit_is_cut),
        WITH_ROOM(endless_headers_are_cut),
        WITH_ROOM(interim_answers_are_passed_over),
        WITH_ROOM(an_answer_that_does_not_come_runs_out_of_time),
        WITH_ROOM(malformed_calls_fail_later_and_send_nothing),
        WITH_ROOM(the_environment_names_no_proxy),
        WITH_ROOM(a_proxy_that_was_asked_for_is_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
