/* Client and server together over real TLS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "certificates.h"
#include "exchange.h"
#include "net/http_server.h"
#include "waiting.h"

struct room {
    struct loop *loop;
    struct certificate authority, other_authority, server_cert, client_cert, stranger_cert;
    struct http_server *server;
    struct http_client *client;
    struct ended ended;
    char *host; /* header of the last request */
    int requests;
};

static void on_request(void *user, struct http_exchange *exchange, const struct http_incoming *request)
{
    struct room *room = user;
    free(room->host);
    room->host = xstrdup(http_headers_find(request->headers, "host"));
    room->requests++;
    http_answer(exchange, 200, NULL, "hello", 5);
}

static int make_room(void **state)
{
    struct room *room = xcalloc(1, sizeof(*room));
    struct err err = ERR_INIT;
    *state = room;
    room->authority = certificate_make(NULL, "authority", NULL, true);
    room->other_authority = certificate_make(NULL, "other authority", NULL, true);
    room->server_cert = certificate_make(&room->authority, "server", "DNS:pod.svc.ns.svc,DNS:localhost", false);
    room->client_cert = certificate_make(&room->authority, "client", NULL, false);
    room->stranger_cert = certificate_make(&room->other_authority, "client", NULL, false);
    return loop_new(&room->loop, &err);
}

static int free_room(void **state)
{
    struct room *room = *state;
    http_client_free(room->client);
    http_server_free(room->server);
    loop_free(room->loop);
    ended_done(&room->ended);
    certificate_done(&room->authority);
    certificate_done(&room->other_authority);
    certificate_done(&room->server_cert);
    certificate_done(&room->client_cert);
    certificate_done(&room->stranger_cert);
    free(room->host);
    free(room);
    return 0;
}

static void make_server(struct room *room, const char *client_ca)
{
    struct err err = ERR_INIT;
    struct http_server_options options = {.listen = "127.0.0.1:0",
                                          .cert_pem = room->server_cert.cert_pem,
                                          .key_pem = room->server_cert.key_pem,
                                          .client_ca_pem = client_ca};
    assert_int_equal(http_server_new(room->loop, &options, on_request, room, &room->server, &err), 0);
}

static void make_client(struct room *room, struct http_tls tls)
{
    struct err err = ERR_INIT;
    struct http_client_options options = {.tls = tls};
    http_client_free(room->client);
    room->client = NULL;
    assert_int_equal(http_client_new(room->loop, &options, &room->client, &err), 0);
}

static void run_call(struct room *room, const char *host)
{
    int before = room->ended.count;
    char *url = xasprintf("https://%s:%d/", host, http_server_port(room->server));
    struct http_call call = {.method = "GET", .url = url, .done = ended_note, .user = &room->ended};
    http_send(room->client, &call);
    free(url);
    assert_true(wait_until(room->loop, &room->ended.count, before + 1));
}

static void a_trusted_server_is_talked_to(void **state)
{
    struct room *room = *state;
    make_server(room, NULL);
    make_client(room, (struct http_tls){.ca_pem = room->authority.cert_pem});

    run_call(room, "localhost");

    assert_int_equal(room->ended.code, 0);
    assert_int_equal(room->ended.status, 200);
    assert_string_equal(room->ended.body, "hello");
}

static void a_server_of_another_authority_is_refused(void **state)
{
    struct room *room = *state;
    make_server(room, NULL);
    make_client(room, (struct http_tls){.ca_pem = room->other_authority.cert_pem});

    run_call(room, "localhost");
    assert_int_equal(room->ended.status, 0);
    assert_int_equal(room->ended.code, -ERR_TLS);

    make_client(room, (struct http_tls){0});
    run_call(room, "localhost");
    assert_int_equal(room->ended.code, -ERR_TLS);
    assert_int_equal(room->requests, 0);
}

static void a_server_of_another_name_is_refused(void **state)
{
    struct room *room = *state;
    make_server(room, NULL);
    make_client(room, (struct http_tls){.ca_pem = room->authority.cert_pem});

    run_call(room, "127.0.0.1");
    assert_int_equal(room->ended.code, -ERR_TLS);

    make_client(room, (struct http_tls){.ca_pem = room->authority.cert_pem, .server_name = "other.svc"});
    run_call(room, "localhost");
    assert_int_equal(room->ended.code, -ERR_TLS);
    assert_non_null(strstr(room->ended.text, "127.0.0.1") ?: strstr(room->ended.text, "localhost"));
    assert_int_equal(room->requests, 0);
}

static void the_name_to_verify_may_differ_from_the_host(void **state)
{
    struct room *room = *state;
    make_server(room, NULL);
    make_client(room, (struct http_tls){.ca_pem = room->authority.cert_pem, .server_name = "pod.svc.ns.svc"});

    run_call(room, "127.0.0.1");

    assert_int_equal(room->ended.code, 0);
    assert_int_equal(room->ended.status, 200);
    assert_memory_equal(room->host, "pod.svc.ns.svc", 14);
}

static void verification_may_be_left_out_when_asked(void **state)
{
    struct room *room = *state;
    make_server(room, NULL);
    make_client(room, (struct http_tls){.skip_verify = true});

    run_call(room, "127.0.0.1");

    assert_int_equal(room->ended.status, 200);
}

static void a_client_certificate_opens_the_door(void **state)
{
    struct room *room = *state;
    make_server(room, room->authority.cert_pem);
    make_client(room, (struct http_tls){.ca_pem = room->authority.cert_pem,
                                        .client_cert_pem = room->client_cert.cert_pem,
                                        .client_key_pem = room->client_cert.key_pem});

    run_call(room, "localhost");

    assert_int_equal(room->ended.code, 0);
    assert_int_equal(room->ended.status, 200);
}

static void no_client_certificate_or_a_foreign_one_is_refused(void **state)
{
    struct room *room = *state;
    make_server(room, room->authority.cert_pem);
    make_client(room, (struct http_tls){.ca_pem = room->authority.cert_pem});

    run_call(room, "localhost");
    assert_int_equal(room->ended.status, 0);
    assert_int_equal(room->ended.code, -ERR_TLS);

    make_client(room, (struct http_tls){.ca_pem = room->authority.cert_pem,
                                        .client_cert_pem = room->stranger_cert.cert_pem,
                                        .client_key_pem = room->stranger_cert.key_pem});
    run_call(room, "localhost");
    assert_int_equal(room->ended.status, 0);
    assert_int_equal(room->ended.code, -ERR_TLS);
    assert_int_equal(room->requests, 0);
}

static void new_settings_count_from_the_next_connection(void **state)
{
    struct room *room = *state;
    make_server(room, room->authority.cert_pem);
    make_client(room, (struct http_tls){.ca_pem = room->authority.cert_pem,
                                        .client_cert_pem = room->client_cert.cert_pem,
                                        .client_key_pem = room->client_cert.key_pem});
    run_call(room, "localhost");
    assert_int_equal(room->ended.status, 200);

    http_client_set_tls(room->client, &(struct http_tls){.ca_pem = room->authority.cert_pem});
    run_call(room, "localhost");
    assert_int_equal(room->ended.code, -ERR_TLS);

    http_client_set_tls(room->client, &(struct http_tls){.ca_pem = room->authority.cert_pem,
                                                         .client_cert_pem = room->client_cert.cert_pem,
                                                         .client_key_pem = room->client_cert.key_pem});
    run_call(room, "localhost");
    assert_int_equal(room->ended.status, 200);
}

static void a_key_of_another_certificate_is_refused_at_once(void **state)
{
    struct room *room = *state;
    struct err err = ERR_INIT;
    struct http_client_options client = {
        .tls = {.client_cert_pem = room->client_cert.cert_pem, .client_key_pem = room->stranger_cert.key_pem}};
    struct http_client_options half = {.tls = {.client_cert_pem = room->client_cert.cert_pem}};
    struct http_server_options server = {
        .listen = "127.0.0.1:0", .cert_pem = room->server_cert.cert_pem, .key_pem = room->stranger_cert.key_pem};

    assert_int_equal(http_client_new(room->loop, &client, &room->client, &err), -ERR_INVALID);
    assert_int_equal(http_client_new(room->loop, &half, &room->client, &err), -ERR_INVALID);
    assert_int_equal(http_server_new(room->loop, &server, on_request, room, &room->server, &err), -ERR_INVALID);
}

static void plain_http_is_not_served_over_tls(void **state)
{
    struct room *room = *state;
    make_server(room, NULL);
    make_client(room, (struct http_tls){0});
    char *url = xasprintf("http://localhost:%d/", http_server_port(room->server));
    struct http_call call = {.method = "GET", .url = url, .done = ended_note, .user = &room->ended};

    http_send(room->client, &call);
    assert_true(wait_until(room->loop, &room->ended.count, 1));

    assert_int_equal(room->ended.status, 0);
    assert_true(room->ended.code < 0);
    assert_int_equal(room->requests, 0);
    free(url);
}

#define WITH_ROOM(test) cmocka_unit_test_setup_teardown(test, make_room, free_room)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ROOM(a_trusted_server_is_talked_to),
        WITH_ROOM(a_server_of_another_authority_is_refused),
        WITH_ROOM(a_server_of_another_name_is_refused),
        WITH_ROOM(the_name_to_verify_may_differ_from_the_host),
        WITH_ROOM(verification_may_be_left_out_when_asked),
        WITH_ROOM(a_client_certificate_opens_the_door),
        WITH_ROOM(no_client_certificate_or_a_foreign_one_is_refused),
        WITH_ROOM(new_settings_count_from_the_next_connection),
        WITH_ROOM(a_key_of_another_certificate_is_refused_at_once),
        WITH_ROOM(plain_http_is_not_served_over_tls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
