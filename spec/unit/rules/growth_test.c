/* What a change costs is counted in two clusters, one of them ten times as large: as many nodes run, as many objects are
 * decoded and contributions read, where the change concerns no more in one than in the other. */
#include <string.h>

#include "base/buf.h"
#include "check.h"
#include "rules/rules.h"

#define SMALL 40
#define LARGE 400

#define GATEWAY_API "\"apiVersion\":\"gateway.networking.k8s.io/v1\""

struct cost {
    uint64_t nodes, objects, contributions, entities;
};

struct world {
    struct rules *rules;
    const char *parent; /* what routes are attached to, as JSON */
};

static void put(struct rules *rules, const char *json)
{
    struct object *object = NULL;
    struct err err = ERR_INIT;
    if (object_parse(rules_kind_table(rules), json, strlen(json), NULL, &object, &err) != 0)
        fail_msg("%s: %s", err.text, json);
    rules_put(rules, object);
}

static void put_route(const struct world *world, int number, const char *path)
{
    AUTO(text)
    char *json = xasprintf(
        "{" GATEWAY_API ",\"kind\":\"HTTPRoute\",\"metadata\":{\"namespace\":\"shop\",\"name\":\"r%d\"},"
        "\"spec\":{\"parentRefs\":[%s],\"hostnames\":[\"r%d.example.com\"],\"rules\":[{\"matches\":[{\"path\":"
        "{\"type\":\"PathPrefix\",\"value\":\"%s\"}}],\"backendRefs\":[{\"name\":\"s\",\"port\":80}]}]}}",
        number, world->parent, number, path);
    put(world->rules, json);
}

/* The parts of a Gateway that tests change. */
struct gateway {
    const char *annotation, *secret, *kinds, *hostname, *more, *status;
};

static const struct gateway GATEWAY = {"a", "one", "", "*.example.com", "", "{}"};

static void put_gateway(struct rules *rules, const struct gateway *gateway)
{
    AUTO(text)
    char *json = xasprintf(
        "{" GATEWAY_API
        ",\"kind\":\"Gateway\",\"metadata\":{\"namespace\":\"shop\",\"name\":\"kong\",\"annotations\":{\"k\":\"%s\"}},"
        "\"spec\":{\"gatewayClassName\":\"kong\",\"allowedListeners\":{\"namespaces\":{\"from\":\"Same\"}},"
        "\"listeners\":["
        "{\"name\":\"http\",\"port\":80,\"protocol\":\"HTTP\",\"hostname\":\"%s\"},"
        "{\"name\":\"https\",\"port\":443,\"protocol\":\"HTTPS\",\"hostname\":\"*.example.com\",\"tls\":{"
        "\"certificateRefs\":[{\"name\":\"%s\"}]}},"
        "{\"name\":\"other\",\"port\":8080,\"protocol\":\"HTTP\",\"hostname\":\"*.example.org\"%s}%s]},\"status\":%s}",
        gateway->annotation, gateway->hostname, gateway->secret, gateway->kinds, gateway->more, gateway->status);
    put(rules, json);
}

static void put_set(struct rules *rules, const char *name, const char *hostname, const char *annotation)
{
    AUTO(text)
    char *json = xasprintf(
        "{" GATEWAY_API
        ",\"kind\":\"ListenerSet\",\"metadata\":{\"namespace\":\"shop\",\"name\":\"%s\",\"annotations\":"
        "{\"k\":\"%s\"}},\"spec\":{\"parentRef\":{\"name\":\"kong\"},\"listeners\":[{\"name\":\"own\",\"port\":8081,"
        "\"protocol\":\"HTTP\",\"hostname\":\"%s\"}]}}",
        name, annotation, hostname);
    put(rules, json);
}

static struct cost wave(struct rules *rules)
{
    struct rules_counters before = rules_counters(rules);
    struct rules_delta delta;
    rules_run(rules, &delta);
    rules_delta_done(&delta);
    struct rules_counters after = rules_counters(rules);
    return (struct cost){after.nodes_run - before.nodes_run, after.objects_decoded - before.objects_decoded,
                         after.contributions_read - before.contributions_read,
                         after.entities_changed - before.entities_changed};
}

static struct world make_world(const char *flavor, const char *parent, int size)
{
    AUTO(text) char *text = xasprintf("{\"router_flavor\":\"%s\"}", flavor);
    AUTO(json) struct json *settings = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(json_parse(text, strlen(text), &settings, &err), 0);
    struct rules_options options = {.bundle = KONGRUENT_SOURCE_DIR "/lua", .settings = settings};
    struct world world = {.parent = parent};
    if (rules_load(&options, &world.rules, &err) != 0)
        fail_msg("%s", err.text);
    put(world.rules, "{" GATEWAY_API ",\"kind\":\"GatewayClass\",\"metadata\":{\"name\":\"kong\"},"
                     "\"spec\":{\"controllerName\":\"konghq.com/kic-gateway-controller\"}}");
    put_gateway(world.rules, &GATEWAY);
    put_set(world.rules, "set", "*.example.com", "a");
    put(world.rules, "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"namespace\":\"shop\",\"name\":\"s\"},"
                     "\"spec\":{\"ports\":[{\"port\":80}]}}");
    put(world.rules,
        "{\"apiVersion\":\"gateway.networking.k8s.io/v1alpha3\",\"kind\":\"BackendTLSPolicy\",\"metadata\":{"
        "\"namespace\":\"shop\",\"name\":\"p\"},\"spec\":{\"targetRefs\":[{\"group\":\"\",\"kind\":\"Service\","
        "\"name\":"
        "\"s\"}],\"validation\":{\"hostname\":\"s.test\",\"wellKnownCACertificates\":\"System\"}}}");
    for (int i = 0; i < size; i++)
        put_route(&world, i, "/a");
    wave(world.rules);
    return world;
}

typedef void change_fn(const struct world *world);

static void annotate(const struct world *world)
{
    struct gateway gateway = GATEWAY;
    gateway.annotation = "b";
    put_gateway(world->rules, &gateway);
}

static void name_another_secret(const struct world *world)
{
    struct gateway gateway = GATEWAY;
    gateway.secret = "two";
    put_gateway(world->rules, &gateway);
}

static void write_status(const struct world *world)
{
    struct gateway gateway = GATEWAY;
    gateway.status = "{\"listeners\":[{\"name\":\"http\",\"attachedRoutes\":7}]}";
    put_gateway(world->rules, &gateway);
}

static void let_grpc_in_elsewhere(const struct world *world)
{
    struct gateway gateway = GATEWAY;
    gateway.kinds = ",\"allowedRoutes\":{\"kinds\":[{\"kind\":\"GRPCRoute\"}]}";
    put_gateway(world->rules, &gateway);
}

static void add_a_stream(const struct world *world)
{
    struct gateway gateway = GATEWAY;
    gateway.more = ",{\"name\":\"raw\",\"port\":9000,\"protocol\":\"TCP\"}";
    put_gateway(world->rules, &gateway);
}

static void rename_the_host(const struct world *world)
{
    struct gateway gateway = GATEWAY;
    gateway.hostname = "*.example.net";
    put_gateway(world->rules, &gateway);
}

static void add_a_set(const struct world *world)
{
    put_set(world->rules, "another", "*.example.org", "a");
}

static void annotate_the_set(const struct world *world)
{
    put_set(world->rules, "set", "*.example.com", "b");
}

static void add_a_route(const struct world *world)
{
    put_route(world, LARGE, "/a");
}

static void remove_a_route(const struct world *world)
{
    rules_remove(world->rules,
                 store_kinds_find(rules_kind_table(world->rules), "gateway.networking.k8s.io/v1/HTTPRoute"), "shop",
                 "r7");
}

static void change_a_route(const struct world *world)
{
    put_route(world, 7, "/b");
}

static struct cost cost_of(const char *flavor, const char *parent, change_fn *change, int size)
{
    struct world world = make_world(flavor, parent, size);
    change(&world);
    struct cost cost = wave(world.rules);
    rules_free(world.rules);
    return cost;
}

#define NAMED   "{\"name\":\"kong\",\"sectionName\":\"http\"}"
#define UNNAMED "{\"name\":\"kong\"}"
#define OF_SET  "{\"kind\":\"ListenerSet\",\"name\":\"set\"}"

static void a_change_costs_the_same_however_many_routes_it_does_not_concern(void **state)
{
    static const struct {
        const char *name, *parent;
        change_fn *change;
    } cases[] = {
        {"an annotation of the Gateway", UNNAMED, annotate},
        {"a TLS reference of the Gateway", UNNAMED, name_another_secret},
        {"the Gateway's status", UNNAMED, write_status},
        {"another listener's kinds", NAMED, let_grpc_in_elsewhere},
        {"a new listener for streams", UNNAMED, add_a_stream},
        {"a new ListenerSet", UNNAMED, add_a_set},
        {"a ListenerSet beside that of the routes", OF_SET, add_a_set},
        {"an annotation of the routes' ListenerSet", OF_SET, annotate_the_set},
        {"a host name of the Gateway beside a ListenerSet", OF_SET, rename_the_host},
        {"a new route", UNNAMED, add_a_route},
        {"a new route of a ListenerSet", OF_SET, add_a_route},
        {"a route that goes", UNNAMED, remove_a_route},
        {"a route's path", UNNAMED, change_a_route},
    };
    static const char *const flavors[] = {"traditional_compatible", "expressions"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases) * COUNT_OF(flavors); i++) {
        const char *flavor = flavors[i % COUNT_OF(flavors)], *parent = cases[i / COUNT_OF(flavors)].parent;
        change_fn *change = cases[i / COUNT_OF(flavors)].change;

        struct cost small = cost_of(flavor, parent, change, SMALL);
        struct cost large = cost_of(flavor, parent, change, LARGE);

        if (memcmp(&small, &large, sizeof(small)) != 0)
            fail_msg("%s, %s: %llu nodes, %llu objects and %llu contributions become %llu, %llu and %llu",
                     cases[i / COUNT_OF(flavors)].name, flavor, (unsigned long long)small.nodes,
                     (unsigned long long)small.objects, (unsigned long long)small.contributions,
                     (unsigned long long)large.nodes, (unsigned long long)large.objects,
                     (unsigned long long)large.contributions);
    }
}

/* That the routes of this test do hang on their listeners. */
static void a_change_that_concerns_the_routes_runs_them(void **state)
{
    (void)state;

    assert_in_range(cost_of("expressions", UNNAMED, rename_the_host, SMALL).nodes, SMALL, 4 * SMALL);
    assert_in_range(cost_of("expressions", NAMED, rename_the_host, SMALL).nodes, SMALL, 4 * SMALL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_costs_the_same_however_many_routes_it_does_not_concern),
        cmocka_unit_test(a_change_that_concerns_the_routes_runs_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
