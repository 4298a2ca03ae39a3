/* Wiring: who is told what, and in which order things start and stop. */
#include "sync/controller.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "config/settings.h"
#include "controller_parts.h"
#include "kube/lease.h"
#include "missing_kind.h"

static const struct log *log_of(const struct sync_controller *controller)
{
    return controller->options.log;
}

static bool is_kic(const struct sync_controller *controller)
{
    return strcmp(options_text(controller->options.options, OPT_COMPAT), "kic") == 0;
}

static void tell_problems(struct sync_controller *controller)
{
    size_t count;
    struct problem **problems = sync_controller_problems(controller, &count);
    if (!controller->options.once)
        report_problems(controller->report, problems, count);
    for (size_t i = 0; i < count; i++)
        problem_unref(problems[i]);
    free(problems);
}

/* Translation starts when every kind was listed and the gateway's flavour is known, for both decide what the result is. */
static void translate_when_known(struct sync_controller *controller)
{
    bool flavor_known = controller->gateway_known || options_given(controller->options.options, OPT_ROUTER_FLAVOR);
    if (!controller->completed && controller->origin != NULL && origin_ready(controller->origin) && flavor_known) {
        controller->completed = true;
        sync_translator_complete(controller->translator);
    }
}

static void permit_deletes(struct sync_controller *controller)
{
    controller->missing_kind =
        missing_kind_find(origin_source(controller->origin), controller->session, controller->options.options);
    bool permitted = !origin_unknown(controller->origin) && controller->missing_kind == NULL;
    if (permitted == controller->deletes_permitted)
        return;
    controller->deletes_permitted = permitted;
    if (!permitted)
        log_warn(log_of(controller),
                 "nothing is deleted while inputs cannot be read that may hold what is in the gateway");
    kong_session_permit_deletes(controller->session, permitted);
}

static void source_ready(void *user)
{
    struct sync_controller *controller = user;
    log_info(log_of(controller), "all kinds are listed", "objects", LOG_NUMBER(origin_objects(controller->origin)));
    permit_deletes(controller);
    translate_when_known(controller);
}

static void source_problems(void *user)
{
    struct sync_controller *controller = user;
    if (controller->origin == NULL)
        return;
    permit_deletes(controller);
    tell_problems(controller);
}

static void keep_problems(struct sync_controller *controller, const struct rules_delta *delta)
{
    struct rules_delta copy = {.problem_count = delta->problem_count, .problems_changed = true};
    copy.problems = xcalloc(delta->problem_count, sizeof(*copy.problems));
    for (size_t i = 0; i < delta->problem_count; i++)
        copy.problems[i] = problem_ref(delta->problems[i]);
    rules_delta_done(&controller->last);
    controller->last = copy;
}

static void take_delta(void *user, const struct rules_delta *delta, bool first)
{
    struct sync_controller *controller = user;
    log_debug(log_of(controller), "translated", "changes", LOG_NUMBER(delta->change_count));
    status_delta(controller->status, delta, first);
    for (size_t i = 0; i < delta->change_count; i++)
        kong_session_want(controller->session, delta->changes[i].kind, delta->changes[i].key, delta->changes[i].entity);
    if (delta->change_count != 0) {
        controller->converged = false;
        kong_session_commit(controller->session);
    }
    if (first) {
        controller->translated = true;
        kong_session_complete(controller->session);
    }
    if (delta->problems_changed || first) {
        keep_problems(controller, delta);
        tell_problems(controller);
    }
}

static void replace(char **text, const char *value)
{
    free(*text);
    *text = xstrdup(value != NULL ? value : "");
}

static void use_settings(struct sync_controller *controller)
{
    struct settings_gateway known = {controller->flavor, controller->version, controller->listens, controller->types};
    struct json *settings = NULL;
    struct err err = ERR_INIT;
    if (settings_make(controller->options.options, &known, &settings, &err) != 0) {
        log_error(log_of(controller), "the settings cannot be used", "error", err.text);
        return;
    }
    sync_translator_settings(controller->translator, settings);
    json_free(settings);
}

static void gateway_connected(void *user, const struct kong_gateway_info *info)
{
    struct sync_controller *controller = user;
    if (!controller->connected)
        log_info(log_of(controller), "connected to the gateway", "version", info->version, "router_flavor",
                 info->flavor, "database", info->database, "role", info->role);
    bool changed = !controller->gateway_known || strcmp(controller->flavor, info->flavor) != 0 ||
                   strcmp(controller->version, info->version) != 0;
    struct json *listens = gateway_listens(info);
    changed |= controller->listens == NULL || !json_equal(listens, controller->listens);
    json_free(controller->listens);
    controller->listens = listens;
    controller->connected = controller->gateway_known = true;
    replace(&controller->flavor, info->flavor);
    replace(&controller->version, info->version);
    free(controller->about_gateway);
    controller->about_gateway = xasprintf("Kong %s (%s, %s)", info->version, info->database, info->role);
    if (changed)
        use_settings(controller);
    translate_when_known(controller);
}

/* Where nothing had to be sent nobody has answered yet. */
static const char *current_gateway(const struct sync_controller *controller)
{
    const struct kong_gateways *gateways = gateway_addresses(controller->gateway);
    if (controller->gateway_url[0] != '\0')
        return controller->gateway_url;
    return kong_gateways_count(gateways) != 0 ? kong_gateways_url(gateways, 0) : "";
}

static void gateway_lost(void *user, const char *text)
{
    struct sync_controller *controller = user;
    if (controller->options.once) {
        struct err err = ERR_INIT;
        err_set(&err, ERR_CONNECT, "the gateway does not answer: %s", text);
        controller->options.failed(controller->options.user, &err);
        return;
    }
    if (controller->connected || !controller->gateway_known)
        log_warn(log_of(controller), "the gateway does not answer; it is tried again", "error", text);
    controller->connected = false;
    if (controller->leading)
        report_gateway(controller->report, current_gateway(controller), text);
}

/* What the gateway says about types of custom entities decides what they refer to. */
static void use_types(struct sync_controller *controller)
{
    struct json *types = kong_session_types(controller->session);
    bool changed = controller->types != NULL ? !json_equal(types, controller->types) : json_count(types) > 0;
    json_free(controller->types);
    controller->types = types;
    if (changed)
        use_settings(controller);
}

static void mirror_read(void *user, size_t entities)
{
    struct sync_controller *controller = user;
    use_types(controller);
    log_info(log_of(controller), "read what the gateway holds", "entities", LOG_NUMBER(entities));
    permit_deletes(controller);
    tell_problems(controller);
    controller->read_in_term = true;
    status_read(controller->status);
}

static void session_problems(void *user)
{
    struct sync_controller *controller = user;
    tell_problems(controller);
    status_idle(controller->status);
}

static bool may_write(void *user)
{
    const struct sync_controller *controller = user;
    return controller->lease != NULL ? kube_lease_held(controller->lease) : controller->leading;
}

static const char *const VERBS[] = {[KONG_CREATE] = "created",
                                    [KONG_PARK] = "parked",
                                    [KONG_UPDATE] = "updated",
                                    [KONG_DELETE] = "deleted",
                                    [KONG_READ] = "read"};

static void gateway_answers(struct sync_controller *controller)
{
    if (!controller->connected && controller->gateway_known)
        log_info(log_of(controller), "the gateway answers again");
    controller->connected = controller->gateway_known;
}

static void operation_done(void *user, const struct kong_op *op, const struct kong_answer *answer)
{
    struct sync_controller *controller = user;
    status_operation(controller->status, op->item->kind, op->item->key);
    replace(&controller->gateway_url, answer->gateway);
    if (op->verb != KONG_READ) { /* a gateway that is only read makes no progress */
        controller->unanswered = answer->status == 0;
        controller->answered_writes += answer->class != KONG_UNAVAILABLE && answer->class != KONG_UNSURE;
    }
    if (answer->class != KONG_UNAVAILABLE && answer->class != KONG_UNSURE)
        gateway_answers(controller);
    if (log_of(controller)->level < LOG_INFO || controller->options.once)
        return;
    AUTO(text)
    char *title = xasprintf("%s %s", op->item->kind->name, op->item->kind->key_is_secret ? "…" : op->item->key);
    if (answer->class == KONG_DONE)
        log_info(log_of(controller), VERBS[op->verb], "entity", title, "ms", LOG_NUMBER(answer->took_us / 1000));
    else
        log_debug(log_of(controller), "not done", "verb", VERBS[op->verb], "entity", title, "status",
                  LOG_NUMBER(answer->status));
}

static void deletes_held(void *user, size_t deletes, const char *hash)
{
    struct sync_controller *controller = user;
    controller->held = deletes;
    replace(&controller->held_hash, hash);
    const char *approved = options_text(controller->options.options, OPT_APPROVE);
    if (deletes == 0)
        return;
    if (approved[0] != '\0' && kong_session_approve(controller->session, approved))
        log_warn(log_of(controller), "a plan with many deletes was approved", "hash", approved);
    else
        log_error(log_of(controller), "a plan that deletes too much is held until it is approved", "deletes",
                  LOG_NUMBER(deletes), "hash", hash, "remedy",
                  "check it with `kongruent diff`, then pass --approve HASH or raise --max-delete-percent");
}

static void session_idle(void *user, bool converged)
{
    struct sync_controller *controller = user;
    bool news = converged && !controller->converged;
    controller->converged = converged;
    controller->once_converged |= converged;
    if (news && controller->translated && !controller->options.once) {
        struct kong_session_counters counters = kong_session_counters(controller->session);
        log_info(log_of(controller), "converged", "created", LOG_NUMBER(counters.created), "updated",
                 LOG_NUMBER(counters.updated), "deleted", LOG_NUMBER(counters.deleted));
    }
    status_idle(controller->status);
    if (news && controller->translated)
        report_gateway(controller->report, current_gateway(controller), NULL);
    if (controller->translated && controller->options.idle != NULL)
        controller->options.idle(controller->options.user, converged);
}

static int start_translator(struct sync_controller *controller, struct err *err)
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
        .limits = {(uint64_t)options_integer(options, OPT_RULE_INSTRUCTIONS),
                   (size_t)options_integer(options, OPT_RULE_MEMORY), 0},
    };
    struct rules *rules = NULL;
    rc = rules_load(&load, &rules, err);
    json_free(settings);
    if (rc != 0)
        return rc;
    struct sync_translator_options translator = {rules, (uint64_t)options_duration_ms(options, OPT_COALESCE),
                                                 take_delta, controller};
    return sync_translator_start(controller->loop, &translator, &controller->translator, err);
}

static int start_session(struct sync_controller *controller, struct err *err)
{
    const struct options *options = controller->options.options;
    int rc = gateway_new(controller->loop, options, controller->namespace, &controller->gateway, err);
    if (rc != 0)
        return rc;
    const char *missing = options_text(options, OPT_ON_MISSING_PLUGIN);
    bool kic = is_kic(controller);
    int64_t spread_ms = options_duration_ms(options, OPT_PROPAGATION);
    struct kong_session_options session = {
        .admin = *gateway_admin(controller->gateway),
        .plan = {controller->options.policy,
                 strcmp(missing[0] != '\0' ? missing
                        : kic              ? "serve"
                                           : "withhold",
                        "serve") == 0,
                 (double)options_integer(options, OPT_MAX_DELETE), spread_ms < 0 ? 0 : (uint64_t)spread_ms},
        .spread_by_gateway = spread_ms < 0,
        .concurrency = (int)options_integer(options, OPT_CONCURRENCY),
        .skip_ca_certificates = options_truth(options, OPT_SKIP_CA),
    };
    session.tags = gateway_tags(controller->gateway, &session.tag_count);
    struct kong_session_callbacks callbacks = {
        .user = controller,
        .connected = gateway_connected,
        .lost = gateway_lost,
        .read = mirror_read,
        .problems = session_problems,
        .operation = operation_done,
        .held = deletes_held,
        .idle = session_idle,
        .may_write = may_write,
    };
    return kong_session_new(controller->loop, gateway_addresses(controller->gateway), &session, &callbacks,
                            &controller->session, err);
}

static void lead(struct sync_controller *controller)
{
    controller->leading = true;
    controller->read_in_term = controller->unanswered = false;
    if (controller_found_gateway(controller))
        kong_session_start(controller->session);
    status_lead(controller->status, true);
}

static void lease_gained(void *user)
{
    struct sync_controller *controller = user;
    log_info(log_of(controller), "leading", "identity", controller->identity);
    lead(controller);
}

static void lease_lost(void *user, const char *reason)
{
    struct sync_controller *controller = user;
    log_warn(log_of(controller), "not leading any more", "reason", reason);
    controller->leading = false;
    kong_session_stop(controller->session);
    status_lead(controller->status, false);
}

static void lease_leader(void *user, const char *identity)
{
    const struct sync_controller *controller = user;
    log_info(log_of(controller), "the lease has a holder", "identity", identity);
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
        .work_waits = known && (!kong_session_is_idle(controller->session) || controller->unanswered),
        .answers = controller->read_in_term ? controller->answered_writes : counters.requests.done,
        .wave_since_ms = translator.running ? translator.running_since_ms : 0,
    };
}

static int start_leading(struct sync_controller *controller, struct err *err)
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
        .user = controller,
    };
    int rc = kube_lease_new(&lease, &controller->lease, err);
    if (rc != 0)
        return rc;
    struct progress_options progress = {controller->loop, log_of(controller), controller->lease, look_at_progress,
                                        controller};
    controller->progress = progress_new(&progress);
    return 0;
}

static void object_taken(void *user, const struct object *object)
{
    status_object(((struct sync_controller *)user)->status, object);
}

static void object_gone(void *user, const struct store_kind *kind, const char *namespace, const char *name)
{
    status_gone(((struct sync_controller *)user)->status, kind, namespace, name);
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
        .log = log_of(controller),
        .client = origin_client(controller->origin),
        .discovery = kube_source_discovery(origin_source(controller->origin)),
        .translator = controller->translator,
        .session = controller->session,
        .may_write = may_write,
        .user = controller,
    };
    return status_new(&status, &controller->status, err);
}

static int start_origin(struct sync_controller *controller, struct err *err)
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
    int rc = origin_new(controller->loop, &origin, &controller->origin, err);
    if (rc != 0)
        return rc;
    bool events = !controller->options.once && origin_client(controller->origin) != NULL &&
                  options_truth(controller->options.options, OPT_EMIT_EVENTS);
    if (events)
        controller->recorder = kube_recorder_new(
            origin_client(controller->origin), is_kic(controller) ? "kong-client" : "kongruent", controller->identity);
    const char *pod = getenv("POD_NAME"), *namespace = getenv("POD_NAMESPACE");
    struct report_options report = {
        .log = log_of(controller),
        .recorder = controller->recorder,
        .kic = is_kic(controller),
        .pod_namespace = namespace != NULL ? namespace : "",
        .pod_name = pod != NULL ? pod : "",
    };
    controller->report = report_new(&report);
    return 0;
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
    replace(&controller->flavor, "");
    replace(&controller->version, "");
    replace(&controller->about_gateway, "");
    replace(&controller->held_hash, "");
    replace(&controller->gateway_url, "");
    set_identity(controller);
    int rc = start_translator(controller, err);
    if (rc == 0)
        rc = start_session(controller, err);
    if (rc == 0)
        rc = start_origin(controller, err);
    if (rc == 0)
        rc = start_status(controller, err);
    if (rc == 0)
        rc = controller_find_gateway(controller, err);
    if (rc == 0)
        rc = start_leading(controller, err);
    if (rc != 0) {
        sync_controller_free(controller);
        return rc;
    }
    controller_watch_credentials(controller);
    *ret_controller = controller;
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

void sync_controller_free(struct sync_controller *controller)
{
    if (controller == NULL)
        return;
    progress_free(controller->progress);
    kube_lease_free(controller->lease);
    status_free(controller->status);
    admin_service_free(controller->admin_service);
    loop_timer_free(controller->reload);
    kube_recorder_free(controller->recorder);
    origin_free(controller->origin);
    sync_translator_stop(controller->translator);
    kong_session_free(controller->session);
    gateway_free(controller->gateway);
    report_free(controller->report);
    rules_delta_done(&controller->last);
    free(controller->namespace);
    free(controller->identity);
    free(controller->version);
    free(controller->flavor);
    free(controller->about_gateway);
    free(controller->held_hash);
    free(controller->gateway_url);
    json_free(controller->listens);
    json_free(controller->types);
    free(controller);
}
