/* Who writes: the lease is taken, lost, held back while nothing moves, and given back at the end. */
#include <string.h>

#include "base/clock.h"
#include "controller_parts.h"

bool controller_may_write(void *user)
{
    const struct sync_controller *controller = user;
    return controller->lease != NULL ? kube_lease_held(controller->lease) : controller->leading;
}

static void lead(struct sync_controller *controller)
{
    controller->leading = true;
    controller->read_in_term = controller->unanswered = false;
    size_t passed, of;
    held_remembered(controller->held, &passed, &of);
    kong_session_remember_held(controller->session, passed, of);
    if (controller_found_gateway(controller))
        kong_session_start(controller->session);
    status_lead(controller->status, true);
}

static void lease_gained(void *user)
{
    struct sync_controller *controller = user;
    log_info(controller->options.log, "leading", "identity", controller->identity);
    lead(controller);
}

static void lease_lost(void *user, const char *reason)
{
    struct sync_controller *controller = user;
    log_warn(controller->options.log, "not leading any more", "reason", reason);
    controller->leading = false;
    history_cut(&controller->history, clock_monotonic_ms());
    kong_session_stop(controller->session);
    status_lead(controller->status, false);
}

static void lease_leader(void *user, const char *identity)
{
    const struct sync_controller *controller = user;
    log_info(controller->options.log, "the lease has a holder", "identity", identity);
}

static void lease_seen(void *user)
{
    const struct sync_controller *controller = user;
    held_lease_seen(controller->held);
}

static bool wants_lease(const struct sync_controller *controller)
{
    const char *forced = options_text(controller->options.options, OPT_LEADER_ELECTION);
    if (controller->options.once || origin_client(controller->origin) == NULL)
        return false;
    return strcmp(forced, "disabled") != 0;
}

static struct progress_facts look_at_progress(void *user)
{
    struct sync_controller *controller = user;
    struct kong_session_counters counters = kong_session_counters(controller->session);
    struct sync_translator_facts translator = sync_translator_facts(controller->translator);
    bool known = controller->translated || !controller->gateway_known; /* else the cluster is waited for */
    return (struct progress_facts){
        .leading = controller->leading,
        .work_waits = known && (kong_session_has_work(controller->session) || controller->unanswered),
        .answers = controller->read_in_term ? controller->answered_writes : counters.requests.done,
        .wave_since_ms = translator.running ? translator.running_since_ms : 0,
    };
}

int controller_start_leading(struct sync_controller *controller, struct err *err)
{
    if (!wants_lease(controller)) {
        lead(controller);
        return 0;
    }
    struct kube_lease_options lease = {
        .client = origin_client(controller->origin),
        .namespace = controller->namespace,
        .name = options_text(controller->options.options, OPT_ELECTION_ID),
        .identity = controller->identity,
        .gained = lease_gained,
        .lost = lease_lost,
        .leader = lease_leader,
        .seen = lease_seen,
        .user = controller,
    };
    int rc = kube_lease_new(&lease, &controller->lease, err);
    if (rc != 0)
        return rc;
    held_use_lease(controller->held, controller->lease);
    struct progress_options progress = {controller->loop, controller->options.log, controller->lease, look_at_progress,
                                        controller};
    controller->progress = progress_new(&progress);
    return 0;
}

static void stopped(void *user)
{
    struct sync_controller *controller = user;
    controller->stopped(controller->stopped_user);
}

static void drained(void *user)
{
    struct sync_controller *controller = user;
    if (controller->lease != NULL)
        kube_lease_release(controller->lease, stopped, controller);
    else
        stopped(controller);
}

void sync_controller_stop(struct sync_controller *controller, void (*done)(void *user), void *user)
{
    controller->stopped = done;
    controller->stopped_user = user;
    controller->leading = controller->leading && controller->lease != NULL;
    kong_session_drain(controller->session, drained, controller);
}
