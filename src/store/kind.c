/* The table of Kubernetes kinds: adding one starts with a row here. */
#include "store/kind.h"

#include <stdio.h>
#include <string.h>

#define KONG       "configuration.konghq.com"
#define INCUBATOR  "incubator.ingress-controller.konghq.com"
#define GATEWAY    "gateway.networking.k8s.io"
#define NETWORKING "networking.k8s.io"

#define CORE_ROW(version, kind, plural, namespaced)                                                                    \
    {                                                                                                                  \
        version "/" kind, "", version, kind, plural, "", namespaced, 0                                                 \
    }
#define ROW(group, version, also, kind, plural, namespaced)                                                            \
    {                                                                                                                  \
        group "/" version "/" kind, group, version, kind, plural, also, namespaced, 0                                  \
    }

static const struct store_kind ROWS[] = {
    CORE_ROW("v1", "Service", "services", true),
    CORE_ROW("v1", "Secret", "secrets", true),
    CORE_ROW("v1", "ConfigMap", "configmaps", true),
    CORE_ROW("v1", "Namespace", "namespaces", false),
    ROW("discovery.k8s.io", "v1", "", "EndpointSlice", "endpointslices", true),
    ROW(NETWORKING, "v1", "", "Ingress", "ingresses", true),
    ROW(NETWORKING, "v1", "", "IngressClass", "ingressclasses", false),
    ROW(KONG, "v1", "", "KongPlugin", "kongplugins", true),
    ROW(KONG, "v1", "", "KongClusterPlugin", "kongclusterplugins", false),
    ROW(KONG, "v1", "", "KongConsumer", "kongconsumers", true),
    ROW(KONG, "v1", "", "KongIngress", "kongingresses", true),
    ROW(KONG, "v1beta1", "", "KongConsumerGroup", "kongconsumergroups", true),
    ROW(KONG, "v1beta1", "", "KongUpstreamPolicy", "kongupstreampolicies", true),
    ROW(KONG, "v1beta1", "", "TCPIngress", "tcpingresses", true),
    ROW(KONG, "v1beta1", "", "UDPIngress", "udpingresses", true),
    ROW(KONG, "v1alpha1", "", "KongVault", "kongvaults", false),
    ROW(KONG, "v1alpha1", "", "KongLicense", "konglicenses", false),
    ROW(KONG, "v1alpha1", "", "KongCustomEntity", "kongcustomentities", true),
    ROW(KONG, "v1alpha1", "", "IngressClassParameters", "ingressclassparameterses", true),
    ROW(INCUBATOR, "v1alpha1", "", "KongServiceFacade", "kongservicefacades", true),
    ROW(GATEWAY, "v1", "v1beta1", "GatewayClass", "gatewayclasses", false),
    ROW(GATEWAY, "v1", "v1beta1", "Gateway", "gateways", true),
    ROW(GATEWAY, "v1", "v1beta1", "HTTPRoute", "httproutes", true),
    ROW(GATEWAY, "v1", "", "GRPCRoute", "grpcroutes", true),
    ROW(GATEWAY, "v1beta1", "v1", "ReferenceGrant", "referencegrants", true),
    ROW(GATEWAY, "v1alpha2", "v1", "TCPRoute", "tcproutes", true),
    ROW(GATEWAY, "v1alpha2", "v1", "UDPRoute", "udproutes", true),
    ROW(GATEWAY, "v1alpha2", "v1,v1alpha3", "TLSRoute", "tlsroutes", true),
    ROW(GATEWAY, "v1alpha3", "v1", "BackendTLSPolicy", "backendtlspolicies", true),
    ROW(GATEWAY, "v1", "", "ListenerSet", "listenersets", true),
};

struct own_row {
    struct store_kind row;
    char *id, *group, *version, *kind, *plural;
};

struct store_kinds {
    struct store_kind rows[COUNT_OF(ROWS)];
    struct own_row *own[STORE_KIND_MAX];
    int own_count;
};

struct store_kinds *store_kinds_new(void)
{
    struct store_kinds *kinds = xcalloc(1, sizeof(*kinds));
    memcpy(kinds->rows, ROWS, sizeof(ROWS));
    for (size_t i = 0; i < COUNT_OF(ROWS); i++)
        kinds->rows[i].index = (int)i;
    return kinds;
}

void store_kinds_free(struct store_kinds *kinds)
{
    if (kinds == NULL)
        return;
    for (int i = 0; i < kinds->own_count; i++) {
        struct own_row *own = kinds->own[i];
        free(own->id);
        free(own->group);
        free(own->version);
        free(own->kind);
        free(own->plural);
        free(own);
    }
    free(kinds);
}

static bool in_list(const char *list, const char *word, size_t length)
{
    while (*list != '\0') {
        size_t size = strcspn(list, ",");
        if (size == length && memcmp(list, word, length) == 0)
            return true;
        list += size + (list[size] == ',');
    }
    return false;
}

static bool row_matches(const struct store_kind *row, const char *group, size_t group_length, const char *version,
                        size_t version_length, const char *kind)
{
    if (strcmp(row->kind, kind) != 0 || strlen(row->group) != group_length ||
        memcmp(row->group, group, group_length) != 0)
        return false;
    return in_list(row->version, version, version_length) || in_list(row->also, version, version_length);
}

const struct store_kind *store_kinds_find_object(const struct store_kinds *kinds, const char *api_version,
                                                 const char *kind)
{
    const char *slash = strchr(api_version, '/');
    const char *version = slash != NULL ? slash + 1 : api_version;
    size_t group_length = slash != NULL ? (size_t)(slash - api_version) : 0;
    for (int i = 0;; i++) {
        const struct store_kind *row = store_kinds_at(kinds, i);
        if (row == NULL || row_matches(row, api_version, group_length, version, strlen(version), kind))
            return row;
    }
}

const struct store_kind *store_kinds_find(const struct store_kinds *kinds, const char *id)
{
    const char *last = strrchr(id, '/');
    if (last == NULL)
        return NULL;
    char *api_version = xstrndup(id, (size_t)(last - id));
    const struct store_kind *row = store_kinds_find_object(kinds, api_version, last + 1);
    free(api_version);
    return row;
}

const struct store_kind *store_kinds_at(const struct store_kinds *kinds, int index)
{
    if (index < (int)COUNT_OF(ROWS))
        return &kinds->rows[index];
    index -= (int)COUNT_OF(ROWS);
    return index < kinds->own_count ? &kinds->own[index]->row : NULL;
}

const struct store_kind *store_kinds_add(struct store_kinds *kinds, const char *id, struct err *err)
{
    const struct store_kind *present = store_kinds_find(kinds, id);
    if (present != NULL)
        return present;
    const char *last = strrchr(id, '/');
    const char *first = strchr(id, '/');
    if (last == NULL || last == first || last[1] == '\0' || first == id) {
        err_set(err, ERR_INVALID, "'%s' is no kind: write group/version/Kind", id);
        return NULL;
    }
    int index = (int)COUNT_OF(ROWS) + kinds->own_count;
    if (index >= STORE_KIND_MAX) {
        err_set(err, ERR_TOO_BIG, "more than %d kinds", STORE_KIND_MAX);
        return NULL;
    }
    struct own_row *own = xcalloc(1, sizeof(*own));
    own->id = xstrdup(id);
    own->group = xstrndup(id, (size_t)(first - id));
    own->version = xstrndup(first + 1, (size_t)(last - first - 1));
    own->kind = xstrdup(last + 1);
    own->row = (struct store_kind){own->id, own->group, own->version, own->kind, NULL, "", true, index};
    kinds->own[kinds->own_count++] = own;
    return &own->row;
}

void store_kinds_learn(struct store_kinds *kinds, const struct store_kind *kind, const char *plural, bool namespaced)
{
    int at = kind->index - (int)COUNT_OF(ROWS);
    if (at < 0)
        return;
    struct own_row *own = kinds->own[at];
    free(own->plural);
    own->plural = xstrdup(plural);
    own->row.plural = own->plural;
    own->row.namespaced = namespaced;
}
