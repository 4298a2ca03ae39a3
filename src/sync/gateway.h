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
/* The Service that --kong-admin-svc names; false: the addresses are fixed. */
bool gateway_service(const struct gateway *gateway, const char **ret_namespace, const char **ret_name);
/* Reads token and certificates again and hands on what has changed; on an error all stays as it is. */
int gateway_reload(struct gateway *gateway, const struct options *options, struct kong_admin *admin, bool *ret_changed,
                   struct err *err) MUST_USE;
/* Where the gateway itself says that it listens, as texts of --gateway-proxy-listen; the caller frees. */
struct json *gateway_listens(const struct kong_gateway_info *info);
const char *const *gateway_tags(const struct gateway *gateway, size_t *ret_count);
