/* Options and a settings file as the one object that rules read. */
#include "config/settings.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/file.h"
#include "base/yaml.h"

#define SETTINGS_BYTES_MAX   (1u << 20)
#define KONG_VERSION_DEFAULT "3.9.1"

/* name, default */
static const struct {
    const char *name;
    bool on;
} GATES[] = {{"FillIDs", true},      {"KongCustomEntity", true},
             {"RewriteURIs", false}, {"KongServiceFacade", false},
             {"GatewayAlpha", true}, {"FallbackConfiguration", false}};

/* Flags of a settings file that are no feature gates. */
static bool take_flag(struct json *settings, const char *name, bool on)
{
    if (strcmp(name, "ExpressionRoutes") == 0)
        json_set_text(settings, "router_flavor", on ? "expressions" : "traditional_compatible");
    else if (strcmp(name, "CombinedServicesFromDifferentHTTPRoutes") == 0)
        json_set_bool(settings, "combined_services", on);
    else if (strcmp(name, "SupportRedirectPlugin") == 0)
        json_set_bool(settings, "redirect_plugin", on);
    else
        return false;
    return true;
}

static int read_file(const char *path, struct json *settings, struct err *err)
{
    AUTO(buf) struct buf text = BUF_INIT(SETTINGS_BYTES_MAX);
    AUTO(json) struct json *tree = NULL;
    int rc = file_read(path, &text, err);
    if (rc == 0)
        rc = yaml_parse(buf_text(&text), text.length, &tree, err);
    if (rc != 0)
        return err_wrap(err, "settings file %s", path);
    if (tree != NULL && !json_is(tree, JSON_OBJECT))
        return err_set(err, ERR_INVALID, "settings file %s: a mapping is expected", path);
    json_each (member, tree) {
        if (strcmp(json_name(member), "feature_flags") != 0)
            json_set(settings, json_name(member), json_copy(member));
    }
    json_each (flag, json_find(tree, "feature_flags")) {
        if (!json_is(flag, JSON_BOOL))
            return err_set(err, ERR_INVALID, "settings file %s: feature_flags.%s: true or false is expected", path,
                           json_name(flag));
        if (!take_flag(settings, json_name(flag), json_truth(flag, false)))
            json_set_bool(json_find(settings, "feature_gates"), json_name(flag), json_truth(flag, false));
    }
    return 0;
}

/* `kic`: before a gateway, Kong Ingress Controller leaves what is behind GatewayAlpha alone unless told otherwise. */
static int set_gates(const struct options *options, bool kic, struct json *settings, struct err *err)
{
    struct json *gates = json_new_object();
    json_set(settings, "feature_gates", gates);
    for (size_t i = 0; i < COUNT_OF(GATES); i++)
        json_set_bool(gates, GATES[i].name, GATES[i].on);
    if (kic)
        json_set_bool(gates, "GatewayAlpha", false);
    for (const char *const *word = options_list(options, OPT_FEATURE_GATES); *word != NULL; word++) {
        size_t length = strcspn(*word, "=");
        AUTO(text) char *name = xstrndup(*word, length);
        const char *value = (*word)[length] == '=' ? *word + length + 1 : "";
        if (json_find(gates, name) == NULL)
            return err_set(err, ERR_INVALID, "--feature-gates: there is no gate '%s'", name);
        if (strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
            return err_set(err, ERR_INVALID, "--feature-gates: write %s=true or %s=false", name, name);
        json_set_bool(gates, name, strcmp(value, "true") == 0);
    }
    return 0;
}

static const char *first_of(const char *one, const char *two, const char *three)
{
    if (one != NULL && one[0] != '\0')
        return one;
    return two != NULL && two[0] != '\0' ? two : three;
}

/* The redirect plugin came with 3.9.0. */
static bool has_redirect_plugin(const char *version)
{
    long major = strtol(version, NULL, 10);
    const char *dot = strchr(version, '.');
    long minor = dot != NULL ? strtol(dot + 1, NULL, 10) : 0;
    return major > 3 || (major == 3 && minor >= 9);
}

static void set_listens(const struct options *options, const struct json *told, struct json *settings)
{
    struct json *listens = json_new_array();
    for (const char *const *word = options_list(options, OPT_PROXY_LISTEN); *word != NULL; word++)
        json_append(listens, json_new_text(*word));
    json_each (text, json_count(listens) == 0 ? told : NULL) {
        json_append(listens, json_copy(text));
    }
    json_set(settings, "proxy_listen", listens);
}

static int set_addresses(const struct options *options, struct json *settings, struct err *err)
{
    struct json *addresses = json_new_array();
    json_set(settings, "gateway_addresses", addresses);
    for (const char *const *word = options_list(options, OPT_GATEWAY_ADDRESSES); *word != NULL; word++) {
        unsigned char bytes[sizeof(struct in6_addr)];
        if (inet_pton(AF_INET, *word, bytes) != 1 && inet_pton(AF_INET6, *word, bytes) != 1)
            return err_set(err, ERR_INVALID, "--gateway-addresses: '%s' is no IP address", *word);
        json_append(addresses, json_new_text(*word));
    }
    return 0;
}

int settings_make(const struct options *options, const struct settings_gateway *gateway, struct json **ret_settings,
                  struct err *err)
{
    AUTO(json) struct json *settings = json_new_object();
    bool kic = strcmp(options_text(options, OPT_COMPAT), "kic") == 0;
    int rc = set_gates(options, kic && gateway != NULL, settings, err);
    if (rc != 0)
        return rc;
    const char *version = first_of(options_text(options, OPT_KONG_VERSION), gateway != NULL ? gateway->version : NULL,
                                   KONG_VERSION_DEFAULT);
    json_set_text(settings, "ingress_class", options_text(options, OPT_INGRESS_CLASS));
    json_set_text(settings, "gateway_controller", options_text(options, OPT_GATEWAY_CONTROLLER));
    json_set_text(settings, "gateway_to_reconcile", options_text(options, OPT_GATEWAY_TO_RECONCILE));
    /* offline nothing tells the domain; the short name, KIC's, resolves in every cluster */
    const char *domain = gateway == NULL && !kic ? "cluster.local" : "";
    json_set_text(settings, "cluster_domain", first_of(options_text(options, OPT_CLUSTER_DOMAIN), domain, ""));
    json_set_text(settings, "workspace", options_text(options, OPT_KONG_WORKSPACE));
    json_set_text(settings, "kong_version", version);
    json_set_bool(settings, "redirect_plugin", has_redirect_plugin(version) && !(kic && gateway == NULL));
    json_set_bool(settings, "enable_drain_support", options_truth(options, OPT_DRAIN));
    json_set_bool(settings, "combined_services", options_truth(options, OPT_COMBINED));
    json_set_bool(settings, "offline", gateway == NULL);
    json_set_bool(settings, "tell_unused", options_truth(options, OPT_TELL_UNUSED));
    json_set_text(settings, "on_missing_plugin",
                  first_of(options_text(options, OPT_ON_MISSING_PLUGIN), NULL, kic ? "serve" : "withhold"));
    json_set_text(settings, "router_flavor", "traditional_compatible");
    if (gateway != NULL && gateway->types != NULL)
        json_set(settings, "custom_types", json_copy(gateway->types));
    set_listens(options, gateway != NULL ? gateway->listens : NULL, settings);
    const char *file = options_text(options, OPT_SETTINGS);
    rc = set_addresses(options, settings, err);
    if (rc == 0 && file[0] != '\0')
        rc = read_file(file, settings, err);
    if (rc != 0)
        return rc;
    const char *flavor =
        first_of(options_text(options, OPT_ROUTER_FLAVOR), gateway != NULL ? gateway->router_flavor : NULL,
                 json_find_text(settings, "router_flavor"));
    json_set_text(settings, "router_flavor", flavor);
    *ret_settings = TAKE(settings);
    return 0;
}
