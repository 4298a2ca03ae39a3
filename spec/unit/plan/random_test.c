/* Random edits, answers in random order, refusals and lost answers: whatever happens, no route is live without its
 * guards, no request breaks a reference, and in the end the gateway is as it is wanted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "patched.h"
#include "plan/body.h"
#include "wanted.h"

#define SEEDS    200
#define EDITS    25
#define FLIGHTS  6
#define SERVICES 3
#define ROUTES   4

static const char *const owner[] = {"mine"};
static const char *const plugins[] = {"key-auth", "jwt", "acl"};

struct world {
    struct kong_schemas *schemas;
    struct kong_plan *plan;
    struct map gateway; /* "kind id" to the JSON that it holds */
    struct map born;    /* … to when it was made */
    uint64_t spread;    /* how long plugins take to be known everywhere */
    struct kong_op flights[FLIGHTS];
    struct json *bodies[FLIGHTS]; /* as they were when they were sent */
    size_t flight_count;
    unsigned seed;
    uint64_t now;
    bool calm; /* no refusals any more */
};

static unsigned roll(struct world *world, unsigned sides)
{
    return (unsigned)rand_r(&world->seed) % sides;
}

static char *name_of(const struct kong_kind *kind, const char *id)
{
    return xasprintf("%s %s", kind->name, id);
}

static void release_json(void *value)
{
    json_free(value);
}

static void assert_unreferenced(struct world *world, const char *field, const char *id)
{
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&world->gateway, &position)) != NULL) {
        const char *parent = json_find_text(json_find(entry->value, field), "id");
        if (parent != NULL && strcmp(parent, id) == 0 && strncmp(entry->key, "plugin", 6) != 0)
            fail_msg("seed: %s goes while %s refers to it", id, entry->key);
    }
}

static bool has_plugin(struct world *world, const char *plugin, const char *route_id, const char *service_id,
                       uint64_t before)
{
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&world->gateway, &position)) != NULL) {
        if (strncmp(entry->key, "plugin", 6) != 0 || strcmp(json_find_text(entry->value, "name"), plugin) != 0)
            continue;
        const char *route = json_find_text(json_find(entry->value, "route"), "id");
        const char *service = json_find_text(json_find(entry->value, "service"), "id");
        bool known = *(uint64_t *)map_find(&world->born, entry->key) <= before;
        if (known && ((route != NULL && strcmp(route, route_id) == 0) ||
                      (service != NULL && service_id != NULL && strcmp(service, service_id) == 0)))
            return true;
    }
    return false;
}

/* Its plugins go with it, and nodes may forget them first. */
static void assert_withdrawn(struct world *world, const struct kong_actual *route)
{
    AUTO(text) char *name = name_of(route->kind, route->id);
    const struct json *object = map_find(&world->gateway, name);
    const char *path = json_text(json_at(json_find(object, "paths"), 0));
    for (size_t i = 0; path != NULL && i < COUNT_OF(plugins); i++)
        if (has_plugin(world, plugins[i], route->id, route->foreign_ids[0], UINT64_MAX))
            fail_msg("%s is deleted while it is live at %s with %s", route->id, path, plugins[i]);
}

static void gateway_delete(struct world *world, const struct kong_op *op)
{
    const struct kong_kind *kind = op->item->kind;
    const char *id = op->item->actual->id;
    if (kind->id == KONG_SERVICE)
        assert_unreferenced(world, "service", id);
    if (kind->id == KONG_ROUTE && world->spread > 0)
        assert_withdrawn(world, op->item->actual);
    for (bool again = true; again;) { /* plugins and targets go with what they are for */
        size_t position = 0;
        struct map_entry *entry;
        again = false;
        while (!again && (entry = map_next(&world->gateway, &position)) != NULL) {
            const char *parent = json_find_text(json_find(entry->value, kind->name), "id");
            again = parent != NULL && strcmp(parent, id) == 0;
            if (again)
                map_remove(&world->gateway, entry->key);
        }
    }
    AUTO(text) char *name = name_of(kind, id);
    map_remove(&world->gateway, name);
}

/* Nothing is sent that refers to what is not there, as far as the gateway has answered. */
static void assert_references(struct world *world, const struct kong_op *op, const struct json *body)
{
    const struct kong_item *item = op->item;
    for (size_t i = 0; i < KONG_FOREIGN_MAX && item->kind->foreign[i].field != NULL; i++) {
        const char *id = json_find_text(json_find(body, item->kind->foreign[i].field), "id");
        const struct kong_item *parent = item->links[i].target;
        AUTO(text) char *name = id != NULL ? name_of(kong_kind_get(item->kind->foreign[i].kind), id) : NULL;
        if (name != NULL && parent != NULL && !parent->unsure && map_find(&world->gateway, name) == NULL)
            fail_msg("%s is sent and refers to %s, which is not there", item->key, name);
    }
}

/* Paths name the guard that the route has when they are sent. */
static void assert_has_guards(struct world *world, const struct json *route, uint64_t before)
{
    const char *path = json_text(json_at(json_find(route, "paths"), 0));
    const char *id = json_find_text(route, "id");
    const char *service = json_find_text(json_find(route, "service"), "id");
    for (size_t i = 0; path != NULL && i < COUNT_OF(plugins); i++)
        if (strstr(path, plugins[i]) != NULL && !has_plugin(world, plugins[i], id, service, before))
            fail_msg("%s is live at %s without %s", id, path, plugins[i]);
}

static struct json *body_of(struct world *world, const struct kong_op *op)
{
    struct json *body = kong_op_body(kong_plan_state(world->plan), op);
    if (op->verb == KONG_WITHDRAW)
        body = patched(op->item->actual, body, owner[0]);
    if (body != NULL && json_find(body, "id") == NULL)
        json_set_text(body, "id", op->item->actual->id);
    if (body != NULL)
        assert_references(world, op, body);
    if (op->item->kind->id == KONG_ROUTE && body != NULL)
        assert_has_guards(world, body, world->now - world->spread);
    return body;
}

static const struct json *gateway_write(struct world *world, const struct kong_op *op, struct json *body)
{
    const struct kong_item *item = op->item;
    if (item->kind->id == KONG_TARGET && json_find(body, "upstream") == NULL)
        fail_msg("a target without an upstream");
    for (size_t i = 0; i < KONG_FOREIGN_MAX && item->kind->foreign[i].field != NULL; i++) {
        const char *id = json_find_text(json_find(body, item->kind->foreign[i].field), "id");
        AUTO(text) char *parent = id != NULL ? name_of(kong_kind_get(item->kind->foreign[i].kind), id) : NULL;
        if (parent != NULL && map_find(&world->gateway, parent) == NULL) { /* deleted while this was under way */
            json_free(body);
            return NULL;
        }
    }
    AUTO(text) char *name = name_of(item->kind, json_find_text(body, "id"));
    if (map_find(&world->gateway, name) == NULL) {
        uint64_t *now = xmalloc(sizeof(*now));
        *now = world->now;
        map_put(&world->born, name, now);
    }
    map_put(&world->gateway, name, body);
    return body;
}

/* The guards that a route had when it was sent must be there as long as it is. */
static void assert_guarded(struct world *world)
{
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&world->gateway, &position)) != NULL)
        if (strncmp(entry->key, "route", 5) == 0)
            assert_has_guards(world, entry->value, UINT64_MAX);
}

static void end_flight(struct world *world, size_t index)
{
    struct kong_op op = world->flights[index];
    AUTO(json) struct json *body = world->bodies[index];
    world->flight_count--;
    world->flights[index] = world->flights[world->flight_count];
    world->bodies[index] = world->bodies[world->flight_count];
    unsigned fate = world->calm ? 0 : roll(world, 12);
    if (op.verb == KONG_READ) {
        const struct kong_item *item = op.item;
        const char *id = item->actual != NULL    ? item->actual->id
                         : item->sent_id != NULL ? item->sent_id
                         : item->entity != NULL  ? item->entity->id
                                                 : "";
        AUTO(text) char *name = name_of(item->kind, id);
        kong_plan_found(world->plan, &op, map_find(&world->gateway, name), world->now);
    } else if (fate == 1) {
        kong_plan_refused(world->plan, &op, "KongRefused", "no", world->now);
    } else if (fate == 2) {
        kong_plan_again(world->plan, &op);
    } else if (fate == 3) {
        kong_plan_unsure(world->plan, &op);
    } else if (op.verb == KONG_DELETE) {
        if (op.item->actual != NULL)
            gateway_delete(world, &op);
        if (fate == 4)
            kong_plan_unsure(world->plan, &op);
        else
            kong_plan_landed(world->plan, &op, NULL, world->now);
    } else {
        const struct json *object = gateway_write(world, &op, TAKE(body));
        if (object == NULL) {
            kong_plan_doubt_references(world->plan, &op);
            kong_plan_refused(world->plan, &op, "KongForeignKey", "no such entity", world->now);
        } else if (fate == 4) {
            kong_plan_unsure(world->plan, &op);
        } else {
            kong_plan_landed(world->plan, &op, object, world->now);
        }
    }
    assert_guarded(world);
}

static void work(struct world *world, unsigned steps)
{
    for (unsigned i = 0; i < steps; i++) {
        world->now += 1000;
        kong_plan_wake(world->plan, world->now);
        struct kong_op op;
        while (world->flight_count < FLIGHTS && kong_plan_next(world->plan, world->now, &op)) {
            world->bodies[world->flight_count] = body_of(world, &op);
            world->flights[world->flight_count++] = op;
        }
        if (world->flight_count > 0)
            end_flight(world, roll(world, (unsigned)world->flight_count));
    }
}

static void want(struct world *world, struct kong_entity *entity)
{
    kong_plan_want(world->plan, entity->kind, entity->key, entity);
    kong_entity_unref(entity);
}

static void edit_service(struct world *world, unsigned number)
{
    AUTO(text) char *service = xasprintf("s%u", number);
    AUTO(text) char *host = xasprintf("u%u", roll(world, 3));
    AUTO(text) char *text = xasprintf("{\"name\":\"%s\",\"host\":\"%s\"}", service, host);
    AUTO(text) char *upstream = xasprintf("{\"name\":\"%s\"}", host);
    AUTO(text) char *target = xasprintf("{\"target\":\"10.0.0.%u:80\"}", roll(world, 4));
    want(world, wanted(KONG_SERVICE, text, NULL));
    want(world, wanted(KONG_UPSTREAM, upstream, NULL));
    want(world, wanted(KONG_TARGET, target, host));
}

static void drop_everything_of(struct world *world, enum kong_kind_id kind, const char *part)
{
    struct map_entry **items = map_sorted(&kong_plan_state(world->plan)->items[kind]);
    size_t count = kong_plan_state(world->plan)->items[kind].count;
    char **keys = xcalloc(count + 1, sizeof(char *));
    for (size_t i = 0; i < count; i++)
        keys[i] = xstrdup(items[i]->key);
    free(items);
    for (size_t i = 0; i < count; i++) {
        if (strstr(keys[i], part) != NULL)
            kong_plan_want(world->plan, kong_kind_get(kind), keys[i], NULL);
        free(keys[i]);
    }
    free(keys);
}

/* The route, and its one guard on itself or on its service. */
static void edit_route(struct world *world, unsigned number)
{
    const char *plugin = plugins[roll(world, COUNT_OF(plugins))];
    unsigned of = roll(world, SERVICES);
    AUTO(text) char *service = xasprintf("s%u", of);
    AUTO(text) char *route = xasprintf("r%u", number);
    AUTO(text)
    char *text =
        xasprintf("{\"name\":\"%s\",\"paths\":[\"/%s/%u\"],\"protocols\":[\"http\"]}", route, plugin, roll(world, 9));
    AUTO(text) char *plugin_text = xasprintf("{\"name\":\"%s\",\"config\":{\"n\":%u}}", plugin, roll(world, 3));
    AUTO(text) char *of_route = xasprintf(":route/%s", route);
    drop_everything_of(world, KONG_PLUGIN, of_route);
    edit_service(world, of);
    struct kong_entity *entity = wanted(KONG_ROUTE, text, service);
    AUTO(text) char *scope = xasprintf(",%s", route);
    struct kong_entity *guard = wanted(KONG_PLUGIN, plugin_text, scope);
    entity->guards = xcalloc(1, sizeof(char *));
    entity->guards[entity->guard_count++] = xstrdup(guard->key);
    want(world, entity);
    if (roll(world, 8) != 0 || world->calm)
        want(world, guard);
    else
        kong_entity_unref(guard);
}

static void edit(struct world *world)
{
    unsigned number = roll(world, ROUTES);
    AUTO(text) char *route = xasprintf("r%u", number);
    AUTO(text) char *of_route = xasprintf(":route/%s", route);
    AUTO(text) char *upstream = xasprintf("u%u", roll(world, 3));
    switch (roll(world, 6)) {
    case 0:
        edit_service(world, roll(world, SERVICES));
        break;
    case 1:
        kong_plan_want(world->plan, kong_kind_get(KONG_ROUTE), route, NULL);
        drop_everything_of(world, KONG_PLUGIN, of_route);
        break;
    case 2:
        drop_everything_of(world, KONG_TARGET, upstream);
        break;
    default:
        edit_route(world, number);
    }
    kong_plan_commit(world->plan, world->now);
}

static void assert_as_wanted(struct world *world)
{
    size_t count;
    struct kong_listed *ops = kong_plan_list(world->plan, &count);
    if (count > 0)
        fail_msg("%zu operations are left, first %s %s: status %d, %s", count, ops[0].item->kind->name,
                 ops[0].item->key, ops[0].item->status, ops[0].item->code != NULL ? ops[0].item->text : "");
    free(ops);
    size_t wanted_count = 0;
    for (int kind = 0; kind < KONG_KIND_COUNT; kind++)
        wanted_count += kong_plan_state(world->plan)->actuals[kind].count;
    assert_int_equal(world->gateway.count, wanted_count);
}

static void run_seed(unsigned seed)
{
    struct world world = {.seed = seed, .now = 1000000, .spread = seed % 2 * 4500};
    world.schemas = kong_schemas_new();
    world.plan = kong_plan_new(world.schemas, (struct kong_tags){owner, 1},
                               &(struct kong_plan_options){.max_delete_percent = 100, .spread_ms = world.spread});
    map_init(&world.gateway, release_json);
    map_init(&world.born, free);

    for (unsigned i = 0; i < EDITS; i++) {
        edit(&world);
        work(&world, roll(&world, 12));
    }
    world.calm = true;
    for (unsigned i = 0; i < SERVICES; i++)
        edit_service(&world, i);
    for (unsigned i = 0; i < ROUTES; i++)
        edit_route(&world, i);
    kong_plan_commit(world.plan, world.now);
    work(&world, 1500);
    assert_as_wanted(&world);

    for (int kind = 0; kind < KONG_KIND_COUNT; kind++)
        drop_everything_of(&world, (enum kong_kind_id)kind, "");
    kong_plan_commit(world.plan, world.now);
    work(&world, 300);
    assert_as_wanted(&world);
    assert_int_equal(world.gateway.count, 0);

    kong_plan_free(world.plan);
    kong_schemas_free(world.schemas);
    map_done(&world.gateway);
    map_done(&world.born);
}

static void whatever_happens_guards_hold_and_the_end_is_what_is_wanted(void **state)
{
    for (unsigned seed = 1; seed <= SEEDS; seed++) {
        run_seed(seed * 7919);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_happens_guards_hold_and_the_end_is_what_is_wanted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
