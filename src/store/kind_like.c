/* What people most likely meant by a kind that is not read. */
#include <string.h>

#include "base/text.h"
#include "store/kind.h"

#define LETTERS_MAX 2 /* that may be wrong in a name */
#define SHORTEST    5 /* names with fewer letters are near to too many */

static const struct {
    const char *group, *kind, *instead;
    enum store_kind_likeness likeness;
} SUCCESSORS[] = {
    {"extensions", "Ingress", "networking.k8s.io/v1/Ingress", STORE_KIND_OLD},
    {"gateway.networking.k8s.io", "ReferencePolicy", "gateway.networking.k8s.io/v1beta1/ReferenceGrant",
     STORE_KIND_OLD},
    {"gateway.networking.x-k8s.io", "XListenerSet", "gateway.networking.k8s.io/v1/ListenerSet", STORE_KIND_OLD},
    {"networking.x-k8s.io", "GatewayClass", "gateway.networking.k8s.io/v1/GatewayClass", STORE_KIND_OLD},
    {"networking.x-k8s.io", "Gateway", "gateway.networking.k8s.io/v1/Gateway", STORE_KIND_OLD},
    {"networking.x-k8s.io", "HTTPRoute", "gateway.networking.k8s.io/v1/HTTPRoute", STORE_KIND_OLD},
    {"networking.x-k8s.io", "TCPRoute", "gateway.networking.k8s.io/v1alpha2/TCPRoute", STORE_KIND_OLD},
    {"networking.x-k8s.io", "UDPRoute", "gateway.networking.k8s.io/v1alpha2/UDPRoute", STORE_KIND_OLD},
    {"networking.x-k8s.io", "TLSRoute", "gateway.networking.k8s.io/v1alpha2/TLSRoute", STORE_KIND_OLD},
    {"", "Endpoints", "discovery.k8s.io/v1/EndpointSlice", STORE_KIND_REPLACED},
    {"configuration.konghq.com", "KongCredential", "a Secret with the label konghq.com/credential",
     STORE_KIND_REPLACED},
};

static bool is_near(const char *left, const char *right)
{
    return strlen(left) >= SHORTEST && text_nearest(left, &right, 1, LETTERS_MAX) != NULL;
}

static enum store_kind_likeness compare(const struct store_kind *row, const char *group, const char *kind)
{
    bool same_group = strcmp(row->group, group) == 0, same_kind = strcmp(row->kind, kind) == 0;
    if (same_group && same_kind)
        return STORE_KIND_OLD;
    if (same_kind && (group[0] == '\0' || is_near(group, row->group)))
        return STORE_KIND_MISSPELT;
    return same_group && is_near(kind, row->kind) ? STORE_KIND_MISSPELT : STORE_KIND_FOREIGN;
}

enum store_kind_likeness store_kinds_find_like(const struct store_kinds *kinds, const char *api_version,
                                               const char *kind, const char **ret_instead)
{
    const char *slash = strchr(api_version, '/');
    AUTO(text) char *group = xstrndup(api_version, slash != NULL ? (size_t)(slash - api_version) : 0);
    enum store_kind_likeness found = STORE_KIND_FOREIGN;
    *ret_instead = "";
    for (size_t i = 0; i < COUNT_OF(SUCCESSORS); i++) {
        if (strcmp(SUCCESSORS[i].group, group) == 0 && strcmp(SUCCESSORS[i].kind, kind) == 0) {
            *ret_instead = SUCCESSORS[i].instead;
            return SUCCESSORS[i].likeness;
        }
    }
    const struct store_kind *row;
    for (int i = 0; (row = store_kinds_at(kinds, i)) != NULL && found != STORE_KIND_OLD; i++) {
        enum store_kind_likeness likeness = compare(row, group, kind);
        if (likeness == STORE_KIND_FOREIGN || (likeness == STORE_KIND_MISSPELT && found != STORE_KIND_FOREIGN))
            continue;
        found = likeness;
        *ret_instead = row->id;
    }
    return found;
}
