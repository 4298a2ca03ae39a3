/* kind_checks.h - checks of whole entities that served schemas only name ("custom_entity_check").
 * Owns:    nothing.
 * Thread:  any.
 * Errors:  added to `errors`, as the checks of a schema do. */
#pragma once

#include <stdbool.h>

#include "base/json.h"

/* May change `entity`: what Kong fills in depending on other fields. */
typedef void kind_prepare_fn(struct json *entity, bool expressions);
typedef void kind_check_fn(const struct json *entity, bool expressions, struct json *errors);

kind_prepare_fn prepare_route, prepare_target, prepare_service, prepare_ca_certificate;
kind_check_fn check_route_fields, check_certificate_pair, check_authority, check_key_material;

/* By plugin name; nothing for most. */
void check_plugin_config(const char *name, const struct json *config, struct json *errors);
