/* What the controller keeps for people to look at: the census, and the last syncs. */
#include "base/clock.h"
#include "controller_parts.h"

static void tell_watcher(void *user)
{
    const struct sync_controller *controller = user;
    if (controller->changed != NULL)
        controller->changed(controller->changed_user);
}

static void problem_changes(void *user, struct problem *problem, bool stands)
{
    census_problem(((struct sync_controller *)user)->census, problem, stands);
}

static void work(void *user)
{
    struct sync_controller *controller = user;
    if (census_work(controller->census, CENSUS_WORK))
        loop_timer_start(controller->census_timer, 0);
}

void controller_start_census(struct sync_controller *controller)
{
    history_init(&controller->history);
    controller->census_timer = loop_timer_new(controller->loop, work, controller);
    if (controller->options.once)
        return;
    struct census_options census = {
        .kinds = sync_translator_kind_table(controller->translator),
        .state = kong_plan_state(kong_session_plan(controller->session)),
        .changed = tell_watcher,
        .user = controller,
    };
    census.file_count = sync_translator_files(controller->translator, &census.files);
    controller->census = census_new(&census);
    problems_listen(controller->problems, problem_changes, controller);
}

void controller_census_delta(struct sync_controller *controller, const struct rules_delta *delta)
{
    for (size_t i = 0; i < delta->said_count; i++)
        census_said(controller->census, &delta->said[i]);
    census_delta(controller->census, delta);
    if (!loop_timer_running(controller->census_timer))
        work(controller);
    if (delta->change_count != 0 && controller->leading)
        history_begin(&controller->history, clock_wall(), clock_monotonic_ms());
}

void controller_census_kinds(struct sync_controller *controller)
{
    struct kube_source *source = origin_source(controller->origin);
    for (size_t i = 0; source != NULL && i < kube_source_count(source); i++) {
        struct kube_source_status status = kube_source_status(source, i);
        census_unread(controller->census, status.kind, status.total.state == KUBE_FROZEN ? status.total.reason : NULL);
    }
}

void controller_census_answer(struct sync_controller *controller, const struct kong_op *op,
                              const struct kong_answer *answer)
{
    struct census_answer last = {
        .at = clock_wall(),
        .status = (uint16_t)answer->status,
        .verb = (uint8_t)op->verb,
        .took_ms = (uint32_t)(answer->took_us / 1000),
    };
    census_answered(controller->census, op->item, &last);
    history_operation(&controller->history, op, answer, last.at, clock_monotonic_ms());
    tell_watcher(controller);
}

void controller_sync_ended(struct sync_controller *controller, bool converged)
{
    history_end(&controller->history, converged, clock_monotonic_ms());
    tell_watcher(controller);
}
