/* How far a change reaches with the bundled rules: as far as what it concerns, however large the cluster is. */
#include <string.h>

#include "base/buf.h"
#include "check.h"
#include "rules/rules.h"

#define SITES    60
#define SERVICES 6

static struct rules *rules_of(void **state)
{
    return *state;
}

static void put(struct rules *rules, const char *json)
{
    struct object *object = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(object_parse(rules_kind_table(rules), json, strlen(json), NULL, &object, &err), 0);
    rules_put(rules, object);
}

static void put_ingress(struct rules *rules, int site, const char *path)
{
    AUTO(text)
    char *json = xasprintf("{\"apiVersion\":\"networking.k8s.io/"
                           "v1\",\"kind\":\"Ingress\",\"metadata\":{\"namespace\":\"shop\",\"name\":\"i%d\"},\"spec\":{"
                           "\"ingressClassName\":\"kong\",\"rules\":[{\"host\":\"h%d.test\",\"http\":{\"paths\":[{"
                           "\"path\":\"%s\",\"pathType\":\"Prefix\","
                           "\"backend\":{\"service\":{\"name\":\"s%d\",\"port\":{\"number\":80}}}}]}}]}}",
                           site, site, path, site % SERVICES);
    put(rules, json);
}

static void put_route(struct rules *rules, int site, const char *path)
{
    AUTO(text)
    char *json = xasprintf("{\"apiVersion\":\"gateway.networking.k8s.io/"
                           "v1\",\"kind\":\"HTTPRoute\",\"metadata\":{\"namespace\":\"shop\",\"name\":\"r%d\"},"
                           "\"spec\":{\"parentRefs\":[{\"name\":\"kong\"}],\"hostnames\":[\"r%d.test\"],\"rules\":[{"
                           "\"matches\":[{\"path\":{\"type\":"
                           "\"PathPrefix\",\"value\":\"%s\"}}],\"backendRefs\":[{\"kind\":\"Service\",\"group\":\"\","
                           "\"name\":\"s%d\",\"port\":80}]}]}}",
                           site, site, path, site % SERVICES);
    put(rules, json);
}

static void put_service(struct rules *rules, int number)
{
    AUTO(text)
    char *json =
        xasprintf("{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"namespace\":\"shop\",\"name\":\"s%d\"},"
                  "\"spec\":{\"ports\":[{\"port\":80}]}}",
                  number);
    put(rules, json);
}

static void put_slice(struct rules *rules, int number, const char *address)
{
    AUTO(text)
    char *json =
        xasprintf("{\"apiVersion\":\"discovery.k8s.io/"
                  "v1\",\"kind\":\"EndpointSlice\",\"metadata\":{\"namespace\":\"shop\",\"name\":\"e%d\","
                  "\"labels\":{\"kubernetes.io/"
                  "service-name\":\"s%d\"}},\"endpoints\":[{\"addresses\":[\"%s\"]}],\"ports\":[{\"port\":8080}]}",
                  number, number, address);
    put(rules, json);
}

static void put_gateway(struct rules *rules)
{
    put(rules,
        "{\"apiVersion\":\"gateway.networking.k8s.io/v1\",\"kind\":\"GatewayClass\",\"metadata\":{\"name\":\"kong\"},"
        "\"spec\":{\"controllerName\":\"konghq.com/kic-gateway-controller\"}}");
    put(rules, "{\"apiVersion\":\"gateway.networking.k8s.io/"
               "v1\",\"kind\":\"Gateway\",\"metadata\":{\"namespace\":\"shop\",\"name\":\"kong\"},"
               "\"spec\":{\"gatewayClassName\":\"kong\",\"listeners\":[{\"name\":\"web\",\"port\":80,\"protocol\":"
               "\"HTTP\"}]}}");
}

/* Runs what is dirty; returns how many nodes ran, and appends what changed as "kind key;". */
static uint64_t wave(struct rules *rules, struct buf *changes)
{
    uint64_t before = rules_counters(rules).nodes_run;
    struct rules_delta delta;
    rules_run(rules, &delta);
    for (size_t i = 0; changes != NULL && i < delta.change_count; i++)
        buf_printf(changes, "%s %s;", delta.changes[i].kind->name, delta.changes[i].key);
    rules_delta_done(&delta);
    return rules_counters(rules).nodes_run - before;
}

static int set_up(void **state)
{
    struct rules_options options = {.bundle = KONGRUENT_SOURCE_DIR "/lua"};
    struct rules *rules = NULL;
    struct err err = ERR_INIT;
    if (rules_load(&options, &rules, &err) != 0)
        fail_msg("%s", err.text);
    put_gateway(rules);
    for (int i = 0; i < SERVICES; i++) {
        put_service(rules, i);
        put_slice(rules, i, "10.0.0.1");
    }
    for (int i = 0; i < SITES; i++) {
        put_ingress(rules, i, "/a");
        put_route(rules, i, "/a");
    }
    wave(rules, NULL);
    *state = rules;
    return 0;
}

static int tear_down(void **state)
{
    rules_free(*state);
    return 0;
}

static void a_changed_ingress_runs_only_its_own_node(void **state)
{
    struct rules *rules = rules_of(state);
    AUTO(buf) struct buf changes = BUF_OWN;

    put_ingress(rules, 7, "/b");
    uint64_t ran = wave(rules, &changes);

    assert_int_equal(ran, 1);
    assert_string_equal(buf_text(&changes), "route shop.i7.s1.h7.test.80;");
}

static void a_changed_endpoint_runs_only_the_upstreams_of_its_service(void **state)
{
    struct rules *rules = rules_of(state);
    uint64_t services = 0;
    AUTO(buf) struct buf changes = BUF_OWN;

    put_slice(rules, 1, "10.0.0.2");
    uint64_t ran = wave(rules, &changes);

    for (const char *at = buf_text(&changes); (at = strstr(at, "10.0.0.2:8080;")) != NULL; at++)
        services++;
    assert_int_equal(ran, services);
    assert_null(strstr(buf_text(&changes), "route "));
    assert_null(strstr(buf_text(&changes), "service "));
    assert_null(strstr(buf_text(&changes), "upstream "));
}

static void a_changed_endpoint_of_an_ingress_runs_one_node(void **state)
{
    struct rules *rules = rules_of(state);
    for (int i = 0; i < SITES; i++) {
        AUTO(text) char *name = xasprintf("r%d", i);
        rules_remove(rules, store_kinds_find(rules_kind_table(rules), "gateway.networking.k8s.io/v1/HTTPRoute"), "shop",
                     name);
    }
    wave(rules, NULL);
    AUTO(buf) struct buf changes = BUF_OWN;

    put_slice(rules, 1, "10.0.0.2");
    uint64_t ran = wave(rules, &changes);

    assert_int_equal(ran, 1);
    assert_string_equal(buf_text(&changes), "target s1.shop.80.svc/10.0.0.1:8080;target s1.shop.80.svc/10.0.0.2:8080;");
}

static void what_nobody_refers_to_runs_nothing(void **state)
{
    struct rules *rules = rules_of(state);
    AUTO(buf) struct buf changes = BUF_OWN;

    put_service(rules, SERVICES);
    put_slice(rules, SERVICES, "10.0.0.9");
    uint64_t ran = wave(rules, &changes);

    assert_int_equal(ran, 0);
    assert_string_equal(buf_text(&changes), "");
}

static void a_changed_http_route_runs_no_other_route(void **state)
{
    struct rules *rules = rules_of(state);
    AUTO(buf) struct buf changes = BUF_OWN;

    put_route(rules, 7, "/b");
    uint64_t ran = wave(rules, &changes);

    assert_in_range(ran, 1, 4); /* its own, and the shared nodes of its name */
    assert_non_null(strstr(buf_text(&changes), "r7"));
    assert_null(strstr(buf_text(&changes), "r8"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_changed_ingress_runs_only_its_own_node, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_changed_endpoint_runs_only_the_upstreams_of_its_service, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_changed_endpoint_of_an_ingress_runs_one_node, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_nobody_refers_to_runs_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_changed_http_route_runs_no_other_route, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
