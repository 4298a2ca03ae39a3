/* The values of metrics. */
#include "metrics_print.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "metric_rows.h"

static void family(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void sample(struct buf *out, const char *name, const char *labels, double value)
{
    bool whole = value >= 0 && value < 9e15 && value == (double)(uint64_t)value;
    if (whole)
        buf_printf(out, "%s%s %llu\n", name, labels, (unsigned long long)value);
    else
        buf_printf(out, "%s%s %.17g\n", name, labels, value);
}

/* `labels` without braces, "" for none. */
static void print_histogram(struct buf *out, const char *name, const char *labels, const struct histogram *histogram)
{
    const char *comma = labels[0] != '\0' ? "," : "";
    uint64_t below = 0;
    for (size_t i = 0; i < histogram->bound_count; i++) {
        below += histogram->counts[i];
        buf_printf(out, "%s_bucket{%s%sle=\"%.6g\"} %llu\n", name, labels, comma, histogram->bounds[i],
                   (unsigned long long)below);
    }
    buf_printf(out, "%s_bucket{%s%sle=\"+Inf\"} %llu\n", name, labels, comma, (unsigned long long)histogram->total);
    buf_printf(out, "%s_sum{%s} %.17g\n%s_count{%s} %llu\n", name, labels, histogram->sum, name, labels,
               (unsigned long long)histogram->total);
}

static void print_pushes(struct sync_controller *controller, const struct sync_controller_facts *facts,
                         const char *name, struct buf *out)
{
    const struct sync_figures *figures = sync_controller_figures(controller);
    const struct {
        const char *success, *reason;
        uint64_t count;
    } rows[] = {
        {"true", "", figures->good},
        {"false", "conflict", figures->bad_conflict},
        {"false", "network", facts->session.unavailable},
        {"false", "other", figures->bad_other},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        buf_printf(out, "%s{success=\"%s\",protocol=\"deck\",failure_reason=\"%s\"} %llu\n", name, rows[i].success,
                   rows[i].reason, (unsigned long long)rows[i].count);
}

static void print_push_durations(struct sync_controller *controller, const struct sync_controller_facts *facts,
                                 const char *name, struct buf *out)
{
    const struct sync_figures *figures = sync_controller_figures(controller);
    print_histogram(out, name, "success=\"true\",protocol=\"deck\"", &figures->good_ms);
    print_histogram(out, name, "success=\"false\",protocol=\"deck\"", &figures->bad_ms);
}

static void print_translations(struct sync_controller *controller, const struct sync_controller_facts *facts,
                               const char *name, struct buf *out)
{
    sample(out, name, "{success=\"true\"}", (double)facts->translator.counters.waves);
}

static void print_translation_durations(struct sync_controller *controller, const struct sync_controller_facts *facts,
                                        const char *name, struct buf *out)
{
    print_histogram(out, name, "success=\"true\"", &facts->translator.waves_ms);
}

static void print_requests(struct sync_controller *controller, const struct sync_controller_facts *facts,
                           const char *name, struct buf *out)
{
    const struct kong_admin_counters *requests = &facts->session.requests;
    const uint64_t counts[] = {
        [KONG_METHOD_GET] = requests->gets,       [KONG_METHOD_POST] = requests->posts,
        [KONG_METHOD_PUT] = requests->puts,       [KONG_METHOD_PATCH] = requests->patches,
        [KONG_METHOD_DELETE] = requests->deletes,
    };
    for (int method = 0; method < KONG_METHODS; method++)
        buf_printf(out, "%s{method=\"%s\"} %llu\n", name, kong_method_name((enum kong_method)method),
                   (unsigned long long)counts[method]);
}

static void print_request_durations(struct sync_controller *controller, const struct sync_controller_facts *facts,
                                    const char *name, struct buf *out)
{
    const struct kong_admin *admin = kong_session_admin(sync_controller_session(controller));
    for (int method = 0; method < KONG_METHODS; method++) {
        AUTO(text) char *labels = xasprintf("method=\"%s\"", kong_method_name((enum kong_method)method));
        print_histogram(out, name, labels, kong_admin_durations(admin, (enum kong_method)method));
    }
}

static void print_entities(struct sync_controller *controller, const struct sync_controller_facts *facts,
                           const char *name, struct buf *out)
{
    const size_t *counts = census_entity_counts(sync_controller_census(controller), NULL);
    for (int state = 0; state < CENSUS_STATES; state++)
        buf_printf(out, "%s{state=\"%s\"} %zu\n", name, census_state_name((enum census_state)state), counts[state]);
}

static void print_objects(struct sync_controller *controller, const struct sync_controller_facts *facts,
                          const char *name, struct buf *out)
{
    size_t count;
    struct sync_kind_facts *kinds = sync_controller_kinds(controller, &count);
    for (size_t i = 0; i < count; i++)
        buf_printf(out, "%s{kind=\"%s\",state=\"%s\"} %zu\n", name, kinds[i].kind, kinds[i].state, kinds[i].objects);
    free(kinds);
}

static void print_build(struct sync_controller *controller, const struct sync_controller_facts *facts, const char *name,
                        struct buf *out)
{
    buf_printf(out, "%s{version=\"%s\",compat=\"%s\"} 1\n", name, KONGRUENT_VERSION,
               sync_controller_self(controller).pack);
}

static double resident_bytes(void)
{
    unsigned long long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL)
        return 0;
    int read = fscanf(file, "%*u %llu", &pages);
    fclose(file);
    return read == 1 ? (double)pages * (double)sysconf(_SC_PAGESIZE) : 0;
}

struct metrics_process metrics_process(void)
{
    return (struct metrics_process){
        .cpu_seconds = (double)clock_cpu_us() / 1e6,
        .resident_bytes = resident_bytes(),
    };
}

void metrics_print(struct sync_controller *controller, const struct metrics_process *process, struct buf *out)
{
    struct sync_controller_facts now = sync_controller_facts(controller);
    const struct sync_controller_facts *facts = &now;
#define NUMBER(name, type, help, expression)                                                                           \
    family(out, name, type, help);                                                                                     \
    sample(out, name, "", (double)(expression));
#define SERIES(name, type, labels, help, function)                                                                     \
    family(out, name, type, help);                                                                                     \
    function(controller, facts, name, out);
    METRIC_TABLE(NUMBER, SERIES)
#undef NUMBER
#undef SERIES
}
