/* checks.h - the checks that a served schema does not spell out: one row per field, in checks.c.
 * Owns:    nothing.
 * Thread:  any.
 * Errors:  texts in Kong's words, to free; NULL when the value is fine. */
#pragma once

#include "schema.h"

/* By path ("services.host", "plugins/ip-restriction.config.allow.elements"); NULL: none. */
schema_check_fn *checks_find(const char *path);

/* checks_name.c */
schema_check_fn check_name, check_tag, check_host, check_sni, check_upstream_name, check_target;
/* checks_url.c */
schema_check_fn check_path, check_route_path, check_url, check_redirect_uri, check_address, check_origin;
/* certificate.c */
schema_check_fn check_certificate, check_key, check_rsa_public_key, check_public_key, check_private_key;

/* "host:8000", with IPv6 addresses written out, for a valid target; the caller frees. */
char *checks_target_normal(const char *target);
bool checks_is_address(const char *text); /* IPv4 or IPv6, brackets allowed */

/* shorthand.c: deprecated names of fields that live elsewhere now. */
void shorthand_apply(const struct json *shorthands, struct json *object);
bool shorthand_is_shown(const struct json *shorthands);
void shorthand_show(const struct json *shorthands, struct json *object);
