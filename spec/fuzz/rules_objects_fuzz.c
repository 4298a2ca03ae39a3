/* Objects with any names, labels, keys and numbers through the bundled rules to a plan: one JSON object a line.  Rules may fail for what an API
 * server would have refused; nothing is read or written out of place, and what comes of it is sound. */
#include <stdint.h>

#include "rules_check.h"

#define OBJECTS_MAX 40

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static struct rules *engine;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const char text[] =
        "{\"router_flavor\":\"traditional_compatible\",\"ingress_class\":\"kong\",\"offline\":true,"
        "\"kong_version\":\"3.9.1\",\"on_missing_plugin\":\"withhold\","
        "\"feature_gates\":{\"FillIDs\":true,\"RewriteURIs\":true,\"KongServiceFacade\":true,"
        "\"KongCustomEntity\":true,\"GatewayAlpha\":true}}";
    struct err err = ERR_INIT;
    struct json *settings = NULL;
    require_that(json_parse(text, sizeof(text) - 1, &settings, &err) == 0);
    struct rules_options options = {.settings = settings,
                                    .limits = {.instructions = 5000000, .memory = 256u << 20, .time_ms = 5000}};
    if (rules_load(&options, &engine, &err) != 0) {
        fprintf(stderr, "%s\n", err.text);
        abort();
    }
    json_free(settings);
    return 0;
}

/* What is no UTF-8 reaches no API server. */
static struct object *parse(const char *line, size_t length)
{
    if (lua_read_fault(line, length, false) != NULL)
        return NULL;
    struct object *object = NULL;
    struct err err = ERR_INIT;
    int rc = object_parse(rules_kind_table(engine), line, length, "default", &object, &err);
    return rc == 0 ? object : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct object *objects[OBJECTS_MAX];
    size_t count = 0;
    const char *at = (const char *)data, *end = at + size;
    while (at < end && count < OBJECTS_MAX) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (stop == NULL)
            stop = end;
        struct object *object = parse(at, (size_t)(stop - at));
        if (object != NULL) {
            objects[count++] = object;
            rules_put(engine, object_ref(object));
        }
        at = stop + 1;
    }
    check_wave(engine);
    for (size_t i = 0; i < count; i++) {
        rules_remove(engine, objects[i]->kind, objects[i]->namespace, objects[i]->name);
        object_unref(objects[i]);
    }
    check_wave(engine);
    require_that(rules_counters(engine).nodes == 0);
    return 0;
}
