/* gateway_options.h - the options of the Admin API as what gateway/session.h wants: addresses, TLS, token, headers, ownership
 * tags.
 * Owns:    the texts it read from files, and the sandbox behind "sandbox:".
 * Thread:  loop thread.
 * Errors:  names the flag, and the file. */
#pragma once

#include "config/options.h"
#include "gateway/session.h"
#include "net/loop.h"

struct gateway_options;

int gateway_options_new(struct loop *loop, const struct options *options, const char *lease_namespace,
                        struct gateway_options **ret_gateway, struct err *err) MUST_USE;
void gateway_options_free(struct gateway_options *gateway);

struct kong_gateways *gateway_options_addresses(struct gateway_options *gateway);
const struct kong_admin_options *gateway_options_admin(const struct gateway_options *gateway);
/* The Service that --kong-admin-svc names; false: the addresses are fixed. */
bool gateway_options_service(const struct gateway_options *gateway, const char **ret_namespace, const char **ret_name);
/* Reads token and certificates again and hands on what has changed; on an error all stays as it is. */
int gateway_options_reload(struct gateway_options *gateway, const struct options *options, struct kong_admin *admin,
                           bool *ret_changed, struct err *err) MUST_USE;
/* Where the gateway itself says that it listens, as texts of --gateway-proxy-listen; the caller frees. */
struct json *gateway_options_listens(const struct kong_gateway_info *info);
const char *const *gateway_options_tags(const struct gateway_options *gateway, size_t *ret_count);
