/* Metrics: names of Kong Ingress Controller where the meaning is the same, ours begin with kongruent_. */
#include "metrics.h"

#include <stdio.h>

#include "base/clock.h"
#include "plan/report.h"

struct figures {
    struct sync_controller_facts facts;
    struct buf *out;
};

static void family(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void counter(struct buf *out, const char *name, const char *help, uint64_t value)
{
    family(out, name, "counter", help);
    buf_printf(out, "%s %llu\n", name, (unsigned long long)value);
}

static void gauge(struct buf *out, const char *name, const char *help, double value)
{
    family(out, name, "gauge", help);
    buf_printf(out, "%s %.17g\n", name, value);
}

static void print_push(const struct figures *figures)
{
    const struct kong_session_counters *session = &figures->facts.session;
    struct buf *out = figures->out;
    family(out, "ingress_controller_configuration_push_count", "counter",
           "Operations sent to the gateway, by how they ended.");
    buf_printf(
        out,
        "ingress_controller_configuration_push_count{success=\"true\",protocol=\"deck\",failure_reason=\"\"} %llu\n",
        (unsigned long long)(session->created + session->updated + session->deleted));
    buf_printf(out,
               "ingress_controller_configuration_push_count{success=\"false\",protocol=\"deck\",failure_reason="
               "\"other\"} %llu\n",
               (unsigned long long)session->refused);
    buf_printf(out,
               "ingress_controller_configuration_push_count{success=\"false\",protocol=\"deck\",failure_reason="
               "\"network\"} %llu\n",
               (unsigned long long)session->unavailable);
    gauge(out, "ingress_controller_configuration_push_last_successful", "Unix time of the last convergence.",
          session->last_success);
    gauge(out, "ingress_controller_configuration_push_broken_resource_count",
          "Entities that the gateway refuses at present.", (double)session->plan.refused);
}

static void print_translation(const struct figures *figures)
{
    const struct sync_translator_facts *translator = &figures->facts.translator;
    struct buf *out = figures->out;
    family(out, "ingress_controller_translation_count", "counter", "Waves of translation.");
    buf_printf(out, "ingress_controller_translation_count{success=\"true\"} %llu\n",
               (unsigned long long)translator->counters.waves);
    gauge(out, "ingress_controller_translation_broken_resource_count", "Problems of severity error or warn that stand.",
          (double)(figures->facts.problems_error + figures->facts.problems_warn));
    gauge(out, "kongruent_translation_last_duration_seconds", "How long the last wave took.",
          (double)translator->wave_us / 1e6);
    gauge(out, "kongruent_translation_waiting_changes", "Changes of objects that wait for the translator.",
          (double)translator->waiting);
    gauge(out, "kongruent_rule_nodes", "Nodes of the engine.", (double)translator->counters.nodes);
    counter(out, "kongruent_rule_runs_total", "Runs of rules.", translator->counters.nodes_run);
    counter(out, "kongruent_rule_stops_total", "Runs whose contributions were unchanged.", translator->counters.stops);
    counter(out, "kongruent_rule_errors_total", "Runs that failed.", translator->counters.failures);
    gauge(out, "kongruent_rule_heap_bytes", "Heap of the rules.", (double)translator->counters.heap_bytes);
}

static void print_gateway(const struct figures *figures)
{
    const struct kong_session_counters *session = &figures->facts.session;
    struct buf *out = figures->out;
    family(out, "kongruent_admin_requests_total", "counter", "Requests to the Admin API by method.");
    const struct {
        const char *method;
        uint64_t count;
    } rows[] = {{"GET", session->requests.gets},
                {"PUT", session->requests.puts},
                {"PATCH", session->requests.patches},
                {"POST", session->requests.posts},
                {"DELETE", session->requests.deletes}};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        buf_printf(out, "kongruent_admin_requests_total{method=\"%s\"} %llu\n", rows[i].method,
                   (unsigned long long)rows[i].count);
    counter(out, "kongruent_entities_created_total", "Entities created.", session->created);
    counter(out, "kongruent_entities_updated_total", "Entities updated.", session->updated);
    counter(out, "kongruent_entities_deleted_total", "Entities deleted.", session->deleted);
    counter(out, "kongruent_entities_drifted_total",
            "Entities of ours that others were found to have changed, deleted or made in the gateway.",
            session->drifted);
    gauge(out, "kongruent_entities_in_flight", "Operations under way.", (double)session->plan.in_flight);
    gauge(out, "kongruent_entities_withheld", "Entities withheld for want of a plugin.",
          (double)session->plan.withheld);
    gauge(out, "kongruent_deletes_held", "Entities whose delete the brake holds until it is approved.",
          (double)figures->facts.held.entities);
    gauge(out, "kongruent_gateway_connected", "1 while a gateway answers.", figures->facts.connected);
    gauge(out, "kongruent_converged", "1 while the gateway is as it is wanted.", figures->facts.converged);
    gauge(out, "kongruent_leading", "1 while this process leads.", figures->facts.leading);
}

static void print_database(const struct figures *figures)
{
    const struct sync_database_facts *database = &figures->facts.database;
    struct buf *out = figures->out;
    if (!database->configured)
        return;
    gauge(out, "kongruent_postgres_used", "1 while the gateway's database is read; 0: the Admin API is asked instead.",
          database->used);
    counter(out, "kongruent_postgres_readings_total", "Readings of all that the gateway holds out of its database.",
            database->readings);
    counter(out, "kongruent_postgres_looks_total", "Looks at its database for what others have changed.",
            database->looks);
    counter(out, "kongruent_postgres_troubles_total", "Times that its database could not be read or be believed.",
            database->troubles);
    gauge(out, "kongruent_postgres_last_look_seconds", "How long the last look took.", database->look_seconds);
}

static void print_kinds(struct sync_controller *controller, struct buf *out)
{
    size_t count;
    struct sync_kind_facts *kinds = sync_controller_kinds(controller, &count);
    family(out, "kongruent_objects", "gauge", "Kubernetes objects by kind.");
    for (size_t i = 0; i < count; i++)
        buf_printf(out, "kongruent_objects{kind=\"%s\",state=\"%s\"} %zu\n", kinds[i].kind, kinds[i].state,
                   kinds[i].objects);
    free(kinds);
}

void metrics_print(struct sync_controller *controller, struct buf *out)
{
    struct figures figures = {sync_controller_facts(controller), out};
    print_push(&figures);
    print_translation(&figures);
    print_gateway(&figures);
    print_database(&figures);
    print_kinds(controller, out);
    gauge(out, "process_cpu_seconds_total", "CPU time of this process.", (double)clock_cpu_us() / 1e6);
    gauge(out, "kongruent_problems_error", "Problems of severity error that stand.",
          (double)figures.facts.problems_error);
    gauge(out, "kongruent_problems_warn", "Problems of severity warn that stand.", (double)figures.facts.problems_warn);
}
