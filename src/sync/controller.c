/* Wiring: in which order things start and end. */
#include "sync/controller.h"

#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "controller_parts.h"

static struct problem_place place_of(const void *user, const struct kong_source *about)
{
    return sync_controller_place(user, about);
}

static void start_report(struct sync_controller *controller)
{
    bool events = !controller->options.once && origin_client(controller->origin) != NULL &&
                  options_truth(controller->options.options, OPT_EMIT_EVENTS);
    if (events)
        controller->recorder =
            kube_recorder_new(origin_client(controller->origin),
                              controller_is_kic(controller) ? "kong-client" : "kongruent", controller->identity);
    const char *pod = getenv("POD_NAME"), *namespace = getenv("POD_NAMESPACE");
    struct report_options report = {
        .log = controller->options.log,
        .recorder = controller->recorder,
        .kic = controller_is_kic(controller),
        .place = place_of,
        .user = controller,
        .pod_namespace = namespace != NULL ? namespace : "",
        .pod_name = pod != NULL ? pod : "",
    };
    controller->report = report_new(&report);
    if (!controller->options.once)
        problems_use_report(controller->problems, controller->report);
}

static bool approve(void *user, const char *hash)
{
    struct sync_controller *controller = user;
    return kong_session_approve(controller->session, hash);
}

static void held_told(void *user)
{
    struct sync_controller *controller = user;
    size_t count;
    struct problem *const *problems = held_problems(controller->held, &count);
    problems_set(controller->problems, "brake", problems, count);
}

/* A folder may hold the approval itself. */
static void start_held(struct sync_controller *controller)
{
    const struct options *options = controller->options.options;
    const char *given = options_text(options, OPT_APPROVAL_FILE);
    AUTO(text) char *inside = held_file(controller->options.source);
    struct held_options held = {
        .loop = controller->loop,
        .log = controller->options.log,
        .approved = options_text(options, OPT_APPROVE),
        .file = given[0] != '\0' ? given : inside,
        .approve = approve,
        .changed = held_told,
        .user = controller,
    };
    controller->held = held_new(&held);
}

static void object_awaits(void *user, const struct kong_source *object, bool missing)
{
    struct sync_controller *controller = user;
    kong_session_await(controller->session, object, missing);
}

static int start_status(struct sync_controller *controller, struct err *err)
{
    const struct options *options = controller->options.options;
    if (controller->options.once || origin_source(controller->origin) == NULL ||
        !options_truth(options, OPT_UPDATE_STATUS))
        return 0;
    struct status_options status = {
        .loop = controller->loop,
        .options = options,
        .log = controller->options.log,
        .client = origin_client(controller->origin),
        .discovery = kube_source_discovery(origin_source(controller->origin)),
        .kinds = sync_translator_kind_table(controller->translator),
        .session = controller->session,
        .may_write = controller_may_write,
        .user = controller,
    };
    return status_new(&status, &controller->status, err);
}

static void set_identity(struct sync_controller *controller)
{
    const char *pod = getenv("POD_NAME"), *namespace = getenv("POD_NAMESPACE");
    const char *given = options_text(controller->options.options, OPT_ELECTION_NAMESPACE);
    controller->namespace = xstrdup(given[0] != '\0'                            ? given
                                    : namespace != NULL && namespace[0] != '\0' ? namespace
                                                                                : "default");
    char host[256] = "kongruent", uuid[HASH_UUID_SIZE];
    gethostname(host, sizeof(host) - 1);
    hash_uuid4(uuid);
    controller->identity = xasprintf("%s_%s", pod != NULL && pod[0] != '\0' ? pod : host, uuid);
}

int sync_controller_start(struct loop *loop, const struct sync_controller_options *options,
                          struct sync_controller **ret_controller, struct err *err)
{
    struct sync_controller *controller = xcalloc(1, sizeof(*controller));
    controller->loop = loop;
    controller->deletes_permitted = true;
    controller->options = *options;
    controller->flavor = xstrdup("");
    controller->version = xstrdup("");
    controller->role = xstrdup("");
    controller->about_gateway = xstrdup("");
    controller->gateway_url = xstrdup("");
    set_identity(controller);
    start_held(controller);
    controller->journal = journal_new(loop, options->log);
    controller->problems = problems_new(loop);
    awaiting_init(&controller->awaiting, object_awaits, controller);
    int rc = controller_start_translator(controller, err);
    if (rc == 0)
        rc = controller_start_session(controller, err);
    if (rc == 0) {
        controller_start_census(controller);
        rc = controller_start_origin(controller, err);
    }
    if (rc == 0)
        start_report(controller);
    if (rc == 0)
        rc = start_status(controller, err);
    if (rc == 0)
        rc = controller_find_gateway(controller, err);
    if (rc == 0)
        rc = controller_start_leading(controller, err);
    if (rc != 0) {
        sync_controller_free(controller);
        return rc;
    }
    controller_watch_credentials(controller);
    *ret_controller = controller;
    return 0;
}

void sync_controller_free(struct sync_controller *controller)
{
    if (controller == NULL)
        return;
    progress_free(controller->progress);
    kube_lease_free(controller->lease);
    status_free(controller->status);
    gateway_discovery_free(controller->discovery);
    kube_client_free(controller->own_client);
    loop_timer_free(controller->reload);
    kube_recorder_free(controller->recorder);
    origin_free(controller->origin);
    loop_timer_free(controller->census_timer);
    census_free(TAKE(controller->census)); /* its kinds are the translator's; nobody tells it anything from here on */
    sync_translator_stop(controller->translator);
    if (controller->session != NULL)
        kong_session_stop(controller->session);
    database_free(controller->database); /* before the session, whose rows it may still be reading */
    kong_session_free(controller->session);
    gateway_options_free(controller->gateway);
    problems_free(controller->problems);
    report_free(controller->report);
    held_free(controller->held);
    journal_free(controller->journal);
    awaiting_done(&controller->awaiting);
    free(controller->namespace);
    free(controller->identity);
    free(controller->version);
    free(controller->flavor);
    free(controller->role);
    free(controller->about_gateway);
    free(controller->gateway_url);
    json_free(controller->listens);
    json_free(controller->types);
    free(controller);
}
