/* What the gateway says, and what becomes of what is sent to it. */
#include <string.h>

#include "config/settings.h"
#include "controller_parts.h"

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
        log_error(controller->options.log, "the settings cannot be used", "error", err.text);
        return;
    }
    sync_translator_settings(controller->translator, settings);
    json_free(settings);
}

static void gateway_connected(void *user, const struct kong_gateway_info *info)
{
    struct sync_controller *controller = user;
    if (!controller->connected)
        log_info(controller->options.log, "connected to the gateway", "version", info->version, "router_flavor",
                 info->flavor, "database", info->database, "role", info->role);
    bool changed = !controller->gateway_known || strcmp(controller->flavor, info->flavor) != 0 ||
                   strcmp(controller->version, info->version) != 0;
    struct json *listens = gateway_options_listens(info);
    changed |= controller->listens == NULL || !json_equal(listens, controller->listens);
    json_free(controller->listens);
    controller->listens = listens;
    controller->connected = controller->gateway_known = true;
    replace(&controller->flavor, info->flavor);
    replace(&controller->version, info->version);
    replace(&controller->role, info->role);
    free(controller->about_gateway);
    controller->about_gateway = xasprintf("Kong %s (%s, %s)", info->version, info->database, info->role);
    if (changed)
        use_settings(controller);
    controller_translate_when_known(controller);
}

/* Where nothing had to be sent nobody has answered yet. */
static const char *current_gateway(const struct sync_controller *controller)
{
    const struct kong_gateways *gateways = gateway_options_addresses(controller->gateway);
    if (controller->gateway_url[0] != '\0')
        return controller->gateway_url;
    return kong_gateways_count(gateways) != 0 ? kong_gateways_url(gateways, 0) : "";
}

static void gateway_lost(void *user, const char *text)
{
    struct sync_controller *controller = user;
    database_lost(controller->database);
    if (controller->options.once) {
        struct err err = ERR_INIT;
        err_set(&err, ERR_CONNECT, "the gateway does not answer: %s", text);
        controller->options.failed(controller->options.user, &err);
        return;
    }
    if (controller->connected || !controller->gateway_known)
        log_warn(controller->options.log, "the gateway does not answer; it is tried again", "error", text);
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
    database_read_done(controller->database);
    use_types(controller);
    log_info(controller->options.log, "read what the gateway holds", "entities", LOG_NUMBER(entities));
    controller_permit_deletes(controller);
    controller->read_in_term = true;
    status_read(controller->status);
}

static void item_changed(void *user, const struct kong_item *item)
{
    struct sync_controller *controller = user;
    status_item(controller->status, item);
    census_item(controller->census, item);
    AUTO(text) char *name = kong_plan_item_name(item);
    AUTO(text) char *reporter = xasprintf("gateway|%s", name);
    size_t count;
    struct problem **problems = kong_plan_item_problems(item, &count);
    problems_set(controller->problems, reporter, problems, count);
    for (size_t i = 0; i < count; i++)
        problem_unref(problems[i]);
    free(problems);
}

static void kinds_unread(void *user, struct problem *const *problems, size_t count)
{
    struct sync_controller *controller = user;
    problems_set(controller->problems, "gateway", problems, count);
}

static const char *const VERBS[] = {
    [KONG_CREATE] = "created", [KONG_PARK] = "parked",    [KONG_WITHDRAW] = "withdrawn", [KONG_UPDATE] = "updated",
    [KONG_YIELD] = "yielded",  [KONG_DELETE] = "deleted", [KONG_READ] = "read"};

static void gateway_answers(struct sync_controller *controller)
{
    if (!controller->connected && controller->gateway_known)
        log_info(controller->options.log, "the gateway answers again");
    controller->connected = controller->gateway_known;
}

static void operation_done(void *user, const struct kong_op *op, const struct kong_answer *answer)
{
    struct sync_controller *controller = user;
    database_wrote(controller->database, op, answer);
    replace(&controller->gateway_url, answer->gateway);
    controller_census_answer(controller, op, answer);
    if (op->verb != KONG_READ) { /* a gateway that is only read makes no progress */
        controller->unanswered = answer->status == 0;
        controller->answered_writes += answer->class != KONG_UNAVAILABLE && answer->class != KONG_UNSURE;
    }
    if (answer->class != KONG_UNAVAILABLE && answer->class != KONG_UNSURE)
        gateway_answers(controller);
    if (controller->options.log->level < LOG_INFO || controller->options.once)
        return;
    AUTO(text)
    char *title = xasprintf("%s %s", op->item->kind->name, op->item->kind->key_is_secret ? "…" : op->item->key);
    if (answer->class == KONG_DONE)
        journal_done(controller->journal, VERBS[op->verb], title, (long long)answer->took_us / 1000);
    else
        log_debug(controller->options.log, "not done", "verb", VERBS[op->verb], "entity", title, "status",
                  LOG_NUMBER(answer->status));
}

static void deletes_held(void *user, const struct kong_held *held)
{
    struct sync_controller *controller = user;
    held_changed(controller->held, held, kong_session_plan(controller->session));
}

static bool is_gone(void *user, const struct kong_source *object)
{
    const struct sync_controller *controller = user;
    return origin_lacks(controller->origin, object);
}

static void session_idle(void *user, bool converged)
{
    struct sync_controller *controller = user;
    bool news = converged && !controller->converged;
    controller->converged = converged;
    controller->once_converged |= converged;
    controller->drift_logged = 0;
    if (news && controller->translated && !controller->options.once) {
        struct kong_session_counters counters = kong_session_counters(controller->session);
        struct journal_totals totals = {counters.created, counters.updated, counters.deleted};
        journal_converged(controller->journal, &totals);
    }
    status_idle(controller->status);
    controller_sync_ended(controller, converged);
    if (news && controller->translated)
        report_gateway(controller->report, current_gateway(controller), NULL);
    if (controller->translated && controller->options.idle != NULL)
        controller->options.idle(controller->options.user, converged);
}

int controller_start_session(struct sync_controller *controller, struct err *err)
{
    const struct options *options = controller->options.options;
    int rc = gateway_options_new(controller->loop, options, controller->namespace, &controller->gateway, err);
    if (rc == 0)
        rc = controller_start_database(controller, err);
    if (rc != 0)
        return rc;
    const char *missing = options_text(options, OPT_ON_MISSING_PLUGIN);
    bool kic = controller_is_kic(controller);
    int64_t spread_ms = options_duration_ms(options, OPT_PROPAGATION);
    struct kong_session_options session = {
        .admin = *gateway_options_admin(controller->gateway),
        .plan =
            {
                .policy = controller->options.policy,
                .serve_unguarded = strcmp(missing[0] != '\0' ? missing
                                          : kic              ? "serve"
                                                             : "withhold",
                                          "serve") == 0,
                .max_delete_percent = (double)options_integer(options, OPT_MAX_DELETE),
                .quiet_ms = controller->options.once ? 0 : (uint64_t)options_duration_ms(options, OPT_DELETE_QUIET),
                .settle_ms = controller->options.once ? 0 : (uint64_t)options_duration_ms(options, OPT_SETTLING),
                .spread_ms = spread_ms < 0 ? 0 : (uint64_t)spread_ms,
                .is_gone = is_gone,
                .user = controller,
            },
        .spread_by_gateway = spread_ms < 0,
        .concurrency = (int)options_integer(options, OPT_CONCURRENCY),
        .skip_ca_certificates = options_truth(options, OPT_SKIP_CA),
    };
    session.tags = gateway_options_tags(controller->gateway, &session.tag_count);
    struct kong_session_callbacks callbacks = {
        .user = controller,
        .connected = gateway_connected,
        .lost = gateway_lost,
        .read = mirror_read,
        .item = item_changed,
        .unread = kinds_unread,
        .operation = operation_done,
        .held = deletes_held,
        .idle = session_idle,
        .may_write = controller_may_write,
    };
    controller_postgres_options(controller, &session, &callbacks);
    rc = kong_session_new(controller->loop, gateway_options_addresses(controller->gateway), &session, &callbacks,
                          &controller->session, err);
    if (rc == 0)
        database_use(controller->database, controller->session);
    return rc;
}
