/* Telling problems and news of the gateway, in the log and as Events. */
#include "tell/report.h"

#include <string.h>

enum gateway_news { NEWS_NONE, NEWS_GOOD, NEWS_BAD };

struct report {
    const struct log *log;
    struct kube_recorder *recorder;
    char *pod_namespace, *pod_name;
    enum gateway_news news; /* as last told */
    bool kic;
    struct problem_place (*place)(const void *user, const struct kong_source *about);
    const void *user;
};

struct report *report_new(const struct report_options *options)
{
    struct report *report = xcalloc(1, sizeof(*report));
    report->log = options->log;
    report->recorder = options->recorder;
    report->kic = options->kic;
    report->place = options->place;
    report->user = options->user;
    report->pod_namespace = xstrdup(options->pod_namespace);
    report->pod_name = xstrdup(options->pod_name);
    return report;
}

void report_free(struct report *report)
{
    if (report == NULL)
        return;
    free(report->pod_namespace);
    free(report->pod_name);
    free(report);
}

static enum log_level level_of(const struct problem *problem)
{
    switch (problem->severity) {
    case PROBLEM_ERROR:
        return LOG_ERROR;
    case PROBLEM_WARN:
        return LOG_WARN;
    default:
        return LOG_INFO;
    }
}

/* Codes that begin so come from the gateway; all others from translation. */
static const char *reason_of(const struct report *report, const struct problem *problem)
{
    if (!report->kic)
        return problem->code;
    return strncmp(problem->code, "Kong", 4) == 0 ? "KongConfigurationApplyFailed"
                                                  : "KongConfigurationTranslationFailed";
}

static void write_event(struct report *report, const struct kong_source *about, const char *reason, const char *text)
{
    const char *slash = strrchr(about->kind, '/');
    if (report->recorder == NULL || slash == NULL)
        return;
    AUTO(text) char *api_version = xstrndup(about->kind, (size_t)(slash - about->kind));
    struct kube_event event = {
        .api_version = api_version,
        .kind = slash + 1,
        .namespace = about->namespace,
        .name = about->name,
        .uid = about->uid,
        .resource_version = "",
        .warning = true,
        .reason = reason,
        .message = text,
    };
    kube_event_write(report->recorder, &event);
}

void report_drift(struct report *report, const struct kong_drift *drift)
{
    const struct kong_origin *origin = drift->entity != NULL ? &drift->entity->origin : NULL;
    AUTO(text)
    char *text = xasprintf("%s was %s in the gateway by somebody else; it is set right", drift->title,
                           drift->gone ? "deleted" : "changed");
    for (size_t i = 0; origin != NULL && i < origin->source_count; i++)
        write_event(report, &origin->sources[i], "DriftFound", text);
}

void report_begins(struct report *report, const struct problem *problem)
{
    AUTO(text) char *title = kong_source_title(&problem->about);
    struct problem_place nowhere = {"", 0};
    struct problem_place place =
        problem_place(problem, report->place != NULL ? report->place(report->user, &problem->about) : nowhere);
    AUTO(text) char *where = xasprintf("%s:%d", place.file, place.line);
    bool located = place.file[0] != '\0';
    log_write(report->log, level_of(problem), "problem", "code", problem->code, "object", title, "text", problem->text,
              located ? "at" : NULL, where, NULL);
    if (problem->severity != PROBLEM_INFO)
        write_event(report, &problem->about, reason_of(report, problem), problem->text);
}

void report_ends(struct report *report, const struct problem *problem)
{
    AUTO(text) char *title = kong_source_title(&problem->about);
    log_info(report->log, "problem is solved", "code", problem->code, "object", title);
}

void report_gateway(struct report *report, const char *url, const char *error)
{
    enum gateway_news news = error == NULL ? NEWS_GOOD : NEWS_BAD;
    if (report->news == news || report->recorder == NULL || report->pod_name[0] == '\0' ||
        report->pod_namespace[0] == '\0')
        return;
    report->news = news;
    AUTO(text)
    char *text = error == NULL ? xasprintf("successfully applied Kong configuration to %s", url)
                               : xasprintf("failed to apply Kong configuration to %s: %s", url, error);
    struct kube_event event = {
        .api_version = "v1",
        .kind = "Pod",
        .namespace = report->pod_namespace,
        .name = report->pod_name,
        .uid = "",
        .resource_version = "",
        .warning = error != NULL,
        .reason = error == NULL ? "KongConfigurationSucceeded" : "KongConfigurationApplyFailed",
        .message = text,
    };
    kube_event_write(report->recorder, &event);
}
