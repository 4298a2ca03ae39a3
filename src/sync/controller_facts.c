/* What the controller tells about itself. */
#include <string.h>

#include "controller_parts.h"
#include "missing_kind.h"

struct problem **sync_controller_problems(struct sync_controller *controller, size_t *ret_count)
{
    size_t from_session = 0, from_origin = 0;
    struct problem **session =
        controller->session != NULL ? kong_session_problems(controller->session, &from_session) : NULL;
    struct problem *const *origin =
        controller->origin != NULL ? origin_problems(controller->origin, &from_origin) : NULL;
    size_t count = controller->last.problem_count + from_session + from_origin;
    struct problem **all = xcalloc(count + 1, sizeof(*all));
    size_t at = 0;
    for (size_t i = 0; i < controller->last.problem_count; i++)
        all[at++] = problem_ref(controller->last.problems[i]);
    for (size_t i = 0; i < from_session; i++)
        all[at++] = session[i]; /* the reference moves */
    for (size_t i = 0; i < from_origin; i++)
        all[at++] = problem_ref(origin[i]);
    free(session);
    if (controller->missing_kind != NULL)
        all[count++] = missing_kind_problem(controller->missing_kind);
    problem_sort(all, count);
    *ret_count = count;
    return all;
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
        .held_deletes = controller->held,
        .held_hash = controller->held_hash,
        .translator = sync_translator_facts(controller->translator),
        .session = kong_session_counters(controller->session),
        .database = database_facts(controller->database),
    };
    facts.tag = gateway_tags(controller->gateway, &tags)[0];
    size_t count;
    struct problem **problems = sync_controller_problems(controller, &count);
    for (size_t i = 0; i < count; i++) {
        facts.problems_error += problems[i]->severity == PROBLEM_ERROR;
        facts.problems_warn += problems[i]->severity == PROBLEM_WARN;
        problem_unref(problems[i]);
    }
    free(problems);
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
