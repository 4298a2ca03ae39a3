/* admin_service.h - Admin APIs found through the EndpointSlices of their Service.
 * Owns:    a reflector for those slices, and, where objects come from files, a client of its own.
 * Thread:  loop thread.
 * Errors:  a cluster that cannot be spoken to at all; later none: while the slices cannot be read the last known endpoints stay. */
#pragma once

#include "base/log.h"
#include "config/options.h"
#include "kong/gateways.h"
#include "kube/reflector.h"

#define ADMIN_SERVICE_ENDPOINTS_MAX 1000

struct admin_service;

struct admin_service_options {
    struct loop *loop;
    const struct options *options; /* borrowed, like all that follows */
    const struct log *log;
    struct kube_client *client; /* NULL: one is made */
    struct store_kinds *kinds;
    const char *namespace, *name;
    struct kong_gateways *gateways;
    void (*changed)(void *user); /* the gateways were set anew */
    void *user;
};

int admin_service_new(const struct admin_service_options *options, struct admin_service **ret_service,
                      struct err *err) MUST_USE;
void admin_service_free(struct admin_service *service);        /* NULL is fine */
bool admin_service_known(const struct admin_service *service); /* the first list is complete */
/* Base URLs of an EndpointSlice's usable endpoints are put into `urls` (an object's member names). */
void admin_service_endpoints(const struct json *slice, const char *const *port_names, struct json *urls);
