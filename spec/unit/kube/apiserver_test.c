/* The room against a real API server; needs $KONGRUENT_LAB (spec/lab/README.md). */
#include "apiserver.h"
#include "base/json.h"
#include "base/map.h"
#include "check.h"
#include "kube/event.h"
#include "kube/lease.h"
#include "kube/source.h"
#include "kube/status.h"
#include "scratch.h"
#include "waiting.h"

#define MANY 1200

static struct scratch scratch;
static struct apiserver server;

/* A client, and what a reflector told. */
struct bench {
    struct loop *loop;
    struct kube_client *client;
    struct store_kinds *kinds;
    struct kube_discovery *discovery;
    struct kube_reflector *reflector;
    struct map objects; /* "namespace/name" -> resourceVersion */
    int changes;        /* objects delivered */
    int gone;
    int bad;
    int synced;
    int frozen;
    int answers; /* of bulk requests */
    int status;  /* of the last request */
    char *body;
};

static struct kube_client *connect(struct bench *bench, struct kube_config *config)
{
    struct kube_client *client = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(kube_client_new(bench->loop, config, &(struct kube_client_options){0}, &client, &err), 0);
    return client;
}

static struct kube_config *admin(void)
{
    struct kube_config_options options = {.kubeconfig = server.kubeconfig};
    struct kube_config *config = NULL;
    struct err err = ERR_INIT;
    if (kube_config_load(&options, &config, &err) != 0)
        fail_msg("%s", err.text);
    return config;
}

static int make(void **state)
{
    struct bench *bench = xcalloc(1, sizeof(*bench));
    struct err err = ERR_INIT;
    *state = bench;
    assert_int_equal(loop_new(&bench->loop, &err), 0);
    bench->kinds = store_kinds_new();
    bench->client = connect(bench, admin());
    bench->discovery = kube_discovery_new(bench->client, bench->kinds);
    map_init(&bench->objects, free);
    return 0;
}

static int drop(void **state)
{
    struct bench *bench = *state;
    kube_reflector_free(bench->reflector);
    kube_discovery_free(bench->discovery);
    kube_client_free(bench->client);
    store_kinds_free(bench->kinds);
    loop_free(bench->loop);
    map_done(&bench->objects);
    free(bench->body);
    free(bench);
    return 0;
}

static void on_answer(void *user, const struct kube_answer *answer)
{
    struct bench *bench = user;
    bench->answers++;
    bench->status = answer->status;
    free(bench->body);
    bench->body = xstrdup(answer->failure == KUBE_OK ? answer->body : answer->err->text);
}

static void send(struct bench *bench, struct kube_client *client, enum kube_verb verb, const char *path,
                 const char *body)
{
    struct kube_call call = {.verb = verb,
                             .path = path,
                             .body = body,
                             .body_length = body != NULL ? strlen(body) : 0,
                             .done = on_answer,
                             .user = bench};
    assert_non_null(kube_client_send(client, &call));
}

/* Status of the answer, whose body is in bench->body. */
static int ask(struct bench *bench, enum kube_verb verb, const char *path, const char *body)
{
    int before = bench->answers;
    send(bench, bench->client, verb, path, body);
    assert_true(wait_until(bench->loop, &bench->answers, before + 1));
    return bench->status;
}

static void must(struct bench *bench, enum kube_verb verb, const char *path, const char *body)
{
    int status = ask(bench, verb, path, body);
    if (status < 200 || status > 299)
        fail_msg("%s: %d %s", path, status, bench->body);
}

static void make_namespace(struct bench *bench, const char *name)
{
    AUTO(text)
    char *body = xasprintf("{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"%s\"}}", name);
    must(bench, KUBE_CREATE, "/api/v1/namespaces", body);
}

static void create_many(struct bench *bench, const char *namespace, const char *plural, const char *kind,
                        const char *spec)
{
    AUTO(text) char *path = kube_path("", "v1", plural, namespace, NULL, NULL);
    int before = bench->answers;
    for (int i = 0; i < MANY; i++) {
        AUTO(text)
        char *body =
            xasprintf("{\"apiVersion\":\"v1\",\"kind\":\"%s\",\"metadata\":{\"name\":\"o-%d\"}%s}", kind, i, spec);
        send(bench, bench->client, KUBE_CREATE, path, body);
    }
    for (int done = 100; done <= MANY; done += 100)
        assert_true(wait_until(bench->loop, &bench->answers, before + done));
    assert_int_equal(bench->status, 201);
}

static char *key_of(const char *namespace, const char *name)
{
    return xasprintf("%s/%s", namespace, name);
}

static void on_object(void *user, struct object *object)
{
    struct bench *bench = user;
    AUTO(text) char *key = key_of(object->namespace, object->name);
    map_put(&bench->objects, key, xstrdup(object->resource_version));
    bench->changes++;
    object_unref(object);
}

static void on_gone(void *user, const struct store_kind *kind, const char *namespace, const char *name)
{
    struct bench *bench = user;
    AUTO(text) char *key = key_of(namespace, name);
    assert_true(map_remove(&bench->objects, key));
    bench->gone++;
}

static void on_bad(void *user, const struct store_kind *kind, const char *namespace, const char *name,
                   const struct err *why)
{
    ((struct bench *)user)->bad++;
}

static void on_state(void *user, const struct store_kind *kind, enum kube_state state, const char *reason)
{
    struct bench *bench = user;
    bench->synced += state == KUBE_SYNCED;
    bench->frozen += state == KUBE_FROZEN || state == KUBE_WAITING;
}

static void follow(struct bench *bench, struct kube_client *client, const char *kind, const char *namespace, bool paged)
{
    struct kube_reflector_options options = {
        .client = client,
        .discovery = bench->discovery,
        .kinds = bench->kinds,
        .kind = store_kinds_find(bench->kinds, kind),
        .namespace = namespace,
        .paged_lists = paged,
        .retry_first_ms = 100,
        .events = {on_object, on_gone, on_bad, on_state, bench},
    };
    bench->reflector = kube_reflector_new(&options);
}

static void services_are_listed_in_pages(void **state)
{
    struct bench *bench = *state;
    make_namespace(bench, "pages");
    create_many(bench, "pages", "services", "Service", ",\"spec\":{\"clusterIP\":\"None\",\"ports\":[{\"port\":80}]}");

    follow(bench, bench->client, "v1/Service", "pages", true);
    assert_true(wait_until(bench->loop, &bench->synced, 1));

    assert_int_equal(bench->objects.count, MANY);
    assert_int_equal(bench->changes, MANY);
    assert_int_equal(bench->bad, 0);
    assert_int_equal(kube_reflector_status(bench->reflector).lists, 1);
}

static void configmaps_are_listed_as_a_stream_and_followed(void **state)
{
    struct bench *bench = *state;
    make_namespace(bench, "stream");
    create_many(bench, "stream", "configmaps", "ConfigMap", ",\"data\":{\"a\":\"b\"}");

    follow(bench, bench->client, "v1/ConfigMap", "stream", false);
    assert_true(wait_until(bench->loop, &bench->synced, 1));
    assert_int_equal(bench->objects.count, MANY);
    must(bench, KUBE_PATCH_MERGE, "/api/v1/namespaces/stream/configmaps/o-7", "{\"data\":{\"a\":\"c\"}}");
    must(bench, KUBE_DELETE, "/api/v1/namespaces/stream/configmaps/o-8", NULL);
    assert_true(wait_until(bench->loop, &bench->gone, 1));

    assert_int_equal(bench->changes, MANY + 1);
    assert_int_equal(bench->objects.count, MANY - 1);
    assert_null(map_find(&bench->objects, "stream/o-8"));
    /* One request for all of it: the stream that was the list went on as the watch. */
    assert_int_equal(kube_reflector_status(bench->reflector).watches, 1);
    assert_int_equal(kube_reflector_status(bench->reflector).errors, 0);
}

static void metadata_alone_can_be_followed(void **state)
{
    struct bench *bench = *state;
    make_namespace(bench, "light");
    must(bench, KUBE_CREATE, "/api/v1/namespaces/light/secrets",
         "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"s\"},\"stringData\":{\"a\":\"b\"}}");
    for (int paged = 0; paged < 2; paged++) {
        struct kube_reflector_options options = {
            .client = bench->client,
            .discovery = bench->discovery,
            .kinds = bench->kinds,
            .kind = store_kinds_find(bench->kinds, "v1/Secret"),
            .namespace = "light",
            .paged_lists = paged == 1,
            .metadata_only = true,
            .events = {on_object, on_gone, on_bad, on_state, bench},
        };
        kube_reflector_free(bench->reflector);
        bench->reflector = kube_reflector_new(&options);
        assert_true(wait_until(bench->loop, &bench->synced, paged + 1));
    }

    assert_int_equal(bench->changes, 2);
    assert_int_equal(bench->bad, 0);
}

static void a_restarted_server_is_followed_on_without_a_loss(void **state)
{
    struct bench *bench = *state;
    make_namespace(bench, "restart");
    for (int i = 0; i < 3; i++) {
        AUTO(text)
        char *body = xasprintf("{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"o-%d\"}}", i);
        must(bench, KUBE_CREATE, "/api/v1/namespaces/restart/configmaps", body);
    }
    follow(bench, bench->client, "v1/ConfigMap", "restart", false);
    assert_true(wait_until(bench->loop, &bench->synced, 1));

    apiserver_stop(&server);
    assert_true(wait_until(bench->loop, &bench->frozen, 1));
    assert_int_equal(bench->gone, 0);
    assert_true(apiserver_start(&server));
    must(bench, KUBE_DELETE, "/api/v1/namespaces/restart/configmaps/o-1", NULL);
    must(bench, KUBE_CREATE, "/api/v1/namespaces/restart/configmaps",
         "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"o-9\"}}");
    assert_true(wait_until(bench->loop, &bench->synced, 2));
    assert_true(wait_until(bench->loop, &bench->gone, 1));
    assert_true(wait_until(bench->loop, &bench->changes, 4));

    assert_int_equal(bench->objects.count, 3);
    assert_int_equal(bench->changes, 4); /* what did not change was not delivered again */
    assert_null(map_find(&bench->objects, "restart/o-1"));
    assert_non_null(map_find(&bench->objects, "restart/o-9"));
}

static void a_watch_of_a_version_that_is_too_old_is_answered_by_a_list(void **state)
{
    struct bench *bench = *state;
    make_namespace(bench, "old");
    must(bench, KUBE_CREATE, "/api/v1/namespaces/old/configmaps",
         "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\"}}");
    follow(bench, bench->client, "v1/ConfigMap", "old", false);
    assert_true(wait_until(bench->loop, &bench->synced, 1));

    /* The new process has no past to resume from; the client sees it before it could have been frozen. */
    apiserver_stop(&server);
    assert_true(apiserver_start(&server));
    must(bench, KUBE_PATCH_MERGE, "/api/v1/namespaces/old/configmaps/a", "{\"data\":{\"x\":\"y\"}}");
    assert_true(wait_until(bench->loop, &bench->changes, 2));

    assert_int_equal(bench->objects.count, 1);
    assert_int_equal(bench->gone, 0);
    assert_int_equal(bench->frozen, 0);
    assert_int_equal(kube_reflector_status(bench->reflector).lists, 2);
}

/* The token of a ServiceAccount that is made; the caller frees. */
static char *account_token(struct bench *bench, const char *namespace, const char *name)
{
    AUTO(text) char *accounts = kube_path("", "v1", "serviceaccounts", namespace, NULL, NULL);
    AUTO(text) char *tokens = kube_path("", "v1", "serviceaccounts", namespace, name, "token");
    AUTO(text)
    char *body = xasprintf("{\"apiVersion\":\"v1\",\"kind\":\"ServiceAccount\",\"metadata\":{\"name\":\"%s\"}}", name);
    AUTO(json) struct json *answer = NULL;
    struct err err = ERR_INIT;
    must(bench, KUBE_CREATE, accounts, body);
    must(bench, KUBE_CREATE, tokens,
         "{\"apiVersion\":\"authentication.k8s.io/v1\",\"kind\":\"TokenRequest\",\"spec\":{\"audiences\":[]}}");
    assert_int_equal(json_parse(bench->body, strlen(bench->body), &answer, &err), 0);
    return xstrdup(json_text(json_find_path(answer, "status.token")));
}

static struct kube_config *with_token_file(const char *name)
{
    struct kube_config *config = admin();
    free(TAKE(config->client_cert_pem));
    free(TAKE(config->client_key_pem));
    free(TAKE(config->client_cert_file));
    free(TAKE(config->client_key_file));
    free(TAKE(config->token));
    free(config->token_file);
    config->token_file = xasprintf("%s/%s", scratch.path, name);
    return config;
}

static void what_rbac_denies_is_frozen_until_it_is_granted(void **state)
{
    struct bench *bench = *state;
    make_namespace(bench, "rights");
    must(bench, KUBE_CREATE, "/api/v1/namespaces/rights/configmaps",
         "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\"}}");
    AUTO(text) char *token = account_token(bench, "rights", "reader");
    scratch_write(&scratch, "reader", token);
    struct kube_client *reader = connect(bench, with_token_file("reader"));

    follow(bench, reader, "v1/ConfigMap", "rights", false);
    assert_true(wait_until(bench->loop, &bench->frozen, 1));
    assert_false(kube_reflector_status(bench->reflector).synced_once);
    assert_non_null(strstr(kube_reflector_status(bench->reflector).reason, "forbidden"));
    must(bench, KUBE_CREATE, "/apis/rbac.authorization.k8s.io/v1/namespaces/rights/roles",
         "{\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"Role\",\"metadata\":{\"name\":\"r\"},\"rules\":"
         "[{\"apiGroups\":[\"\"],\"resources\":[\"configmaps\"],\"verbs\":[\"list\",\"watch\"]}]}");
    must(bench, KUBE_CREATE, "/apis/rbac.authorization.k8s.io/v1/namespaces/rights/rolebindings",
         "{\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"RoleBinding\",\"metadata\":{\"name\":\"r\"},"
         "\"roleRef\":{\"apiGroup\":\"rbac.authorization.k8s.io\",\"kind\":\"Role\",\"name\":\"r\"},\"subjects\":"
         "[{\"kind\":\"ServiceAccount\",\"name\":\"reader\",\"namespace\":\"rights\"}]}");

    assert_true(wait_until(bench->loop, &bench->synced, 1));
    assert_int_equal(bench->objects.count, 1);
    kube_reflector_free(TAKE(bench->reflector));
    kube_client_free(reader);
}

static void a_rotated_token_file_is_taken_up(void **state)
{
    struct bench *bench = *state;
    make_namespace(bench, "tokens");
    AUTO(text) char *token = account_token(bench, "tokens", "someone");
    scratch_write(&scratch, "someone", "not-a-token");
    struct kube_client *client = connect(bench, with_token_file("someone"));
    int before = bench->answers;

    send(bench, client, KUBE_GET, "/api/v1", NULL);
    assert_true(wait_until(bench->loop, &bench->answers, before + 1));
    assert_int_equal(bench->status, 401);
    scratch_write(&scratch, "someone", token);
    send(bench, client, KUBE_GET, "/api/v1", NULL);
    assert_true(wait_until(bench->loop, &bench->answers, before + 2));

    assert_int_equal(bench->status, 200);
    kube_client_free(client);
}

#define DEFINITION                                                                                                     \
    "{\"apiVersion\":\"apiextensions.k8s.io/v1\",\"kind\":\"CustomResourceDefinition\",\"metadata\":{\"name\":"        \
    "\"kongplugins.configuration.konghq.com\"},\"spec\":{\"group\":\"configuration.konghq.com\",\"scope\":"            \
    "\"Namespaced\",\"names\":{\"plural\":\"kongplugins\",\"singular\":\"kongplugin\",\"kind\":\"KongPlugin\"},"       \
    "\"versions\":[{\"name\":\"v1\",\"served\":true,\"storage\":true,\"schema\":{\"openAPIV3Schema\":{\"type\":"       \
    "\"object\",\"x-kubernetes-preserve-unknown-fields\":true}}}]}}"
#define DEFINITIONS "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
#define PLUGINS     "/apis/configuration.konghq.com/v1/namespaces/plugins/kongplugins"

static void a_definition_may_come_late_and_go_without_a_loss(void **state)
{
    struct bench *bench = *state;
    make_namespace(bench, "plugins");
    follow(bench, bench->client, "configuration.konghq.com/v1/KongPlugin", NULL, false);
    assert_true(wait_until(bench->loop, &bench->frozen, 1));
    assert_int_equal(kube_reflector_status(bench->reflector).state, KUBE_WAITING);
    must(bench, KUBE_CREATE, DEFINITIONS, DEFINITION);
    assert_true(wait_until(bench->loop, &bench->synced, 1));
    for (int i = 0; i < 5; i++) {
        AUTO(text)
        char *body = xasprintf("{\"apiVersion\":\"configuration.konghq.com/v1\",\"kind\":\"KongPlugin\","
                               "\"metadata\":{\"name\":\"p-%d\"},\"plugin\":\"cors\"}",
                               i);
        must(bench, KUBE_CREATE, PLUGINS, body);
    }
    assert_true(wait_until(bench->loop, &bench->changes, 5));
    must(bench, KUBE_DELETE, PLUGINS "/p-0", NULL);
    assert_true(wait_until(bench->loop, &bench->gone, 1));

    int frozen = bench->frozen;
    must(bench, KUBE_DELETE, DEFINITIONS "/kongplugins.configuration.konghq.com", NULL);
    assert_true(wait_until(bench->loop, &bench->frozen, frozen + 1));
    assert_int_equal(bench->gone, 1);
    assert_int_equal(bench->objects.count, 4);
    while (ask(bench, KUBE_CREATE, DEFINITIONS, DEFINITION) != 201)
        assert_int_equal(bench->status, 409); /* the old one is not gone yet */

    assert_true(wait_until(bench->loop, &bench->synced, 2));
    assert_true(wait_until(bench->loop, &bench->gone, 5));
    assert_int_equal(bench->objects.count, 0);
}

struct candidate {
    int gained;
    int lost;
    int released;
};

static void on_gained(void *user)
{
    ((struct candidate *)user)->gained++;
}

static void on_lost(void *user, const char *reason)
{
    ((struct candidate *)user)->lost++;
}

static void on_released(void *user)
{
    ((struct candidate *)user)->released++;
}

static struct kube_lease *candidate_new(struct bench *bench, struct candidate *candidate, const char *identity)
{
    struct kube_lease_options options = {
        .client = bench->client,
        .namespace = "leases",
        .name = "kongruent",
        .identity = identity,
        .lease_ms = 30000,
        .renew_ms = 20000,
        .retry_ms = 100,
        .gained = on_gained,
        .lost = on_lost,
        .user = candidate,
    };
    struct kube_lease *lease = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(kube_lease_new(&options, &lease, &err), 0);
    return lease;
}

static void of_two_candidates_one_leads_and_the_other_follows_its_release(void **state)
{
    struct bench *bench = *state;
    struct candidate one = {0};
    struct candidate two = {0};
    make_namespace(bench, "leases");
    struct kube_lease *first = candidate_new(bench, &one, "first");
    assert_true(wait_until(bench->loop, &one.gained, 1));
    struct kube_lease *second = candidate_new(bench, &two, "second");

    while (strcmp(kube_lease_leader(second), "first") != 0)
        loop_run_once(bench->loop, true);
    assert_true(kube_lease_held(first));
    assert_false(kube_lease_held(second));
    kube_lease_release(first, on_released, &one);
    assert_true(wait_until(bench->loop, &two.gained, 1));

    assert_int_equal(one.lost, 1);
    assert_int_equal(one.released, 1);
    assert_true(kube_lease_held(second));
    must(bench, KUBE_GET, "/apis/coordination.k8s.io/v1/namespaces/leases/leases/kongruent", NULL);
    assert_non_null(strstr(bench->body, "\"holderIdentity\":\"second\""));
    assert_non_null(strstr(bench->body, "\"leaseTransitions\":1"));
    kube_lease_free(first);
    kube_lease_free(second);
}

static void on_status(void *user, const struct store_kind *kind, const char *namespace, const char *name,
                      const struct kube_answer *answer)
{
    struct bench *bench = user;
    bench->status = answer->failure == KUBE_OK ? 200 : answer->status;
    bench->answers++;
}

#define INGRESS "/apis/networking.k8s.io/v1/namespaces/reports/ingresses"

static struct object *ingress_now(struct bench *bench)
{
    struct object *object = NULL;
    struct err err = ERR_INIT;
    must(bench, KUBE_GET, INGRESS "/i", NULL);
    assert_int_equal(object_parse(bench->kinds, bench->body, strlen(bench->body), NULL, &object, &err), 0);
    return object;
}

static void a_status_is_written_once(void **state)
{
    struct bench *bench = *state;
    make_namespace(bench, "reports");
    must(bench, KUBE_CREATE, INGRESS,
         "{\"apiVersion\":\"networking.k8s.io/v1\",\"kind\":\"Ingress\",\"metadata\":{\"name\":\"i\"},\"spec\":"
         "{\"defaultBackend\":{\"service\":{\"name\":\"s\",\"port\":{\"number\":80}}}}}");
    struct kube_status_writer *writer = kube_status_new(bench->client, bench->discovery, on_status, bench);
    AUTO(json) struct json *wanted = NULL;
    struct err err = ERR_INIT;
    const char *text = "{\"loadBalancer\":{\"ingress\":[{\"ip\":\"10.1.2.3\"}]}}";
    assert_int_equal(json_parse(text, strlen(text), &wanted, &err), 0);
    AUTO(object) struct object *before = ingress_now(bench);
    int answers = bench->answers;

    assert_true(kube_status_write(writer, before, wanted, true));
    assert_true(wait_until(bench->loop, &bench->answers, answers + 1));
    assert_int_equal(bench->status, 200);
    AUTO(object) struct object *after = ingress_now(bench);
    assert_true(kube_status_write(writer, before, wanted, true));
    assert_true(kube_status_write(writer, after, wanted, true));

    assert_non_null(strstr(after->text, "10.1.2.3"));
    assert_int_equal(kube_status_counts(writer).sent, 1);
    assert_int_equal(kube_status_counts(writer).skipped, 2);
    kube_status_free(writer);
}

static void an_event_is_written_and_counted(void **state)
{
    struct bench *bench = *state;
    make_namespace(bench, "events");
    struct kube_recorder *recorder = kube_recorder_new(bench->client, "kongruent", "pod-1");
    struct kube_event event = {"v1", "Service", "events", "s", "", "", true, "Refused", "no such port"};

    for (int i = 0; i < 3; i++) {
        kube_event_write(recorder, &event);
        while (kube_event_counts(recorder).waiting > 0)
            loop_run_once(bench->loop, true);
    }

    assert_int_equal(kube_event_counts(recorder).created, 1);
    assert_int_equal(kube_event_counts(recorder).repeated, 2);
    must(bench, KUBE_GET, "/api/v1/namespaces/events/events", NULL);
    assert_non_null(strstr(bench->body, "\"count\":3"));
    assert_non_null(strstr(bench->body, "\"reason\":\"Refused\""));
    kube_recorder_free(recorder);
}

static int begin(void **state)
{
    scratch_make(&scratch);
    server.folder = xasprintf("%s/api", scratch.path);
    server.kubeconfig = xasprintf("%s/kubeconfig", server.folder);
    return apiserver_start(&server) ? 0 : -1;
}

static int end(void **state)
{
    apiserver_stop(&server);
    scratch_remove(&scratch);
    free(server.folder);
    free(server.kubeconfig);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(services_are_listed_in_pages),
        TEST(configmaps_are_listed_as_a_stream_and_followed),
        TEST(metadata_alone_can_be_followed),
        TEST(a_restarted_server_is_followed_on_without_a_loss),
        TEST(a_watch_of_a_version_that_is_too_old_is_answered_by_a_list),
        TEST(what_rbac_denies_is_frozen_until_it_is_granted),
        TEST(a_rotated_token_file_is_taken_up),
        TEST(a_definition_may_come_late_and_go_without_a_loss),
        TEST(of_two_candidates_one_leads_and_the_other_follows_its_release),
        TEST(a_status_is_written_once),
        TEST(an_event_is_written_and_counted),
    };
    if (apiserver_program() == NULL) {
        fputs("SKIPPED BY kube/apiserver: KONGRUENT_LAB does not name the lab (spec/lab/README.md)\n", stderr);
        return 0;
    }
    return cmocka_run_group_tests(tests, begin, end);
}
