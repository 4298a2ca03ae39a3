/* Which endpoints of the Service are Admin APIs to talk to. */
#include "gateway/discovery.h"

#include <string.h>

#include "base/map.h"
#include "base/vec.h"
#include "kube/client.h"

struct gateway_discovery {
    struct gateway_discovery_options options;
    struct kube_discovery *discovery;
    struct kube_reflector *reflector;
    struct map slices; /* name -> struct json, an object whose member names are URLs */
    struct json *told; /* the same for all of them, as last set */
    bool known;
};

static void release_json(void *value)
{
    json_free(value);
}

static bool is_wanted(const struct json *port, const char *const *names)
{
    const char *name = json_find_text(port, "name");
    for (; name != NULL && *names != NULL; names++) {
        if (strcmp(*names, name) == 0)
            return true;
    }
    return false;
}

static void add_endpoint(const struct json *endpoint, int64_t port, struct json *urls)
{
    const struct json *conditions = json_find(endpoint, "conditions");
    const char *address = json_text(json_at(json_find(endpoint, "addresses"), 0));
    bool ready = json_truth(json_find(conditions, "ready"), true);
    if (!ready || json_truth(json_find(conditions, "terminating"), false) || address == NULL)
        return;
    bool brackets = strchr(address, ':') != NULL;
    AUTO(text)
    char *url = xasprintf("https://%s%s%s:%lld", brackets ? "[" : "", address, brackets ? "]" : "", (long long)port);
    if (json_count(urls) < DISCOVERY_ENDPOINTS_MAX)
        json_set_bool(urls, url, true);
}

void gateway_discovery_endpoints(const struct json *slice, const char *const *port_names, struct json *urls)
{
    json_each (port, json_find(slice, "ports")) {
        int64_t number = json_integer(json_find(port, "port"), 0);
        if (number <= 0 || !is_wanted(port, port_names))
            continue;
        json_each (endpoint, json_find(slice, "endpoints")) {
            add_endpoint(endpoint, number, urls);
        }
    }
}

static struct json *all_urls(const struct gateway_discovery *service)
{
    struct json *all = json_new_object();
    struct map_entry **slices = map_sorted(&service->slices);
    for (size_t i = 0; slices[i] != NULL; i++) {
        json_each (url, slices[i]->value) {
            if (json_count(all) < DISCOVERY_ENDPOINTS_MAX)
                json_set_bool(all, json_name(url), true);
        }
    }
    free(slices);
    return all;
}

static void tell(struct gateway_discovery *service)
{
    if (!service->known)
        return;
    struct json *all = all_urls(service);
    if (service->told != NULL && json_equal(all, service->told)) {
        json_free(all);
        return;
    }
    json_free(service->told);
    service->told = all;
    struct {
        VEC(const char *);
    } urls = {0};
    json_each (url, all) {
        vec_push(&urls, json_name(url));
    }
    log_write(service->options.log, urls.count != 0 ? LOG_INFO : LOG_WARN, "Admin APIs found", "namespace",
              service->options.namespace, "service", service->options.name, "endpoints", LOG_NUMBER(urls.count), NULL);
    kong_gateways_set(service->options.gateways, urls.items, urls.count);
    vec_done(&urls);
    service->options.changed(service->options.user);
}

static void take_slice(void *user, struct object *object)
{
    struct gateway_discovery *service = user;
    struct json *slice = NULL;
    struct err err = ERR_INIT;
    if (json_parse(object->text, object->length, &slice, &err) == 0) {
        struct json *urls = json_new_object();
        gateway_discovery_endpoints(slice, options_list(service->options.options, OPT_KONG_ADMIN_SVC_PORTS), urls);
        map_put(&service->slices, object->name, urls);
        json_free(slice);
    }
    object_unref(object);
    tell(service);
}

static void take_gone(void *user, const struct store_kind *kind, const char *namespace, const char *name)
{
    struct gateway_discovery *service = user;
    map_remove(&service->slices, name);
    tell(service);
}

static void take_bad(void *user, const struct store_kind *kind, const char *namespace, const char *name,
                     const struct err *why)
{
    const struct gateway_discovery *service = user;
    log_warn(service->options.log, "an EndpointSlice of the Admin API cannot be read; it stays as it was", "name", name,
             "error", why->text);
}

static void take_state(void *user, const struct store_kind *kind, enum kube_state state, const char *reason)
{
    struct gateway_discovery *service = user;
    if (state == KUBE_FROZEN)
        log_warn(service->options.log, "the Admin API's EndpointSlices cannot be read", "reason", reason);
    if (state != KUBE_SYNCED)
        return;
    service->known = true;
    tell(service);
}

struct gateway_discovery *gateway_discovery_new(const struct gateway_discovery_options *options)
{
    struct gateway_discovery *service = xcalloc(1, sizeof(*service));
    service->options = *options;
    map_init(&service->slices, release_json);
    service->discovery = kube_discovery_new(options->client, options->kinds);
    AUTO(text) char *selector = xasprintf("kubernetes.io/service-name=%s", options->name);
    struct kube_reflector_options reflector = {
        .client = options->client,
        .discovery = service->discovery,
        .kinds = options->kinds,
        .kind = store_kinds_find(options->kinds, "discovery.k8s.io/v1/EndpointSlice"),
        .namespace = options->namespace,
        .label_selector = selector,
        .events = {take_slice, take_gone, take_bad, take_state, service},
    };
    service->reflector = kube_reflector_new(&reflector);
    return service;
}

void gateway_discovery_free(struct gateway_discovery *service)
{
    if (service == NULL)
        return;
    kube_reflector_free(service->reflector);
    kube_discovery_free(service->discovery);
    map_done(&service->slices);
    json_free(service->told);
    free(service);
}

bool gateway_discovery_known(const struct gateway_discovery *service)
{
    return service->known;
}
