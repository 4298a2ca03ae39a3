/* How the controller finds its gateway, and keeps what it shows it: endpoints of a Service, tokens and certificates in files. */
#include <string.h>

#include "controller_parts.h"

static void endpoints_changed(void *user)
{
    struct sync_controller *controller = user;
    if (controller->leading)
        kong_session_start(controller->session);
    kong_session_kick(controller->session);
}

int controller_find_gateway(struct sync_controller *controller, struct err *err)
{
    struct gateway_discovery_options options = {
        .options = controller->options.options,
        .log = controller->options.log,
        .client = origin_client(controller->origin),
        .kinds = sync_translator_kind_table(controller->translator),
        .gateways = gateway_options_addresses(controller->gateway),
        .changed = endpoints_changed,
        .user = controller,
    };
    if (!gateway_options_service(controller->gateway, &options.namespace, &options.name))
        return 0;
    int rc = options.client == NULL
                 ? origin_connect(controller->loop, options.options, options.log, &controller->own_client, err)
                 : 0;
    if (rc != 0)
        return err_wrap(err, "--kong-admin-svc");
    options.client = options.client != NULL ? options.client : controller->own_client;
    controller->discovery = gateway_discovery_new(&options);
    return 0;
}

bool controller_found_gateway(const struct sync_controller *controller)
{
    return controller->discovery == NULL || gateway_discovery_known(controller->discovery);
}

static void reload(void *user)
{
    struct sync_controller *controller = user;
    struct err err = ERR_INIT;
    bool changed = false;
    int rc = gateway_options_reload(controller->gateway, controller->options.options,
                                    kong_session_admin(controller->session), &changed, &err);
    if (rc != 0 && !controller->reload_failed)
        log_warn(controller->options.log, "credentials for the Admin API cannot be read again; the old ones stay",
                 "error", err.text);
    controller->reload_failed = rc != 0;
    if (changed) {
        log_info(controller->options.log, "credentials for the Admin API have changed");
        kong_session_kick(controller->session);
    }
    loop_timer_start(controller->reload, CONTROLLER_RELOAD_MS);
}

void controller_watch_credentials(struct sync_controller *controller)
{
    static const enum option_id files[] = {OPT_KONG_ADMIN_TOKEN_FILE, OPT_KONG_ADMIN_CA_FILE, OPT_KONG_ADMIN_CERT_FILE,
                                           OPT_KONG_ADMIN_KEY_FILE};
    bool any = false;
    for (size_t i = 0; i < COUNT_OF(files); i++)
        any |= options_given(controller->options.options, files[i]);
    if (!any || controller->options.once)
        return;
    controller->reload = loop_timer_new(controller->loop, reload, controller);
    loop_timer_start(controller->reload, CONTROLLER_RELOAD_MS);
}
