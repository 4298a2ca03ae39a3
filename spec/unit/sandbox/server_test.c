/* A sandbox behind real sockets: plain, TLS, client certificates, and faults of connections. */
#include "asking.h"
#include "certificates.h"
#include "net/http_client.h"
#include "sandbox/server.h"
#include "waiting.h"

struct fixture {
    struct loop *loop;
    struct sandbox *sandbox;
    struct sandbox_server *server;
    struct http_client *client;
    int done;
    int status;
    int code; /* of the client's error */
    char body[4096];
};

static void start(struct fixture *fixture, const struct sandbox_server_options *server, const struct http_tls *tls)
{
    struct err err = ERR_INIT;
    *fixture = (struct fixture){.sandbox = controlled()};
    assert_int_equal(loop_new(&fixture->loop, &err), 0);
    assert_int_equal(sandbox_server_new(fixture->loop, fixture->sandbox, server, &fixture->server, &err), 0);
    struct http_client_options options = {.user_agent = "test"};
    if (tls != NULL)
        options.tls = *tls;
    assert_int_equal(http_client_new(fixture->loop, &options, &fixture->client, &err), 0);
}

static void stop(struct fixture *fixture)
{
    http_client_free(fixture->client);
    sandbox_server_free(fixture->server);
    sandbox_free(fixture->sandbox);
    loop_free(fixture->loop);
}

static void on_done(void *user, const struct http_result *result)
{
    struct fixture *fixture = user;
    fixture->status = result->status;
    fixture->code = result->err->code;
    snprintf(fixture->body, sizeof(fixture->body), "%s", result->status != 0 ? result->body : "");
    fixture->done++;
}

static struct http_request *send_request(struct fixture *fixture, const char *scheme, const char *method,
                                         const char *target, const char *body)
{
    struct http_headers headers = HTTP_HEADERS_INIT;
    http_headers_add(&headers, "Content-Type", "application/json");
    AUTO(text) char *url = xasprintf("%s://127.0.0.1:%d%s", scheme, sandbox_server_port(fixture->server), target);
    struct http_call call = {
        .method = method,
        .url = url,
        .headers = &headers,
        .body = body,
        .body_length = body != NULL ? strlen(body) : 0,
        .timeout_ms = 15000,
        .done = on_done,
        .user = fixture,
    };
    struct http_request *request = http_send(fixture->client, &call);
    http_headers_done(&headers);
    return request;
}

static void exchange(struct fixture *fixture, const char *scheme, const char *method, const char *target,
                     const char *body)
{
    fixture->done = 0;
    send_request(fixture, scheme, method, target, body);
    assert_true(wait_until(fixture->loop, &fixture->done, 1));
}

static void entities_come_and_go_over_http(void **state)
{
    struct fixture fixture;
    start(&fixture, &(struct sandbox_server_options){.listen = "127.0.0.1:0"}, NULL);

    exchange(&fixture, "http", "PUT", "/services/s", "{\"host\":\"h\"}");
    assert_int_equal(fixture.status, 200);
    exchange(&fixture, "http", "GET", "/services?size=1", NULL);
    assert_int_equal(fixture.status, 200);
    assert_non_null(strstr(fixture.body, "\"name\":\"s\""));
    exchange(&fixture, "http", "HEAD", "/services/s", NULL);
    assert_int_equal(fixture.status, 200);
    exchange(&fixture, "http", "DELETE", "/services/s", NULL);
    assert_int_equal(fixture.status, 204);
    exchange(&fixture, "http", "GET", "/services/s", NULL);
    assert_int_equal(fixture.status, 404);

    stop(&fixture);
}

static void tls_asks_for_the_client_certificate_when_it_should(void **state)
{
    struct certificate authority = certificate_make(NULL, "authority", NULL, true);
    struct certificate server = certificate_make(&authority, "server", "IP:127.0.0.1", false);
    struct certificate client = certificate_make(&authority, "client", NULL, false);
    struct sandbox_server_options options = {.listen = "127.0.0.1:0",
                                             .cert_pem = server.cert_pem,
                                             .key_pem = server.key_pem,
                                             .client_ca_pem = authority.cert_pem};
    struct http_tls with = {
        .ca_pem = authority.cert_pem, .client_cert_pem = client.cert_pem, .client_key_pem = client.key_pem};
    struct http_tls without = {.ca_pem = authority.cert_pem};
    struct fixture fixture;

    start(&fixture, &options, &with);
    exchange(&fixture, "https", "GET", "/status", NULL);
    assert_int_equal(fixture.status, 200);
    stop(&fixture);

    start(&fixture, &options, &without);
    exchange(&fixture, "https", "GET", "/status", NULL);
    assert_int_equal(fixture.status, 0);
    assert_int_equal(sandbox_request_count(fixture.sandbox), 0);
    stop(&fixture);

    certificate_done(&authority);
    certificate_done(&server);
    certificate_done(&client);
}

static void a_dropped_connection_has_no_answer(void **state)
{
    struct fixture fixture;
    start(&fixture, &(struct sandbox_server_options){.listen = "127.0.0.1:0"}, NULL);
    exchange(&fixture, "http", "PUT", "/sandbox/faults",
             "{\"faults\":[{\"path\":\"^/services\",\"action\":\"drop\",\"after\":true}]}");

    exchange(&fixture, "http", "PUT", "/services/s", "{\"host\":\"h\"}");
    assert_int_equal(fixture.status, 0);
    assert_true(fixture.code != 0);

    exchange(&fixture, "http", "DELETE", "/sandbox/faults", NULL);
    exchange(&fixture, "http", "GET", "/services/s", NULL);
    assert_int_equal(fixture.status, 200);
    stop(&fixture);
}

static void a_late_answer_comes_after_a_prompt_one(void **state)
{
    struct fixture fixture;
    start(&fixture, &(struct sandbox_server_options){.listen = "127.0.0.1:0"}, NULL);
    exchange(&fixture, "http", "PUT", "/sandbox/faults",
             "{\"faults\":[{\"path\":\"^/services/slow\",\"action\":\"delay\",\"delay_ms\":300}]}");

    fixture.done = 0;
    send_request(&fixture, "http", "GET", "/services/slow", NULL);
    send_request(&fixture, "http", "GET", "/services", NULL);
    assert_true(wait_until(fixture.loop, &fixture.done, 1));
    assert_int_equal(fixture.status, 200);
    assert_true(wait_until(fixture.loop, &fixture.done, 2));
    assert_int_equal(fixture.status, 404);

    stop(&fixture);
}

static void a_hanging_request_ends_with_the_server(void **state)
{
    struct fixture fixture;
    start(&fixture, &(struct sandbox_server_options){.listen = "127.0.0.1:0"}, NULL);
    exchange(&fixture, "http", "PUT", "/sandbox/faults",
             "{\"faults\":[{\"path\":\"^/services/s$\",\"action\":\"hang\"}]}");
    fixture.done = 0;
    struct http_request *hanging = send_request(&fixture, "http", "GET", "/services/s", NULL);
    send_request(&fixture, "http", "GET", "/services", NULL);
    assert_true(wait_until(fixture.loop, &fixture.done, 1));

    while (sandbox_request_count(fixture.sandbox) < 2)
        loop_run_once(fixture.loop, true);

    assert_int_equal(fixture.done, 1);
    http_cancel(hanging);
    stop(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entities_come_and_go_over_http),
        cmocka_unit_test(tls_asks_for_the_client_certificate_when_it_should),
        cmocka_unit_test(a_dropped_connection_has_no_answer),
        cmocka_unit_test(a_late_answer_comes_after_a_prompt_one),
        cmocka_unit_test(a_hanging_request_ends_with_the_server),
    };
    return cmocka_run_group_tests_name("sandbox server", tests, NULL, NULL);
}
