/* gateway/discovery.h - Admin APIs found through the EndpointSlices of their Service.
 * Owns:    a reflector for those slices.
 * Thread:  loop thread.
 * Errors:  none: while the slices cannot be read the last known endpoints stay. */
#pragma once

#include "base/log.h"
#include "config/options.h"
#include "gateway/gateways.h"
#include "kube/reflector.h"

#define DISCOVERY_ENDPOINTS_MAX 1000

struct gateway_discovery;

struct gateway_discovery_options {
    const struct options *options; /* borrowed, like all that follows */
    const struct log *log;
    struct kube_client *client;
    struct store_kinds *kinds;
    const char *namespace, *name;
    struct kong_gateways *gateways;
    void (*changed)(void *user); /* the gateways were set anew */
    void *user;
};

struct gateway_discovery *
gateway_discovery_new(const struct gateway_discovery_options *options); /* copies the options */
void gateway_discovery_free(struct gateway_discovery *service);         /* NULL is fine */
bool gateway_discovery_known(const struct gateway_discovery *service);  /* the first list is complete */
/* Base URLs of an EndpointSlice's usable endpoints are put into `urls` (an object's member names). */
void gateway_discovery_endpoints(const struct json *slice, const char *const *port_names, struct json *urls);
