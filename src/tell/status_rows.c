/* The table of kinds whose status we write: adding one is a row here. */
#include <string.h>

#include "status_shape.h"

#define KONG      "configuration.konghq.com/"
#define INCUBATOR "incubator.ingress-controller.konghq.com/"
#define GATEWAY   "gateway.networking.k8s.io/"

#define PROGRAMMED(kind)                                                                                               \
    {                                                                                                                  \
        kind, status_shape_conditions, STATUS_ADDRESSES_NONE, true, "", "", 0                                          \
    }
#define ADDRESSED(kind, addresses)                                                                                     \
    {                                                                                                                  \
        kind, status_shape_load_balancer, addresses, false, "", "", 0                                                  \
    }
#define ROUTE(kind)                                                                                                    \
    {                                                                                                                  \
        kind, status_shape_parents, STATUS_ADDRESSES_NONE, true, "parents", "parentRef", 32                            \
    }
#define POLICY(kind, shape)                                                                                            \
    {                                                                                                                  \
        kind, shape, STATUS_ADDRESSES_NONE, true, "ancestors", "ancestorRef", 16                                       \
    }

static const struct status_row ROWS[] = {
    PROGRAMMED(KONG "v1/KongConsumer"),
    PROGRAMMED(KONG "v1/KongPlugin"),
    PROGRAMMED(KONG "v1/KongClusterPlugin"),
    PROGRAMMED(KONG "v1beta1/KongConsumerGroup"),
    PROGRAMMED(KONG "v1alpha1/KongVault"),
    PROGRAMMED(KONG "v1alpha1/KongCustomEntity"),
    PROGRAMMED(INCUBATOR "v1alpha1/KongServiceFacade"),
    ADDRESSED("networking.k8s.io/v1/Ingress", STATUS_ADDRESSES_TCP),
    ADDRESSED(KONG "v1beta1/TCPIngress", STATUS_ADDRESSES_TCP),
    ADDRESSED(KONG "v1beta1/UDPIngress", STATUS_ADDRESSES_UDP),
    {GATEWAY "v1/GatewayClass", status_shape_class, STATUS_ADDRESSES_NONE, true, "", "", 0},
    {GATEWAY "v1/Gateway", status_shape_gateway, STATUS_ADDRESSES_BOTH, true, "", "", 0},
    {GATEWAY "v1/ListenerSet", status_shape_gateway, STATUS_ADDRESSES_NONE, true, "", "", 0},
    ROUTE(GATEWAY "v1/HTTPRoute"),
    ROUTE(GATEWAY "v1/GRPCRoute"),
    ROUTE(GATEWAY "v1alpha2/TCPRoute"),
    ROUTE(GATEWAY "v1alpha2/UDPRoute"),
    ROUTE(GATEWAY "v1alpha2/TLSRoute"),
    POLICY(GATEWAY "v1alpha3/BackendTLSPolicy", status_shape_ancestors),
    POLICY(KONG "v1beta1/KongUpstreamPolicy", status_shape_service_policies),
    {KONG "v1alpha1/KongLicense", status_shape_controllers, STATUS_ADDRESSES_NONE, true, "controllers", "", 0},
    {"v1/Service", NULL, STATUS_ADDRESSES_NONE, false, "", "", 0},
};

const struct status_row *status_row_find(const char *kind)
{
    for (size_t i = 0; i < COUNT_OF(ROWS); i++) {
        if (strcmp(ROWS[i].kind, kind) == 0)
            return &ROWS[i];
    }
    return NULL;
}
