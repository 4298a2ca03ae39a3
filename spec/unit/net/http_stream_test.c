/* Streams, and what may be done from within callbacks. */
#include "http_client_room.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
