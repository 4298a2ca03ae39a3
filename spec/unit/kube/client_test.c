/* Requests, credentials that change, and what answers mean. */
#include "base/clock.h"
#include "certificates.h"
#include "kube_room.h"
#include "net/http_server.h"
#include "scratch.h"

static void note(void *user, const struct kube_answer *answer)
{
    AUTO(text) char *line = xasprintf("%s %d", kube_failure_text(answer->failure), answer->status);
    room_tell(user, line);
}

static struct kube_request *get(struct kube_room *room, const char *path)
{
    struct kube_call call = {.verb = KUBE_GET, .path = path, .done = note, .user = room};
    return kube_client_send(room->client, &call);
}

static void answers_have_a_class(void **state)
{
    static const struct {
        int status;
        const char *reason;
        enum kube_failure failure;
    } cases[] = {
        {200, NULL, KUBE_OK},
        {201, "", KUBE_OK},
        {400, "BadRequest", KUBE_INVALID},
        {401, "Unauthorized", KUBE_UNAUTHORIZED},
        {403, "Forbidden", KUBE_DENIED},
        {404, "NotFound", KUBE_NOT_FOUND},
        {409, "Conflict", KUBE_CONFLICT},
        {409, "AlreadyExists", KUBE_CONFLICT},
        {410, "Gone", KUBE_GONE},
        {410, NULL, KUBE_GONE},
        {0, "Expired", KUBE_GONE},
        {422, "Invalid", KUBE_INVALID},
        {429, NULL, KUBE_TOO_MANY},
        {500, "InternalError", KUBE_SERVER_ERROR},
        {503, NULL, KUBE_SERVER_ERROR},
        {302, NULL, KUBE_UNEXPECTED},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(kube_failure_of(cases[i].status, cases[i].reason), cases[i].failure);
}

static void paths_name_group_namespace_and_subresource(void **state)
{
    AUTO(text) char *core = kube_path("", "v1", "services", "n", "s", "status");
    AUTO(text) char *group = kube_path("networking.k8s.io", "v1", "ingresses", NULL, NULL, NULL);
    AUTO(text) char *scoped = kube_path("x.io", "v2", "things", "", "t", "");

    assert_string_equal(core, "/api/v1/namespaces/n/services/s/status");
    assert_string_equal(group, "/apis/networking.k8s.io/v1/ingresses");
    assert_string_equal(scoped, "/apis/x.io/v2/things/t");
}

static void note_refusal(void *user, const struct kube_answer *answer)
{
    AUTO(text)
    char *line = xasprintf("%s|%s|%llu", answer->reason, answer->err->text, (unsigned long long)answer->retry_after_ms);
    room_tell(user, line);
}

static void a_refusal_tells_the_servers_words_and_delay(void **state)
{
    static const struct step steps[] = {
        {"POST /api/v1/things?x=1 ", 429, "{\"reason\":\"TooManyRequests\",\"message\":\"slow down\"}", false,
         "Retry-After: 3\r\n"},
        END,
    };
    struct kube_room *room = *state;
    room->steps = steps;
    struct kube_call call = {.verb = KUBE_CREATE,
                             .path = "/api/v1/things",
                             .query = "x=1",
                             .body = "{}",
                             .body_length = 2,
                             .done = note_refusal,
                             .user = room};

    kube_client_send(room->client, &call);

    room_expect(room, "TooManyRequests|POST /api/v1/things: 429 too many requests: slow down|3000\n");
}

static void each_verb_says_what_it_sends(void **state)
{
    static const struct step steps[] = {
        ANSWER("Content-Type: application/merge-patch+json", 200, "{}"),
        ANSWER("Content-Type: application/apply-patch+yaml", 200, "{}"),
        ANSWER("PUT /p HTTP/1.1", 200, "{}"),
        ANSWER("DELETE /p HTTP/1.1", 200, "{}"),
        END,
    };
    static const enum kube_verb verbs[] = {KUBE_PATCH_MERGE, KUBE_PATCH_APPLY, KUBE_PUT, KUBE_DELETE};
    struct kube_room *room = *state;
    room->steps = steps;
    AUTO(text) char *story = xstrdup("");
    for (size_t i = 0; i < COUNT_OF(verbs); i++) {
        struct kube_call call = {
            .verb = verbs[i], .path = "/p", .body = "{}", .body_length = 2, .done = note, .user = room};
        AUTO(text) char *longer = xasprintf("%sok 200\n", story);
        kube_client_send(room->client, &call);

        room_expect(room, longer);
        char *old = story;
        story = TAKE(longer);
        free(old);
    }
}

static int make_bare(void **state)
{
    *state = room_new();
    return 0;
}

static void a_refused_token_is_read_again_from_its_file(void **state)
{
    static const struct step steps[] = {
        ANSWER("Authorization: Bearer one\r\n", 200, "{}"),
        ANSWER("Authorization: Bearer one\r\n", 401, "{}"),
        ANSWER("Authorization: Bearer two\r\n", 200, "{}"),
        ANSWER("Authorization: Bearer two\r\n", 401, "{}"),
        END,
    };
    struct kube_room *room = *state;
    struct scratch scratch;
    scratch_make(&scratch);
    scratch_write(&scratch, "token", "one\n");
    struct kube_config *config = room_config(room);
    config->token_file = xasprintf("%s/token", scratch.path);
    room_connect(room, config, 0);
    room->steps = steps;
    get(room, "/p");
    room_expect(room, "ok 200\n");

    scratch_write(&scratch, "token", "two\n");
    get(room, "/p");
    room_expect(room, "ok 200\nok 200\n");
    get(room, "/p");

    room_expect(room, "ok 200\nok 200\nnot authenticated 401\n");
    scratch_remove(&scratch);
}

static void without_a_readable_token_file_requests_fail_and_say_so(void **state)
{
    struct kube_room *room = *state;
    struct kube_config *config = room_config(room);
    config->token_file = xstrdup("/nonexistent/token");
    room_connect(room, config, 0);

    get(room, "/p");

    room_expect(room, "no credentials 0\n");
    assert_int_equal(room->server.requests, 0);
}

static struct kube_config *with_program(const struct kube_room *room, const char *script)
{
    struct kube_config *config = room_config(room);
    struct kube_exec *exec = config->exec = xcalloc(1, sizeof(*exec));
    exec->api_version = xstrdup("client.authentication.k8s.io/v1");
    exec->command = xstrdup("sh");
    exec->arguments = xcalloc(3, sizeof(char *));
    exec->arguments[0] = xstrdup("-c");
    exec->arguments[1] = xstrdup(script);
    exec->environment = xcalloc(2, sizeof(char *));
    exec->environment[0] = xstrdup("TOKEN=from-env");
    return config;
}

#define CREDENTIAL(status)                                                                                             \
    "echo '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":" status "}'"

static size_t runs_in(const struct scratch *scratch)
{
    AUTO(text) char *path = xasprintf("%s/runs", scratch->path);
    struct buf runs = BUF_INIT(1000);
    struct err err = ERR_INIT;
    assert_int_equal(file_read(path, &runs, &err), 0);
    size_t count = runs.length;
    buf_done(&runs);
    return count;
}

static void a_credential_program_gives_the_token_once_for_many_requests(void **state)
{
    static const struct step steps[] = {
        ANSWER("Authorization: Bearer from-env\r\n", 200, "{}"),
        ANSWER("Authorization: Bearer from-env\r\n", 200, "{}"),
        END,
    };
    struct kube_room *room = *state;
    struct scratch scratch;
    scratch_make(&scratch);
    AUTO(text) char *script = xasprintf("printf x >> %s/runs; " CREDENTIAL("{\"token\":\"'$TOKEN'\"}"), scratch.path);
    room_connect(room, with_program(room, script), 1);
    room->steps = steps;

    get(room, "/p");
    get(room, "/p");
    room_expect(room, "ok 200\nok 200\n");

    assert_int_equal(runs_in(&scratch), 1);
    scratch_remove(&scratch);
}

static void ask_again(void *user)
{
    get(user, "/p");
}

static void an_expired_credential_is_asked_for_again_but_not_without_pause(void **state)
{
    static struct step steps[200];
    for (size_t i = 0; i + 1 < COUNT_OF(steps); i++)
        steps[i] = (struct step)ANSWER("Authorization: Bearer t", 200, "{}");
    struct kube_room *room = *state;
    struct scratch scratch;
    scratch_make(&scratch);
    AUTO(text)
    char *script = xasprintf(
        "printf x >> %s/runs; " CREDENTIAL("{\"token\":\"t\",\"expirationTimestamp\":\"2020-01-01T00:00:00Z\"}"),
        scratch.path);
    room_connect(room, with_program(room, script), 0);
    room->steps = steps;
    struct loop_timer *timer = loop_timer_new(room->loop, ask_again, room);

    get(room, "/p");
    assert_true(wait_until(room->loop, &room->told, 1));
    assert_int_equal(runs_in(&scratch), 1);
    for (int told = 1; told < 150 && runs_in(&scratch) < 2; told++) {
        loop_timer_start(timer, 20);
        assert_true(wait_until(room->loop, &room->told, told + 1));
    }

    assert_int_equal(runs_in(&scratch), 2);
    assert_null(room->unexpected);
    loop_timer_free(timer);
    scratch_remove(&scratch);
}

static void a_failing_credential_program_fails_requests_without_showing_what_it_printed(void **state)
{
    static const char *const scripts[] = {"echo hush; exit 3", "echo hush", CREDENTIAL("{}"),
                                          CREDENTIAL("{\"token\":\"hush hush\"}")};
    for (size_t i = 0; i < COUNT_OF(scripts); i++) {
        void *each = room_new();
        struct kube_room *room = each;
        room_connect(room, with_program(room, scripts[i]), 0);
        struct kube_call call = {.verb = KUBE_GET, .path = "/p", .done = note_refusal, .user = room};

        kube_client_send(room->client, &call);
        assert_true(wait_until(room->loop, &room->told, 1));

        assert_non_null(strstr(buf_text(&room->story), "credential program 'sh'"));
        assert_null(strstr(buf_text(&room->story), "hush"));
        room_drop(&each);
    }
}

static void count_done(void *user, const struct kube_answer *answer)
{
    room_tell(user, "done");
}

static void no_more_requests_are_under_way_than_agreed(void **state)
{
    struct kube_room *room = *state;
    static const struct step steps[] = {STREAM("/p", ""), STREAM("/p", ""), STREAM("/p", ""), END};
    room_connect(room, room_config(room), 2);
    room->steps = steps;
    struct kube_call call = {.verb = KUBE_GET, .path = "/p", .done = count_done, .user = room};
    for (int i = 0; i < 3; i++)
        kube_client_send(room->client, &call);

    room_expect_steps(room, 2);
    loop_run_once(room->loop, false);
    assert_int_equal(room->server.requests, 2);
    room_end(room->stream);

    room_expect_steps(room, 3);
    assert_int_equal(room->told, 1);
}

static void a_cancelled_request_is_never_heard_of_again(void **state)
{
    static const struct step steps[] = {STREAM("/under-way", ""), ANSWER("/last", 200, "{}"), END};
    struct kube_room *room = *state;
    room_connect(room, room_config(room), 0);
    room->steps = steps;
    struct kube_request *under_way = get(room, "/under-way");
    room_expect_steps(room, 1);
    struct kube_request *queued = get(room, "/queued");

    kube_client_cancel(under_way);
    kube_client_cancel(queued);
    get(room, "/last");

    room_expect(room, "ok 200\n");
}

static void answer_whoami(void *user, struct http_exchange *exchange, const struct http_incoming *request)
{
    http_answer(exchange, 200, NULL, "{}", 2);
}

static void client_certificates_and_authorities_come_from_the_configuration(void **state)
{
    struct kube_room *room = *state;
    struct certificate authority = certificate_make(NULL, "authority", NULL, true);
    struct certificate server_cert = certificate_make(&authority, "api", "DNS:api.test", false);
    struct certificate client_cert = certificate_make(&authority, "client", NULL, false);
    struct http_server_options options = {.listen = "127.0.0.1:0",
                                          .cert_pem = server_cert.cert_pem,
                                          .key_pem = server_cert.key_pem,
                                          .client_ca_pem = authority.cert_pem};
    struct http_server *server = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(http_server_new(room->loop, &options, answer_whoami, room, &server, &err), 0);
    struct kube_config *config = room_config(room);
    free(config->server);
    config->server = xasprintf("https://127.0.0.1:%d", http_server_port(server));
    config->ca_pem = xstrdup(authority.cert_pem);
    config->tls_server_name = xstrdup("api.test");
    config->client_cert_pem = xstrdup(client_cert.cert_pem);
    config->client_key_pem = xstrdup(client_cert.key_pem);
    room_connect(room, config, 0);

    get(room, "/p");

    room_expect(room, "ok 200\n");
    http_server_free(server);
    certificate_done(&authority);
    certificate_done(&server_cert);
    certificate_done(&client_cert);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, room_make, room_drop)
#define BARE(name) cmocka_unit_test_setup_teardown(name, make_bare, room_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_have_a_class),
        cmocka_unit_test(paths_name_group_namespace_and_subresource),
        TEST(a_refusal_tells_the_servers_words_and_delay),
        TEST(each_verb_says_what_it_sends),
        BARE(a_refused_token_is_read_again_from_its_file),
        BARE(without_a_readable_token_file_requests_fail_and_say_so),
        BARE(a_credential_program_gives_the_token_once_for_many_requests),
        BARE(an_expired_credential_is_asked_for_again_but_not_without_pause),
        cmocka_unit_test(a_failing_credential_program_fails_requests_without_showing_what_it_printed),
        BARE(no_more_requests_are_under_way_than_agreed),
        BARE(a_cancelled_request_is_never_heard_of_again),
        BARE(client_certificates_and_authorities_come_from_the_configuration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
