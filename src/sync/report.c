/* Telling problems: compares what stands with what was told. */
#include "report.h"

#include <string.h>

#include "base/map.h"

struct report {
    const struct log *log;
    struct kube_recorder *recorder;
    struct map told; /* text of the problem -> struct problem */
};

static void release_problem(void *value)
{
    problem_unref(value);
}

struct report *report_new(const struct log *log, struct kube_recorder *recorder)
{
    struct report *report = xcalloc(1, sizeof(*report));
    report->log = log;
    report->recorder = recorder;
    map_init(&report->told, release_problem);
    return report;
}

void report_free(struct report *report)
{
    if (report == NULL)
        return;
    map_done(&report->told);
    free(report);
}

static char *key_of(const struct problem *problem)
{
    return xasprintf("%s|%s|%s|%s|%s", problem->about.kind, problem->about.namespace, problem->about.name,
                     problem->code, problem->text);
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

static void write_event(struct report *report, const struct problem *problem)
{
    const char *slash = strrchr(problem->about.kind, '/');
    if (report->recorder == NULL || slash == NULL || problem->severity == PROBLEM_INFO)
        return;
    AUTO(text) char *api_version = xstrndup(problem->about.kind, (size_t)(slash - problem->about.kind));
    struct kube_event event = {
        api_version,   slash + 1,    problem->about.namespace, problem->about.name, problem->about.uid, "", true,
        problem->code, problem->text};
    kube_event_write(report->recorder, &event);
}

static void tell(struct report *report, const struct problem *problem)
{
    AUTO(text) char *title = kong_source_title(&problem->about);
    log_write(report->log, level_of(problem), "problem", "code", problem->code, "object", title, "text", problem->text,
              NULL);
    write_event(report, problem);
}

static void tell_solved(const struct report *report, const struct problem *problem)
{
    AUTO(text) char *title = kong_source_title(&problem->about);
    log_info(report->log, "problem is solved", "code", problem->code, "object", title);
}

void report_problems(struct report *report, struct problem *const *problems, size_t count)
{
    struct map now;
    map_init(&now, release_problem);
    for (size_t i = 0; i < count; i++) {
        AUTO(text) char *key = key_of(problems[i]);
        if (map_find(&now, key) != NULL)
            continue;
        map_put(&now, key, problem_ref(problems[i]));
        if (map_find(&report->told, key) == NULL)
            tell(report, problems[i]);
    }
    struct map_entry **before = map_sorted(&report->told);
    for (size_t i = 0; before[i] != NULL; i++) {
        if (map_find_bytes(&now, before[i]->key, before[i]->key_length) == NULL)
            tell_solved(report, before[i]->value);
    }
    free(before);
    map_done(&report->told);
    report->told = now;
}
