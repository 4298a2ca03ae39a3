/* Reading addresses out of options and Services. */
#include "publish.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/vec.h"

enum { TCP, UDP, PROTOCOLS };

struct place {
    char *namespace, *name; /* of the Service; NULL: none is named */
    struct json *fixed;     /* as given; empty: not given */
    struct json *found;     /* of the Service */
};

struct publish {
    struct publish_options options;
    struct place places[PROTOCOLS];
    struct json *both;
    struct kube_reflector *reflectors[PROTOCOLS];
};

static void add_address(struct json *list, const char *ip, const char *hostname)
{
    struct json *entry = json_new_object();
    json_set_text(entry, ip != NULL ? "ip" : "hostname", ip != NULL ? ip : hostname);
    json_append(list, entry);
}

static bool is_ip(const char *text)
{
    unsigned char bytes[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

static int read_place(struct place *place, const struct options *options, enum option_id service_id, const char *flag,
                      enum option_id fixed_id, struct err *err)
{
    place->fixed = json_new_array();
    place->found = json_new_array();
    for (const char *const *address = options_list(options, fixed_id); *address != NULL; address++)
        add_address(place->fixed, is_ip(*address) ? *address : NULL, *address);
    const char *service = options_text(options, service_id), *slash = strchr(service, '/');
    if (service[0] == '\0')
        return 0;
    if (slash == NULL || slash == service || slash[1] == '\0' || strchr(slash + 1, '/') != NULL)
        return err_set(err, ERR_INVALID, "--%s: '%s' is not NAMESPACE/NAME", flag, service);
    place->namespace = xstrndup(service, (size_t)(slash - service));
    place->name = xstrdup(slash + 1);
    return 0;
}

static struct json *addresses_of(const struct json *service)
{
    struct json *list = json_new_array();
    const char *type = json_text(json_find_path(service, "spec.type"));
    if (type != NULL && strcmp(type, "LoadBalancer") == 0) {
        json_each (ingress, json_find_path(service, "status.loadBalancer.ingress")) {
            const char *ip = json_find_text(ingress, "ip"), *hostname = json_find_text(ingress, "hostname");
            if (ip != NULL && ip[0] != '\0')
                add_address(list, ip, NULL);
            if (hostname != NULL && hostname[0] != '\0')
                add_address(list, NULL, hostname);
        }
        return list;
    }
    json_each (ip, json_find_path(service, "spec.clusterIPs")) {
        if (json_text(ip) != NULL && is_ip(json_text(ip))) /* not "None" */
            add_address(list, json_text(ip), NULL);
    }
    return list;
}

static const struct json *addresses_at(const struct place *place)
{
    return json_count(place->fixed) != 0 ? place->fixed : place->found;
}

/* Without addresses of its own UDP is not reached. */
static void join(struct publish *publish)
{
    json_free(publish->both);
    publish->both = json_new_array();
    bool fixed = json_count(publish->places[TCP].fixed) != 0 || json_count(publish->places[UDP].fixed) != 0;
    for (int i = 0; i < PROTOCOLS; i++) {
        const struct place *place = &publish->places[i];
        json_each (address, fixed ? place->fixed : place->found) {
            bool known = false;
            json_each (present, publish->both) {
                known |= json_equal(present, address);
            }
            if (!known)
                json_append(publish->both, json_copy(address));
        }
    }
}

static void take_service(struct publish *publish, struct place *place, const struct object *object)
{
    AUTO(json) struct json *service = NULL;
    struct err err = ERR_INIT;
    if (json_parse(object->text, object->length, &service, &err) != 0)
        return;
    struct json *found = addresses_of(service);
    if (json_count(found) == 0 || json_equal(found, place->found)) {
        if (json_count(found) == 0 && json_count(addresses_at(place)) == 0)
            log_info(publish->options.log, "waiting for addresses to be provisioned for publish service", "namespace",
                     place->namespace, "name", place->name);
        json_free(found);
        return;
    }
    json_free(place->found);
    place->found = found;
    join(publish);
    publish->options.changed(publish->options.user);
}

void publish_object(struct publish *publish, const struct object *object)
{
    if (strcmp(object->kind->id, "v1/Service") != 0)
        return;
    for (int i = 0; i < PROTOCOLS; i++) {
        struct place *place = &publish->places[i];
        if (place->name != NULL && strcmp(place->name, object->name) == 0 &&
            strcmp(place->namespace, object->namespace) == 0)
            take_service(publish, place, object);
    }
}

static void own_object(void *user, struct object *object)
{
    publish_object(user, object);
    object_unref(object);
}

static void own_gone(void *user, const struct store_kind *kind, const char *namespace, const char *name)
{
}

static void own_bad(void *user, const struct store_kind *kind, const char *namespace, const char *name,
                    const struct err *why)
{
}

static void own_state(void *user, const struct store_kind *kind, enum kube_state state, const char *reason)
{
    const struct publish *publish = user;
    if (state == KUBE_FROZEN)
        log_warn(publish->options.log, "the publish service cannot be read", "reason", reason);
}

static bool is_watched(const struct options *options, const char *namespace)
{
    const char *const *watched = options_list(options, OPT_WATCH_NAMESPACE);
    bool all = *watched == NULL;
    for (; *watched != NULL; watched++)
        all |= strcmp(*watched, namespace) == 0;
    return all;
}

static void watch_place(struct publish *publish, int which)
{
    const struct place *place = &publish->places[which];
    if (place->name == NULL || json_count(place->fixed) != 0 || is_watched(publish->options.options, place->namespace))
        return;
    struct kube_reflector_options reflector = {
        .client = publish->options.client,
        .discovery = publish->options.discovery,
        .kinds = publish->options.kinds,
        .kind = store_kinds_find(publish->options.kinds, "v1/Service"),
        .namespace = place->namespace,
        .events = {own_object, own_gone, own_bad, own_state, publish},
    };
    publish->reflectors[which] = kube_reflector_new(&reflector);
}

int publish_new(const struct publish_options *options, struct publish **ret_publish, struct err *err)
{
    struct publish *publish = xcalloc(1, sizeof(*publish));
    publish->options = *options;
    int rc = read_place(&publish->places[TCP], options->options, OPT_PUBLISH_SERVICE, "publish-service",
                        OPT_PUBLISH_ADDRESS, err);
    if (rc == 0)
        rc = read_place(&publish->places[UDP], options->options, OPT_PUBLISH_SERVICE_UDP, "publish-service-udp",
                        OPT_PUBLISH_ADDRESS_UDP, err);
    if (rc != 0) {
        publish_free(publish);
        return rc;
    }
    for (int i = 0; i < PROTOCOLS; i++)
        watch_place(publish, i);
    join(publish);
    *ret_publish = publish;
    return 0;
}

void publish_free(struct publish *publish)
{
    if (publish == NULL)
        return;
    for (int i = 0; i < PROTOCOLS; i++) {
        kube_reflector_free(publish->reflectors[i]);
        free(publish->places[i].namespace);
        free(publish->places[i].name);
        json_free(publish->places[i].fixed);
        json_free(publish->places[i].found);
    }
    json_free(publish->both);
    free(publish);
}

const struct json *publish_addresses(const struct publish *publish, enum status_addresses which)
{
    switch (which) {
    case STATUS_ADDRESSES_TCP:
        return addresses_at(&publish->places[TCP]);
    case STATUS_ADDRESSES_UDP:
        return addresses_at(&publish->places[UDP]);
    case STATUS_ADDRESSES_BOTH:
        return publish->both;
    default:
        return NULL;
    }
}
