/* The gateway's database: whether it is read, and what becomes of drift. */
#include <string.h>

#include "controller_parts.h"

#define DRIFT_LOGGED_MAX 20 /* lines about drift between two times that nothing is left to do */

static bool uses_database(const struct options *options)
{
    return options_truth(options, OPT_POSTGRES) || options_text(options, OPT_POSTGRES_DSN)[0] != '\0';
}

static uint64_t duration_or(const struct options *options, enum option_id id, uint64_t otherwise)
{
    int64_t given = options_duration_ms(options, id);
    return given >= 0 && options_text(options, id)[0] != '\0' ? (uint64_t)given : otherwise;
}

/* How often the gateway is read again through the Admin API. */
static uint64_t reread_ms(const struct sync_controller *controller)
{
    const struct options *options = controller->options.options;
    bool off = controller->options.once || strcmp(options_text(options, OPT_DRIFT_POLICY), "off") == 0;
    uint64_t given = duration_or(options, OPT_DRIFT_INTERVAL, CONTROLLER_REREAD_MS);
    /* An interval that is meant for the database is too short for the Admin API. */
    return off || given == 0                                        ? 0
           : uses_database(options) && given < CONTROLLER_REREAD_MS ? CONTROLLER_REREAD_MS
                                                                    : given;
}

static void database_works(void *user, bool works)
{
    const struct sync_controller *controller = user;
    if (controller->session != NULL)
        kong_session_set_reread(controller->session, works ? 0 : reread_ms(controller));
}

int controller_start_database(struct sync_controller *controller, struct err *err)
{
    const struct options *options = controller->options.options;
    if (!uses_database(options))
        return 0;
    size_t count;
    const char *const *tags = gateway_options_tags(controller->gateway, &count);
    const char **list = xcalloc(count + 1, sizeof(char *));
    for (size_t i = 0; i < count; i++)
        list[i] = tags[i];
    struct postgres_reader_options postgres = {
        .dsn = options_text(options, OPT_POSTGRES_DSN),
        .workspace = options_text(options, OPT_KONG_WORKSPACE),
        .tags = list,
        .statement_ms = duration_or(options, OPT_POSTGRES_TIMEOUT, 0),
        .lag_ms = duration_or(options, OPT_POSTGRES_MAX_LAG, POSTGRES_LAG_MS),
    };
    struct database_options database = {
        .log = controller->options.log,
        .postgres = &postgres,
        .look_ms = reread_ms(controller) == 0 ? 0 : duration_or(options, OPT_DRIFT_INTERVAL, CONTROLLER_LOOK_MS),
        .slack_ms = postgres.lag_ms,
        .skip_ca_certificates = options_truth(options, OPT_SKIP_CA),
        .works = database_works,
        .user = controller,
    };
    int rc = database_new(controller->loop, &database, &controller->database, err);
    free(list);
    return rc == 0 ? 0 : err_wrap(err, "--postgres-dsn");
}

static bool read_kind(void *user, const struct kong_kind *kind, kong_each_fn *each, kong_read_done_fn *done,
                      void *reader)
{
    return database_read_kind(((struct sync_controller *)user)->database, kind, each, done, reader);
}

static void read_cancel(void *user)
{
    database_read_cancel(((struct sync_controller *)user)->database);
}

static void drifted(void *user, const struct kong_drift *drift)
{
    struct sync_controller *controller = user;
    const char *found = drift->gone ? "deleted" : drift->stray ? "made" : "changed";
    bool kept = drift->kept || controller->options.policy == KONG_POLICY_OBSERVE ||
                (drift->stray && controller->options.policy != KONG_POLICY_SYNC);
    if (controller->drift_logged++ < DRIFT_LOGGED_MAX)
        log_warn(controller->options.log, "somebody else has written to the gateway", "entity", drift->title, "was",
                 found, "set_right", kept ? "no" : "yes");
    if (!kept) /* else it stands as a problem, and is told as one */
        report_drift(controller->report, drift);
}

void controller_postgres_options(struct sync_controller *controller, struct kong_session_options *ret_options,
                                 struct kong_session_callbacks *ret_callbacks)
{
    const struct options *options = controller->options.options;
    ret_options->reread_ms = reread_ms(controller);
    ret_options->report_drift = strcmp(options_text(options, OPT_DRIFT_POLICY), "report") == 0;
    ret_callbacks->drifted = drifted;
    if (controller->database == NULL)
        return;
    ret_options->looks = ret_options->reread_ms != 0;
    ret_callbacks->read_kind = read_kind;
    ret_callbacks->read_cancel = read_cancel;
}
