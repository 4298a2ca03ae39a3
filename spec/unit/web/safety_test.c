/* What a page must never do: show a secret, take a name for markup, or let anything from elsewhere in. */
#include "page_room.h"

#include "base/hash.h"
#include "certificates.h"
#include "overview.h"

static const char *const DEBUG[] = {"--dump-config", "--profiling", "--feature-gates=GatewayAlpha=true", NULL};

static const char *const PATHS[] = {
    "/",
    "/status.json",
    "/metrics",
    "/api/overview",
    "/api/rules",
    "/api/objects?limit=1000",
    "/api/entities?limit=1000",
    "/api/problems?limit=1000",
    "/debug/problems?limit=1000",
    "/debug/plan?limit=1000",
    "/debug/plan?limit=1000&state=programmed,refused,withheld,pending,incomplete",
    "/debug/explain?limit=1000",
    "/debug/explain?entity=route",
    "/debug/profile",
};

#define SECRET_MARK "hunter2"

static void add_secret(struct buf *out, const char *name, const char *labels, const char *const *fields)
{
    buf_printf(out, "apiVersion: v1\nkind: Secret\nmetadata: {name: %s, namespace: shop, labels: {%s}}\nstringData:\n",
               name, labels);
    for (; *fields != NULL; fields += 2)
        buf_printf(out, "  %s: |-\n    %s\n", fields[0], fields[1]);
    buf_append_text(out, "---\n");
}

static void add_credential(struct buf *out, const char *type, const char *const *fields)
{
    AUTO(text) char *label = xasprintf("konghq.com/credential: %s", type);
    add_secret(out, type, label, fields);
}

static void write_credentials(struct room *room)
{
    AUTO(buf) struct buf out = BUF_OWN;
    add_credential(&out, "key-auth", (const char *const[]){"key", "hunter2-key-auth", NULL});
    add_credential(&out, "basic-auth",
                   (const char *const[]){"username", "alice", "password", "hunter2-basic-auth", NULL});
    add_credential(&out, "hmac-auth", (const char *const[]){"username", "alice", "secret", "hunter2-hmac-auth", NULL});
    add_credential(
        &out, "jwt",
        (const char *const[]){"key", "issuer-of-alice", "secret", "hunter2-jwt-secret", "algorithm", "HS256", NULL});
    add_credential(&out, "oauth2",
                   (const char *const[]){"name", "app", "client_id", "id-of-app", "client_secret",
                                         "hunter2-client-secret", "redirect_uris", "https://a.test", NULL});
    add_credential(&out, "acl", (const char *const[]){"group", "friends", NULL});
    buf_append_text(
        &out, "apiVersion: configuration.konghq.com/v1\nkind: KongConsumer\nmetadata: {name: alice, namespace: shop, "
              "annotations: {kubernetes.io/ingress.class: kong}}\nusername: alice\n"
              "credentials: [key-auth, basic-auth, hmac-auth, jwt, oauth2, acl]\n---\n");
    scratch_write(&room->scratch, "credentials.yaml", buf_text(&out));
}

/* A good one, one that the gateway refuses, and one whose values no schema marks as secret. */
static void write_plugins(struct room *room)
{
    AUTO(buf) struct buf out = BUF_OWN;
    add_secret(&out, "session", "a: b", (const char *const[]){"config", "{\"secret\": \"hunter2-session\"}", NULL});
    add_secret(&out, "adder", "a: b",
               (const char *const[]){"config", "{\"add\": {\"headers\": [\"X-Token:hunter2-header\"]}}", NULL});
    add_secret(
        &out, "wrong", "a: b",
        (const char *const[]){"config", "{\"add\": {\"headers\": \"hunter2-wrong\"}, \"bogus-field\": 1}", NULL});
    static const char *const plugins[][2] = {
        {"session", "session"}, {"adder", "request-transformer"}, {"wrong", "response-transformer"}};
    for (size_t i = 0; i < COUNT_OF(plugins); i++)
        buf_printf(&out,
                   "apiVersion: configuration.konghq.com/v1\nkind: KongPlugin\nmetadata: {name: %s, namespace: shop}\n"
                   "plugin: %s\nconfigFrom: {secretKeyRef: {name: %s, key: config}}\n---\n",
                   plugins[i][0], plugins[i][1], plugins[i][0]);
    buf_append_text(&out,
                    "apiVersion: configuration.konghq.com/v1alpha1\nkind: KongVault\nmetadata: {name: vault, "
                    "annotations: {kubernetes.io/ingress.class: kong}}\nspec: {backend: env, prefix: own, config: "
                    "{prefix: hunter2-vault}}\n---\n");
    buf_append_text(&out, ROOM_SERVICE("web", "shop"));
    for (size_t i = 0; i < COUNT_OF(plugins); i++)
        buf_printf(
            &out,
            "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i%zu, namespace: shop, annotations: "
            "{konghq.com/plugins: %s}}\nspec: {ingressClassName: kong, tls: [{hosts: [i%zu.test], secretName: "
            "pair}], rules: [{host: i%zu.test, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: "
            "web, port: {number: 80}}}}]}}]}\n---\n",
            i, plugins[i][0], i, i);
    scratch_write(&room->scratch, "plugins.yaml", buf_text(&out));
}

/* The text of a key without its frame, so that any part of it is found. */
static char *write_pair(struct room *room)
{
    struct certificate pair = certificate_make(NULL, "shop", "DNS:i0.test", false);
    AUTO(buf) struct buf cert = BUF_OWN, key = BUF_OWN, out = BUF_OWN;
    hash_base64_encode(pair.cert_pem, strlen(pair.cert_pem), &cert);
    hash_base64_encode(pair.key_pem, strlen(pair.key_pem), &key);
    buf_printf(&out,
               "apiVersion: v1\nkind: Secret\ntype: kubernetes.io/tls\nmetadata: {name: pair, namespace: shop, uid: "
               "7c0b5cc1-4f2a-4a6e-9d53-0d6f4a4b6a10}\ndata: {tls.crt: %s, tls.key: %s}\n",
               buf_text(&cert), buf_text(&key));
    scratch_write(&room->scratch, "pair.yaml", buf_text(&out));
    const char *body = strchr(pair.key_pem, '\n') + 1;
    char *line = xstrndup(body, strcspn(body, "\n"));
    certificate_done(&pair);
    return line;
}

static void assert_no_secret(struct room *room, const char *path, const char *key_line)
{
    static const char *const marks[] = {SECRET_MARK, "aHVudGVyM" /* its base64, as far as it is always the same */};
    const char *body = get(room, path);
    for (size_t i = 0; i < COUNT_OF(marks); i++)
        if (strcasestr(body, marks[i]) != NULL)
            fail_msg("%s shows a secret: %.60s", path, strcasestr(body, marks[i]));
    if (strstr(body, key_line) != NULL || strstr(body, "PRIVATE KEY") != NULL)
        fail_msg("%s shows a private key", path);
    assert_int_equal(room->ended.status, 200);
}

static void no_secret_is_ever_shown(void **state)
{
    struct room *room = *state;
    write_credentials(room);
    write_plugins(room);
    AUTO(text) char *key_line = write_pair(room);
    begin_room(room, DEBUG);
    wait_for(room, is_settled);

    for (size_t i = 0; i < COUNT_OF(PATHS); i++)
        assert_no_secret(room, PATHS[i], key_line);

    /* … and there was something to show. */
    static const char *const kinds[] = {"key_auth", "basic_auth",  "hmac_auth", "jwt",  "oauth2",
                                        "acl",      "certificate", "plugin",    "vault"};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        AUTO(text) char *path = xasprintf("/api/entities?kind=%s", kinds[i]);
        AUTO(json) struct json *list = get_json(room, path);
        if (number_of(list, "total") == 0)
            fail_msg("there is no %s", kinds[i]);
        assert_no_secret(room, path, key_line);
    }
    AUTO(json) struct json *refused = get_json(room, "/debug/plan?state=refused");
    assert_true(number_of(refused, "total") != 0);
    static const char *const objects[] = {"v1/Secret&name=key-auth", "v1/Secret&name=pair", "v1/Secret&name=session",
                                          "configuration.konghq.com/v1/KongConsumer&name=alice",
                                          "configuration.konghq.com/v1/KongPlugin&name=wrong"};
    for (size_t i = 0; i < COUNT_OF(objects); i++) {
        AUTO(text) char *path = xasprintf("/api/object?namespace=shop&kind=%s", objects[i]);
        assert_no_secret(room, path, key_line);
    }
}

static void names_of_an_address_are_not_shown(void **state)
{
    static const struct {
        const char *url, *plain;
    } cases[] = {
        {"https://kong:8444", "https://kong:8444"},
        {"https://admin:hunter2@kong:8444/a@b", "https://***@kong:8444/a@b"},
        {"http://hunter2@kong", "http://***@kong"},
        {"http://a:b@c@kong:1", "http://***@kong:1"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(text) char *plain = overview_plain_url(cases[i].url);
        assert_string_equal(plain, cases[i].plain);
    }
}

#define MARKUP "<img src=x onerror=alert(1)>"

static void nothing_from_outside_is_markup(void **state)
{
    struct room *room = *state;
    scratch_write(
        &room->scratch, "hostile.yaml",
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: '<img src=x onerror=alert(1)>', "
        "namespace: '\"><script>alert(2)</script>', annotations: {konghq.com/plugins: '" MARKUP "'}}\n"
        "spec: {ingressClassName: kong, rules: [{host: a.test, http: {paths: [{path: /, pathType: Prefix, backend: "
        "{service: {name: '</td></table><script>alert(3)</script>', port: {number: 80}}}}]}}]}\n");
    begin_room(room, DEBUG);
    wait_for(room, is_settled);

    const char *page = get(room, "/");

    assert_null(strstr(page, "<img src=x"));
    assert_null(strcasestr(page, "<script>alert"));
    assert_non_null(strstr(page, "&lt;img src=x onerror=alert(1)&gt;"));
    for (size_t i = 1; i < COUNT_OF(PATHS); i++) {
        get(room, PATHS[i]);
        assert_null(strstr(room->ended.kind, "html"));
    }
    AUTO(json) struct json *list = get_json(room, "/api/objects?kind=Ingress");
    assert_string_equal(json_find_text(json_at(json_find(list, "rows"), 0), "name"), MARKUP);
}

struct headers {
    int count;
    char *policy, *sniff, *frame, *type;
};

static void note_headers(void *user, const struct http_result *result)
{
    struct headers *headers = user;
    headers->count++;
    headers->policy = xstrdup(http_headers_find(result->headers, "content-security-policy"));
    headers->sniff = xstrdup(http_headers_find(result->headers, "x-content-type-options"));
    headers->frame = xstrdup(http_headers_find(result->headers, "x-frame-options"));
    headers->type = xstrdup(http_headers_find(result->headers, "content-type"));
}

static void nothing_is_loaded_run_or_framed_from_elsewhere(void **state)
{
    struct room *room = *state;
    begin_room(room, NULL);
    static const char *const paths[] = {"/", "/assets/page.js", "/assets/page.css", "/api/objects", "/nowhere"};
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        struct headers headers = {0};
        AUTO(text) char *url = xasprintf("http://127.0.0.1:%d%s", web_server_metrics_port(room->server), paths[i]);
        struct http_call call = {.method = "GET", .url = url, .done = note_headers, .user = &headers};
        http_send(room->client, &call);
        assert_true(wait_until(room->loop, &headers.count, 1));
        assert_non_null(strstr(headers.policy, "default-src 'none'"));
        assert_non_null(strstr(headers.policy, "require-trusted-types-for 'script'"));
        assert_null(strstr(headers.policy, "unsafe"));
        assert_string_equal(headers.sniff, "nosniff");
        assert_string_equal(headers.frame, "DENY");
        free(headers.policy);
        free(headers.sniff);
        free(headers.frame);
        free(headers.type);
    }
    /* Every file of the page comes from here. */
    const char *page = get(room, "/");
    assert_null(strstr(page, "src=\"http"));
    assert_null(strstr(page, "href=\"http"));
    assert_null(strstr(page, "style="));
    assert_null(strstr(page, "<style"));
}

static void diagnostics_are_off_unless_asked_for(void **state)
{
    struct room *room = *state;
    static const char *const paths[] = {"/debug/plan", "/debug/problems", "/debug/explain", "/debug/profile",
                                        "/debug/"};
    begin_room(room, NULL);
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        get(room, paths[i]);
        assert_int_equal(room->ended.status, 404);
    }
}

static void a_plan_names_fields_and_never_their_values(void **state)
{
    struct room *room = *state;
    scratch_write(&room->scratch, "shop.yaml", ROOM_INGRESS("web", "shop", "kong", "web") ROOM_SERVICE("web", "shop"));
    static const char *const flags[] = {"--dump-config", NULL};
    begin_room(room, flags);
    wait_for(room, is_converged);

    AUTO(json) struct json *nothing = get_json(room, "/debug/plan");
    assert_int_equal(number_of(nothing, "total"), 0);
    AUTO(json) struct json *all = get_json(room, "/debug/plan?state=programmed&kind=route");
    const struct json *row = json_at(json_find(all, "rows"), 0);
    assert_string_equal(json_find_text(row, "operation"), "update");
    assert_null(json_find(row, "fields")); /* nothing differs */
    get(room, "/debug/profile");
    assert_int_equal(room->ended.status, 404);
    AUTO(json) struct json *explained = get_json(room, "/debug/explain?entity=route");
    assert_int_equal(number_of(explained, "total"), 1);
}

static void only_reading_is_answered(void **state)
{
    struct room *room = *state;
    begin_room(room, NULL);
    static const char *const methods[] = {"POST", "PUT", "DELETE", "PATCH"};
    for (size_t i = 0; i < COUNT_OF(methods); i++) {
        AUTO(text) char *url = xasprintf("http://127.0.0.1:%d/", web_server_metrics_port(room->server));
        struct http_call call = {.method = methods[i], .url = url, .done = ended_note, .user = &room->ended};
        int before = room->ended.count;
        http_send(room->client, &call);
        assert_true(wait_until(room->loop, &room->ended.count, before + 1));
        assert_int_equal(room->ended.status, 405);
    }
    get(room, "/assets/../server.c");
    assert_int_equal(room->ended.status, 404);
    get(room, "/assets/");
    assert_int_equal(room->ended.status, 404);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ROOM(no_secret_is_ever_shown),
        WITH_ROOM(names_of_an_address_are_not_shown),
        WITH_ROOM(nothing_from_outside_is_markup),
        WITH_ROOM(nothing_is_loaded_run_or_framed_from_elsewhere),
        WITH_ROOM(diagnostics_are_off_unless_asked_for),
        WITH_ROOM(a_plan_names_fields_and_never_their_values),
        WITH_ROOM(only_reading_is_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
