/* gateway.h - the options of the Admin API as what kong/session.h wants: addresses, TLS, token, headers, ownership
 * tags.
 * Owns:    the texts it read from files, and the sandbox behind "sandbox:".
 * Thread:  loop thread.
 * Errors:  names the flag, and the file. */
#pragma once

#include "base/loop.h"
#include "config/options.h"
#include "kong/session.h"

struct gateway;

int gateway_new(struct loop *loop, const struct options *options, const char *lease_namespace,
                struct gateway **ret_gateway, struct err *err) MUST_USE;
void gateway_free(struct gateway *gateway);

struct kong_gateways *gateway_addresses(struct gateway *gateway);
const struct kong_admin_options *gateway_admin(const struct gateway *gateway);
const char *const *gateway_tags(const struct gateway *gateway, size_t *ret_count);
