/* config/settings.h - the settings that rules read (ctx:option), made from options and a settings file.
 * Owns: nothing.   Thread: any.   Errors: names the file, the member and what is expected. */
#pragma once

#include "config/options.h"

/* What is known of the gateway; NULL or "" where nothing is. */
struct settings_gateway {
    const char *router_flavor;
    const char *version;
    const struct json *listens; /* texts as of --gateway-proxy-listen, which wins; NULL: not known */
    const struct json *types;   /* custom entities: {type: {field: what it refers to}}; NULL: not known */
};

/* The caller frees *ret_settings. */
int settings_make(const struct options *options, const struct settings_gateway *gateway, struct json **ret_settings,
                  struct err *err) MUST_USE;
