/* From the source to the session: when translation begins, what a delta does, and when nothing may be deleted. */
#include "config/settings.h"
#include "controller_parts.h"
#include "missing_kind.h"

/* Translation starts when every kind was listed and the gateway's flavour is known, for both decide what the result is. */
void controller_translate_when_known(struct sync_controller *controller)
{
    bool flavor_known = controller->gateway_known || options_given(controller->options.options, OPT_ROUTER_FLAVOR);
    if (!controller->completed && controller->origin != NULL && origin_ready(controller->origin) && flavor_known) {
        controller->completed = true;
        sync_translator_complete(controller->translator);
    }
}

static void tell_missing_kind(struct sync_controller *controller)
{
    const struct store_kind *missing = controller->missing_kind;
    struct problem *problem = missing != NULL ? missing_kind_problem(missing) : NULL;
    problems_set(controller->problems, "kinds", &problem, missing != NULL ? 1 : 0);
    problem_unref(problem);
}

void controller_permit_deletes(struct sync_controller *controller)
{
    controller->missing_kind =
        missing_kind_find(origin_source(controller->origin), controller->session, controller->options.options);
    tell_missing_kind(controller);
    bool permitted = !origin_unknown(controller->origin) && controller->missing_kind == NULL;
    if (permitted == controller->deletes_permitted)
        return;
    controller->deletes_permitted = permitted;
    if (!permitted)
        log_warn(controller->options.log,
                 "nothing is deleted while inputs cannot be read that may hold what is in the gateway");
    kong_session_permit_deletes(controller->session, permitted);
}

static void source_problems(void *user)
{
    struct sync_controller *controller = user;
    if (controller->origin == NULL)
        return;
    controller_permit_deletes(controller);
    controller_census_kinds(controller);
    size_t count;
    struct problem *const *problems = origin_problems(controller->origin, &count);
    problems_set(controller->problems, "source", problems, count);
}

static void source_ready(void *user)
{
    struct sync_controller *controller = user;
    log_info(controller->options.log, "all kinds are listed", "objects",
             LOG_NUMBER(origin_objects(controller->origin)));
    source_problems(controller);
    controller_translate_when_known(controller);
}

static void object_taken(void *user, const struct object *object)
{
    struct sync_controller *controller = user;
    status_object(controller->status, object, sync_translator_serial(controller->translator));
    census_put(controller->census, object);
}

static void object_gone(void *user, const struct store_kind *kind, const char *namespace, const char *name)
{
    struct sync_controller *controller = user;
    status_gone(controller->status, kind, namespace, name);
    census_gone(controller->census, kind, namespace, name);
}

static void take_said(struct sync_controller *controller, const struct rules_said *said)
{
    AUTO(text) char *key = kong_source_key(&said->about);
    AUTO(text) char *reporter = xasprintf("rules|%s", key);
    awaiting_said(&controller->awaiting, said);
    problems_set(controller->problems, reporter, said->problems, said->problem_count);
}

static void note_arrivals(struct sync_controller *controller)
{
    uint64_t arrivals = sync_translator_facts(controller->translator).counters.arrivals;
    if (arrivals != controller->arrivals)
        kong_session_arrival(controller->session);
    controller->arrivals = arrivals;
}

static void take_delta(void *user, const struct rules_delta *delta, bool first)
{
    struct sync_controller *controller = user;
    log_debug(controller->options.log, "translated", "changes", LOG_NUMBER(delta->change_count));
    status_delta(controller->status, delta, sync_translator_done(controller->translator));
    note_arrivals(controller);
    for (size_t i = 0; i < delta->said_count; i++)
        take_said(controller, &delta->said[i]);
    for (size_t i = 0; i < delta->change_count; i++)
        kong_session_want(controller->session, delta->changes[i].kind, delta->changes[i].key, delta->changes[i].entity);
    controller_census_delta(controller, delta);
    if (delta->change_count != 0) {
        controller->converged = false;
        kong_session_commit(controller->session);
    }
    if (first) {
        controller->translated = true;
        kong_session_complete(controller->session);
    }
}

int controller_start_translator(struct sync_controller *controller, struct err *err)
{
    const struct options *options = controller->options.options;
    struct json *settings = NULL;
    struct settings_gateway unknown = {"", "", NULL, NULL};
    int rc = settings_make(options, &unknown, &settings, err);
    if (rc != 0)
        return rc;
    const char *overrides = options_text(options, OPT_RULES), *pack = options_text(options, OPT_COMPAT);
    struct rules_options load = {
        .overrides = overrides[0] != '\0' ? overrides : NULL,
        .pack = pack[0] != '\0' ? pack : NULL,
        .settings = settings,
        .limits = {.instructions = (uint64_t)options_integer(options, OPT_RULE_INSTRUCTIONS),
                   .memory = (size_t)options_integer(options, OPT_RULE_MEMORY),
                   .time_ms = (uint64_t)options_duration_ms(options, OPT_RULE_TIME),
                   .result = (size_t)options_integer(options, OPT_RULE_RESULT)},
    };
    struct rules *rules = NULL;
    rc = rules_load(&load, &rules, err);
    json_free(settings);
    if (rc != 0)
        return rc;
    rules_measure(rules, options_truth(options, OPT_PROFILING));
    struct sync_translator_options translator = {rules, (uint64_t)options_duration_ms(options, OPT_COALESCE),
                                                 take_delta, controller};
    return sync_translator_start(controller->loop, &translator, &controller->translator, err);
}

int controller_start_origin(struct sync_controller *controller, struct err *err)
{
    struct origin_options origin = {
        .options = controller->options.options,
        .log = controller->options.log,
        .source = controller->options.source,
        .inputs = controller->options.inputs,
        .translator = controller->translator,
        .ready = source_ready,
        .problems = source_problems,
        .object = object_taken,
        .gone = object_gone,
        .user = controller,
    };
    return origin_new(controller->loop, &origin, &controller->origin, err);
}
