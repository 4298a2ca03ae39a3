/* bench: what a full translation and single changes cost inside the process, as JSON lines.  For ./dev bench, hence in no list. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "command.h"
#include "offline.h"

#define GROUPS       (OPTION_INPUT | OPTION_TRANSLATION)
#define CHANGES      51 /* odd: the median is one of them */
#define CHANGED_PATH "/changed"

/* Changes an object's tree in place; false when it has not the shape that is looked for. */
typedef bool change_fn(struct json *tree, int turn);

static bool change_ingress(struct json *tree, int turn)
{
    struct json *rule = json_at(json_find_path(tree, "spec.rules"), 0);
    struct json *path = json_at(json_find_path(rule, "http.paths"), 0);
    AUTO(text) char *text = xasprintf("%s-%d", CHANGED_PATH, turn);
    if (path == NULL)
        return false;
    json_set_text(path, "path", text);
    return true;
}

static bool change_endpoints(struct json *tree, int turn)
{
    struct json *endpoint = json_at(json_find(tree, "endpoints"), 0);
    if (endpoint == NULL)
        return false;
    AUTO(text) char *address = xasprintf("10.254.0.%d", turn + 1);
    struct json *addresses = json_new_array();
    json_append(addresses, json_new_text(address));
    json_set(endpoint, "addresses", addresses);
    return true;
}

static bool change_http_route(struct json *tree, int turn)
{
    struct json *hostnames = json_new_array();
    AUTO(text) char *name = xasprintf("changed-%d.example.com", turn);
    json_append(hostnames, json_new_text(name));
    json_set(json_find(tree, "spec"), "hostnames", hostnames);
    return true;
}

static bool change_gateway(struct json *tree, int turn)
{
    struct json *listener = json_at(json_find_path(tree, "spec.listeners"), 0);
    AUTO(text) char *name = xasprintf("*.changed-%d.example.com", turn);
    if (listener == NULL)
        return false;
    json_set_text(listener, "hostname", turn % 2 == 1 ? name : "*.example.com");
    return true;
}

static bool change_plugin(struct json *tree, int turn)
{
    struct json *config = json_find(tree, "config");
    if (json_find(config, "minute") == NULL)
        return false;
    json_set_number(config, "minute", turn + 100);
    return true;
}

static bool change_secret(struct json *tree, int turn)
{
    struct json *data = json_find(tree, "data");
    static const char *const keys[] = {"YQ==", "Yg==", "Yw=="};
    if (json_find(data, "key") == NULL)
        return false;
    json_set_text(data, "key", keys[turn % 3]);
    return true;
}

static const struct {
    const char *kind;
    change_fn *change;
} SINGLE_CHANGES[] = {
    {"networking.k8s.io/v1/Ingress", change_ingress},
    {"discovery.k8s.io/v1/EndpointSlice", change_endpoints},
    {"gateway.networking.k8s.io/v1/HTTPRoute", change_http_route},
    {"gateway.networking.k8s.io/v1/Gateway", change_gateway},
    {"configuration.konghq.com/v1/KongPlugin", change_plugin},
    {"v1/Secret", change_secret},
};

static struct object *changed_copy(struct rules *rules, const struct object *object, change_fn *change, int turn)
{
    struct err err = ERR_INIT;
    struct object *copy = NULL;
    AUTO(json) struct json *tree = NULL;
    if (json_parse(object->text, object->length, &tree, &err) != 0 || !change(tree, turn))
        return NULL;
    AUTO(text) char *text = json_print_text(tree);
    return object_parse(rules_kind_table(rules), text, strlen(text), NULL, &copy, &err) == 0 ? copy : NULL;
}

static int by_value(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

static void print_line(struct json *line)
{
    AUTO(buf) struct buf out = BUF_OWN;
    json_print(line, &out);
    printf("%s\n", buf_text(&out));
    json_free(line);
}

static void measure_changes(struct rules *rules, const char *kind_id, change_fn *change)
{
    const struct store_kind *kind = store_kinds_find(rules_kind_table(rules), kind_id);
    size_t count, done = 0;
    struct object **objects = store_list(rules_store(rules), kind, NULL, NULL, NULL, &count);
    uint64_t times[CHANGES];
    struct rules_counters before = rules_counters(rules);
    for (size_t i = 0; i < CHANGES && count != 0; i++) {
        struct object *copy = changed_copy(rules, objects[i * count / CHANGES], change, (int)i);
        if (copy == NULL)
            continue;
        uint64_t start = clock_monotonic_us();
        struct rules_delta delta;
        rules_put(rules, copy);
        rules_run(rules, &delta);
        times[done++] = clock_monotonic_us() - start;
        rules_delta_done(&delta);
        free(objects); /* the store has changed */
        objects = store_list(rules_store(rules), kind, NULL, NULL, NULL, &count);
    }
    free(objects);
    if (done == 0)
        return;
    qsort(times, done, sizeof(*times), by_value);
    struct rules_counters after = rules_counters(rules);
    struct json *line = json_new_object();
    json_set_text(line, "measure", "change");
    json_set_text(line, "kind", kind_id);
    json_set_number(line, "objects", (double)store_count(rules_store(rules), NULL));
    json_set_number(line, "changes", (double)done);
    json_set_number(line, "median_us", (double)times[done / 2]);
    json_set_number(line, "slowest_us", (double)times[done - 1]);
    json_set_number(line, "nodes_run", (double)(after.nodes_run - before.nodes_run) / (double)done);
    json_set_number(line, "entities_changed",
                    (double)(after.entities_changed - before.entities_changed) / (double)done);
    json_set_number(line, "objects_decoded", (double)(after.objects_decoded - before.objects_decoded) / (double)done);
    json_set_number(line, "contributions_read",
                    (double)(after.contributions_read - before.contributions_read) / (double)done);
    print_line(line);
}

static void measure_all(struct rules *rules)
{
    rules_measure(rules, true);
    uint64_t start = clock_monotonic_us();
    struct rules_delta delta;
    rules_run(rules, &delta);
    rules_delta_done(&delta);
    uint64_t total = clock_monotonic_us() - start;
    rules_measure(rules, false);
    struct rules_counters counters = rules_counters(rules);
    size_t entities;
    free(rules_entities(rules, &entities));
    struct json *line = json_new_object();
    json_set_text(line, "measure", "full");
    json_set_number(line, "objects", (double)store_count(rules_store(rules), NULL));
    json_set_number(line, "entities", (double)entities);
    json_set_number(line, "nodes", (double)counters.nodes);
    json_set_number(line, "nodes_run", (double)counters.nodes_run);
    json_set_number(line, "total_us", (double)total);
    json_set_number(line, "lua_us", (double)counters.lua_us);
    json_set_number(line, "json_us", (double)counters.json_us);
    json_set_number(line, "engine_us", (double)counters.engine_us);
    json_set_number(line, "lua_heap_bytes", (double)counters.heap_bytes);
    print_line(line);
}

int cli_bench(int argc, char **argv)
{
    struct err err = ERR_INIT;
    struct options *options = NULL;
    if (options_parse(argc, argv, GROUPS, &options, &err) != 0)
        return command_fail(err.text);
    struct offline offline = OFFLINE_INIT;
    int rc = offline_open(&offline, options, NULL, &err);
    if (rc == 0)
        rc = offline_read_all(&offline, options, &err);
    if (rc == 0) {
        measure_all(offline.rules);
        for (size_t i = 0; i < COUNT_OF(SINGLE_CHANGES); i++)
            measure_changes(offline.rules, SINGLE_CHANGES[i].kind, SINGLE_CHANGES[i].change);
    }
    return offline_end(&offline, options, rc == 0 ? 0 : command_fail(err.text));
}
