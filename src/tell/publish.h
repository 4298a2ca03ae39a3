/* publish.h - the addresses at which people reach the gateway: as given, or as the proxy's Services have them.
 * Owns:    the last known addresses, and a watch of its own where the Services' namespace is not among the watched ones.
 * Thread:  loop thread.
 * Errors:  a Service reference that is not NAMESPACE/NAME; later none: a Service without addresses is waited for, and one that is gone
 *          leaves its last addresses in place. */
#pragma once

#include "base/log.h"
#include "config/options.h"
#include "kube/reflector.h"
#include "status_shape.h"

struct publish;

struct publish_options {
    const struct options *options; /* borrowed */
    const struct log *log;
    struct kube_client *client;
    struct kube_discovery *discovery;
    const struct store_kinds *kinds;
    void (*changed)(void *user); /* not from inside publish_new */
    void *user;
};

int publish_new(const struct publish_options *options, struct publish **ret_publish, struct err *err) MUST_USE;
void publish_free(struct publish *publish);

/* Every object that the source delivers. */
void publish_object(struct publish *publish, const struct object *object);

/* [{ip} or {hostname}]; borrowed until the next change. */
const struct json *publish_addresses(const struct publish *publish, enum status_addresses which);
