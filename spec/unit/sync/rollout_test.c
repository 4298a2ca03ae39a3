/* The same objects in any order of arrival, with any pauses, end in the same entities, and nothing is held; and each
 * entity is written once where no pause is longer than the settling time.  The bundled rules and the plan, wired as the
 * controller wires them; the gateway answers at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "awaiting.h"
#include "base/buf.h"
#include "base/hash.h"
#include "certificates.h"
#include "plan/plan.h"
#include "rules/rules.h"

#define SEEDS     25
#define APPS      5
#define SETTLE_MS 250

static const char *const owner[] = {"mine"};

struct objects {
    VEC(char *);
};

struct world {
    struct rules *rules;
    struct kong_schemas *schemas;
    struct kong_plan *plan;
    struct awaiting awaiting;
    struct map writes; /* "kind key" -> struct written */
    uint64_t now, arrivals;
    unsigned seed;
    size_t deletes;
};

struct written {
    int count;
};

static unsigned roll(struct world *world, unsigned sides)
{
    return (unsigned)rand_r(&world->seed) % sides;
}

static void add(struct objects *objects, const char *api, const char *kind, const char *name, const char *rest)
{
    bool cluster = strstr(kind, "Class") != NULL;
    char *text = xasprintf("{\"apiVersion\":\"%s\",\"kind\":\"%s\",\"metadata\":{%s\"name\":\"%s\",\"uid\":"
                           "\"00000000-0000-0000-0000-%012zu\",\"creationTimestamp\":\"2026-01-01T00:00:00Z\"%s",
                           api, kind, cluster ? "" : "\"namespace\":\"shop\",", name, objects->count + 1, rest);
    vec_push(objects, text);
}

static void add_backend(struct objects *objects, int app)
{
    AUTO(text) char *service = xasprintf("s%d", app);
    AUTO(text) char *slice = xasprintf("s%d-x", app);
    add(objects, "v1", "Service", service,
        "},\"spec\":{\"clusterIP\":\"10.0.0.1\",\"ports\":[{\"port\":80,\"targetPort\":8080}]}}");
    AUTO(text)
    char *endpoints = xasprintf(",\"labels\":{\"kubernetes.io/service-name\":\"%s\"}},\"addressType\":\"IPv4\","
                                "\"endpoints\":[{\"addresses\":[\"10.1.0.%d\"]}],\"ports\":[{\"name\":\"\",\"port\":"
                                "8080,\"protocol\":\"TCP\"}]}",
                                service, app + 1);
    add(objects, "discovery.k8s.io/v1", "EndpointSlice", slice, endpoints);
}

static void add_http_route(struct objects *objects, int app)
{
    AUTO(text) char *name = xasprintf("r%d", app);
    AUTO(text)
    char *rest = xasprintf(",\"annotations\":{\"konghq.com/plugins\":\"limit\"}},\"spec\":{\"parentRefs\":[{\"name\":"
                           "\"gw\"}],\"hostnames\":[\"r%d.test\"],\"rules\":[{\"backendRefs\":[{\"name\":\"s%d\","
                           "\"port\":80},{\"name\":\"s%d\",\"port\":80}]}]}}",
                           app, app, (app + 1) % APPS);
    add(objects, "gateway.networking.k8s.io/v1", "HTTPRoute", name, rest);
}

static void add_ingress(struct objects *objects, int app)
{
    AUTO(text) char *name = xasprintf("i%d", app);
    AUTO(text)
    char *rest = xasprintf(",\"annotations\":{\"konghq.com/plugins\":\"limit\"}},\"spec\":{\"ingressClassName\":"
                           "\"kong\",\"tls\":[{\"hosts\":[\"i%d.test\"],\"secretName\":\"pair\"}],\"rules\":[{\"host\":"
                           "\"i%d.test\",\"http\":{\"paths\":[{\"path\":\"/\",\"pathType\":\"Prefix\",\"backend\":{"
                           "\"service\":{\"name\":\"s%d\",\"port\":{\"number\":80}}}}]}}]}}",
                           app, app, app);
    add(objects, "networking.k8s.io/v1", "Ingress", name, rest);
}

static char *base64(const char *text)
{
    struct buf out = BUF_OWN;
    hash_base64_encode(text, strlen(text), &out);
    return buf_take(&out);
}

static void add_secrets(struct objects *objects, const struct certificate *pair)
{
    AUTO(text) char *cert = base64(pair->cert_pem);
    AUTO(text) char *key = base64(pair->key_pem);
    AUTO(text)
    char *tls =
        xasprintf("},\"type\":\"kubernetes.io/tls\",\"data\":{\"tls.crt\":\"%s\",\"tls.key\":\"%s\"}}", cert, key);
    add(objects, "v1", "Secret", "pair", tls);
    AUTO(text) char *config = base64("{\"minute\":5,\"policy\":\"local\"}");
    AUTO(text) char *limit = xasprintf("},\"data\":{\"config\":\"%s\"}}", config);
    add(objects, "v1", "Secret", "limit", limit);
    AUTO(text) char *value = base64("bobs-key");
    AUTO(text)
    char *credential =
        xasprintf(",\"labels\":{\"konghq.com/credential\":\"key-auth\"}},\"data\":{\"key\":\"%s\"}}", value);
    add(objects, "v1", "Secret", "bobs-key", credential);
}

static void make_objects(struct objects *objects, const struct certificate *pair)
{
    add(objects, "networking.k8s.io/v1", "IngressClass", "kong",
        "},\"spec\":{\"controller\":\"ingress-controllers.konghq.com/kong\"}}");
    add(objects, "gateway.networking.k8s.io/v1", "GatewayClass", "kong",
        ",\"annotations\":{\"konghq.com/gatewayclass-unmanaged\":\"true\"}},\"spec\":{\"controllerName\":"
        "\"konghq.com/kic-gateway-controller\"}}");
    add(objects, "gateway.networking.k8s.io/v1", "Gateway", "gw",
        "},\"spec\":{\"gatewayClassName\":\"kong\",\"listeners\":[{\"name\":\"http\",\"port\":80,\"protocol\":"
        "\"HTTP\"}]}}");
    add(objects, "configuration.konghq.com/v1", "KongPlugin", "limit",
        "},\"plugin\":\"rate-limiting\",\"configFrom\":{\"secretKeyRef\":{\"name\":\"limit\",\"key\":\"config\"}}}");
    add(objects, "configuration.konghq.com/v1", "KongConsumer", "bob",
        ",\"annotations\":{\"kubernetes.io/ingress.class\":\"kong\"}},\"username\":\"bob\",\"credentials\":["
        "\"bobs-key\"]}");
    for (int app = 0; app < APPS; app++) {
        add_backend(objects, app);
        if (app % 2 == 0)
            add_http_route(objects, app);
        add_ingress(objects, app);
    }
    add_secrets(objects, pair);
}

static void awaits(void *user, const struct kong_source *object, bool missing)
{
    struct world *world = user;
    if (missing)
        kong_plan_await(world->plan, object, world->now);
    else
        kong_plan_complete(world->plan, object);
}

static bool is_gone(void *user, const struct kong_source *object)
{
    return true;
}

static void open_world(struct world *world, unsigned seed, uint64_t settle_ms)
{
    *world = (struct world){.seed = seed, .now = 1000000};
    struct err err = ERR_INIT;
    struct rules_options load = {.bundle = KONGRUENT_SOURCE_DIR "/lua"};
    if (rules_load(&load, &world->rules, &err) != 0)
        fail_msg("%s", err.text);
    struct kong_plan_options plan = {.policy = KONG_POLICY_SYNC,
                                     .max_delete_percent = 30,
                                     .quiet_ms = 1000,
                                     .settle_ms = settle_ms,
                                     .is_gone = is_gone};
    world->schemas = kong_schemas_new();
    world->plan = kong_plan_new(world->schemas, (struct kong_tags){owner, 1}, &plan);
    awaiting_init(&world->awaiting, awaits, world);
    map_init(&world->writes, free);
}

static void close_world(struct world *world)
{
    awaiting_done(&world->awaiting);
    kong_plan_free(world->plan);
    kong_schemas_free(world->schemas);
    rules_free(world->rules);
    map_done(&world->writes);
}

/* A parked route is the one write more that a guard costs. */
static void note(struct world *world, const struct kong_op *op)
{
    world->deletes += op->verb == KONG_DELETE;
    if (op->verb != KONG_CREATE && op->verb != KONG_UPDATE)
        return;
    AUTO(text) char *name = xasprintf("%s %s", op->item->kind->name, op->item->key);
    struct written *written = map_find(&world->writes, name);
    if (written == NULL) {
        written = xcalloc(1, sizeof(*written));
        map_put(&world->writes, name, written);
    }
    written->count++;
}

static void land(struct world *world, const struct kong_op *op)
{
    note(world, op);
    if (op->verb == KONG_DELETE) {
        kong_plan_landed(world->plan, op, NULL, world->now);
        return;
    }
    const struct kong_item *item = op->item;
    const struct kong_state *state = kong_plan_state(world->plan);
    const char *ids[KONG_FOREIGN_MAX];
    kong_state_foreign_ids(item, ids);
    AUTO(json)
    struct json *object = kong_canonical_wanted(item->kind, item->entity, world->schemas, &state->ownership, ids);
    struct json *tags =
        json_is(json_find(object, "tags"), JSON_ARRAY) ? json_copy(json_find(object, "tags")) : json_new_array();
    json_append(tags, json_new_text(owner[0]));
    json_set(object, "tags", tags);
    json_set_text(object, "id", item->actual != NULL ? item->actual->id : item->entity->id);
    if (op->verb == KONG_PARK)
        json_set_text(object, "expression", "x" KONG_PARKED_SUFFIX);
    for (size_t i = 0; i < KONG_FOREIGN_MAX && item->kind->foreign[i].field != NULL; i++) {
        if (ids[i] == NULL)
            continue;
        struct json *reference = json_new_object();
        json_set_text(reference, "id", ids[i]);
        json_set(object, item->kind->foreign[i].field, reference);
    }
    kong_plan_landed(world->plan, op, object, world->now);
}

static void run_plan(struct world *world)
{
    struct kong_op op;
    while (kong_plan_next(world->plan, world->now, &op))
        land(world, &op);
}

static void translate(struct world *world)
{
    struct rules_delta delta;
    rules_run(world->rules, &delta);
    for (size_t i = 0; i < delta.said_count; i++)
        awaiting_said(&world->awaiting, &delta.said[i]);
    uint64_t arrivals = rules_counters(world->rules).arrivals;
    if (arrivals != world->arrivals)
        kong_plan_arrival(world->plan, world->now);
    world->arrivals = arrivals;
    for (size_t i = 0; i < delta.change_count; i++)
        kong_plan_want(world->plan, delta.changes[i].kind, delta.changes[i].key, delta.changes[i].entity);
    rules_delta_done(&delta);
    kong_plan_commit(world->plan, world->now);
    run_plan(world);
}

static void arrive(struct world *world, const char *text)
{
    struct object *object = NULL;
    struct err err = ERR_INIT;
    if (object_parse(rules_kind_table(world->rules), text, strlen(text), NULL, &object, &err) != 0)
        fail_msg("%s: %s", err.text, text);
    rules_put(world->rules, object);
}

static void pass(struct world *world, uint64_t ms)
{
    uint64_t until = world->now + ms;
    for (uint64_t at; (at = kong_plan_wakes_at(world->plan)) != 0 && at <= until;) {
        world->now = at;
        kong_plan_wake(world->plan, at);
        run_plan(world);
    }
    world->now = until;
}

/* What the gateway has in the end. */
static char *content(struct world *world)
{
    struct buf out = BUF_OWN;
    const struct kong_state *state = kong_plan_state(world->plan);
    for (int kind = 0; kind < KONG_KIND_COUNT; kind++) {
        struct map_entry **entries = map_sorted(&state->actuals[kind]);
        for (size_t i = 0; entries[i] != NULL; i++) {
            const struct kong_actual *actual = entries[i]->value;
            buf_printf(&out, "%s %s %s", actual->kind->name, actual->id, actual->text);
            for (int f = 0; f < KONG_FOREIGN_MAX; f++)
                buf_printf(&out, " >%s", actual->foreign_ids[f] != NULL ? actual->foreign_ids[f] : "");
            buf_append_char(&out, '\n');
        }
        free(entries);
    }
    return buf_take(&out);
}

static void shuffle(struct world *world, const struct objects *objects, size_t *order)
{
    for (size_t i = 0; i < objects->count; i++)
        order[i] = i;
    for (size_t i = objects->count; i > 1; i--) {
        size_t other = roll(world, (unsigned)i), kept = order[i - 1];
        order[i - 1] = order[other];
        order[other] = kept;
    }
}

/* One rollout from an empty cluster; the content of the gateway at its end. */
static char *roll_out(struct world *world, const struct objects *objects, unsigned pause_max)
{
    size_t order[256];
    assert_true(objects->count < COUNT_OF(order));
    translate(world);
    shuffle(world, objects, order);
    for (size_t i = 0; i < objects->count; i++) {
        arrive(world, objects->items[order[i]]);
        translate(world);
        pass(world, roll(world, pause_max + 1));
    }
    pass(world, 60000);
    assert_int_equal(kong_plan_held(world->plan).objects, 0);
    assert_int_equal(kong_plan_counters(world->plan).active, 0);
    return content(world);
}

static int set_up(void **state)
{
    struct objects *objects = xcalloc(1, sizeof(*objects));
    struct certificate pair = certificate_make(NULL, "i.test", "DNS:i.test", false);
    make_objects(objects, &pair);
    certificate_done(&pair);
    *state = objects;
    return 0;
}

static int tear_down(void **state)
{
    struct objects *objects = *state;
    for (size_t i = 0; i < objects->count; i++)
        free(objects->items[i]);
    vec_done(objects);
    free(objects);
    return 0;
}

static char *all_at_once(const struct objects *objects)
{
    struct world world;
    open_world(&world, 1, 0);
    for (size_t i = 0; i < objects->count; i++)
        arrive(&world, objects->items[i]);
    translate(&world);
    char *text = content(&world);
    close_world(&world);
    return text;
}

static void any_order_and_any_pause_end_in_the_same_entities_with_nothing_held(void **state)
{
    static const unsigned pauses[] = {0, 300, 3000};
    AUTO(text) char *expected = all_at_once(*state);
    for (unsigned seed = 1; seed <= SEEDS; seed++) {
        struct world world;
        open_world(&world, seed, SETTLE_MS);
        AUTO(text) char *found = roll_out(&world, *state, pauses[seed % COUNT_OF(pauses)]);
        if (strcmp(found, expected) != 0)
            fail_msg("seed %u:\n%s\ninstead of\n%s", seed, found, expected);
        close_world(&world);
    }
}

static void each_entity_is_written_once_where_no_pause_is_longer_than_the_settling_time(void **state)
{
    for (unsigned seed = 1; seed <= SEEDS; seed++) {
        struct world world;
        open_world(&world, seed, SETTLE_MS);
        free(roll_out(&world, *state, SETTLE_MS - 1));
        struct map_entry *entry;
        for (size_t at = 0; (entry = map_next(&world.writes, &at)) != NULL;)
            if (((const struct written *)entry->value)->count != 1)
                fail_msg("seed %u: %s was written %d times", seed, entry->key,
                         ((const struct written *)entry->value)->count);
        assert_int_equal(world.deletes, 0);
        close_world(&world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(any_order_and_any_pause_end_in_the_same_entities_with_nothing_held, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(each_entity_is_written_once_where_no_pause_is_longer_than_the_settling_time,
                                        set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
