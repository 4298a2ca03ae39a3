/* What the controller tells about itself. */
#include <string.h>

#include "base/clock.h"
#include "controller_parts.h"
#include "sync/overview.h"

struct problem **sync_controller_problems(struct sync_controller *controller, size_t *ret_count)
{
    return problems_list(controller->problems, ret_count);
}

struct problem_place sync_controller_place(const struct sync_controller *controller, const struct kong_source *about)
{
    return controller->origin != NULL ? origin_place(controller->origin, about) : (struct problem_place){"", 0};
}

struct kong_session *sync_controller_session(struct sync_controller *controller)
{
    return controller->session;
}

bool sync_controller_bad_input(const struct sync_controller *controller)
{
    return controller->origin != NULL && origin_bad_input(controller->origin);
}

struct sync_controller_facts sync_controller_facts(struct sync_controller *controller)
{
    size_t tags;
    struct sync_controller_facts facts = {
        .source_ready = origin_ready(controller->origin),
        .translated = controller->translated,
        .leading = controller->leading,
        .connected = controller->connected,
        .converged = controller->converged,
        .once_converged = controller->once_converged,
        .gateway = controller->about_gateway,
        .flavor = controller->flavor,
        .held = *held_now(controller->held),
        .held_since = held_since(controller->held),
        .translator = sync_translator_facts(controller->translator),
        .session = kong_session_counters(controller->session),
        .database = database_facts(controller->database),
    };
    facts.tag = gateway_options_tags(controller->gateway, &tags)[0];
    facts.held_titles = held_titles(controller->held, &facts.held_count);
    struct problems_count count = problems_count(controller->problems);
    facts.problems_error = count.errors;
    facts.problems_warn = count.warnings;
    return facts;
}

struct sync_kind_facts *sync_controller_kinds(struct sync_controller *controller, size_t *ret_count)
{
    struct kube_source *source = origin_source(controller->origin);
    size_t count = source != NULL ? kube_source_count(source) : 1;
    struct sync_kind_facts *kinds = xcalloc(count, sizeof(*kinds));
    for (size_t i = 0; source != NULL && i < count; i++) {
        struct kube_source_status status = kube_source_status(source, i);
        kinds[i] = (struct sync_kind_facts){status.kind->id, kube_state_text(status.total.state), status.total.reason,
                                            status.total.objects};
    }
    if (source == NULL)
        kinds[0] = (struct sync_kind_facts){"files", origin_ready(controller->origin) ? "synced" : "starting", "",
                                            origin_objects(controller->origin)};
    *ret_count = count;
    return kinds;
}

const char *sync_controller_not_ready(struct sync_controller *controller)
{
    if (!origin_ready(controller->origin))
        return "not every kind has completed its first list";
    if (controller->leading && !controller->translated)
        return "not translated yet";
    if (controller->leading && !controller->once_converged)
        return "the first synchronisation is not done";
    return NULL;
}

size_t sync_controller_syncs(struct sync_controller *controller, struct sync_record ret_syncs[SYNCS_KEPT])
{
    return history_list(&controller->history, clock_monotonic_ms(), ret_syncs);
}

const struct sync_figures *sync_controller_figures(const struct sync_controller *controller)
{
    return &controller->history.figures;
}

struct sync_gateway_facts *sync_controller_gateways(struct sync_controller *controller, size_t *ret_count)
{
    const struct kong_gateways *gateways = gateway_options_addresses(controller->gateway);
    uint64_t now = clock_monotonic_ms();
    *ret_count = kong_gateways_count(gateways);
    struct sync_gateway_facts *list = xcalloc(*ret_count, sizeof(*list));
    for (size_t i = 0; i < *ret_count; i++) {
        const char *url = kong_gateways_url(gateways, i);
        bool in_use = controller->connected && strcmp(url, controller->gateway_url) == 0;
        list[i] = (struct sync_gateway_facts){url, in_use || (controller->connected && *ret_count == 1),
                                              kong_gateways_resting(gateways, i, now)};
    }
    return list;
}

struct sync_self_facts sync_controller_self(struct sync_controller *controller)
{
    const struct options *options = controller->options.options;
    struct sync_self_facts facts = {
        .identity = controller->identity,
        .leader = controller->leading ? controller->identity : "",
        .version = controller->version,
        .role = controller->role,
        .source = controller->options.source != NULL ? controller->options.source : "",
        .policy = controller->options.policy == KONG_POLICY_OBSERVE       ? "observe"
                  : controller->options.policy == KONG_POLICY_UPSERT_ONLY ? "upsert-only"
                                                                          : "sync",
        .overrides = options_text(options, OPT_RULES),
        .pack = options_text(options, OPT_COMPAT),
        .profiles = options_truth(options, OPT_PROFILING),
        .lease_namespace = controller->namespace,
        .lease_name = options_text(options, OPT_ELECTION_ID),
        .shares_lead = controller->lease != NULL,
    };
    if (controller->lease != NULL && !controller->leading)
        facts.leader = kube_lease_leader(controller->lease);
    return facts;
}

size_t sync_controller_files(const struct sync_controller *controller, const struct rules_file **ret_files)
{
    return sync_translator_files(controller->translator, ret_files);
}

const char *sync_controller_ingress_class(const struct sync_controller *controller)
{
    return options_text(controller->options.options, OPT_INGRESS_CLASS);
}

struct census *sync_controller_census(struct sync_controller *controller)
{
    return controller->census;
}

void sync_controller_watch(struct sync_controller *controller, void (*changed)(void *user), void *user)
{
    controller->changed = changed;
    controller->changed_user = user;
}
