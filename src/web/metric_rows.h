/* metric_rows.h - the table of metrics: what /metrics answers, and docs/metrics.md, are printed from it.
 * Owns: nothing.   Thread: any.   Errors: none.
 *
 * NUMBER(name, type, help, expression): one value, in terms of `facts` and `process`.
 * SERIES(name, type, labels, help, function): the function prints its lines.  Labels have a bounded set of values.
 * Names that begin with ingress_controller_ are Kong Ingress Controller's, with its meaning and buckets; its labels dataplane and
 * instance_id are left out: Prometheus adds the instance, and all addresses stand before one database. */
#pragma once

#define METRIC_TABLE(NUMBER, SERIES)                                                                                   \
    SERIES("ingress_controller_configuration_push_count", "counter", "success, protocol, failure_reason",              \
           "Syncs by how they ended: without a refusal, or with one (conflict: a value was taken; other); network: "   \
           "pauses because no "                                                                                        \
           "gateway answered.",                                                                                        \
           print_pushes)                                                                                               \
    SERIES("ingress_controller_configuration_push_duration_milliseconds", "histogram", "success, protocol",            \
           "From the first change of a sync until nothing was left to do.", print_push_durations)                      \
    NUMBER("ingress_controller_configuration_push_last_successful", "gauge", "Unix time of the last convergence.",     \
           facts->session.last_success)                                                                                \
    NUMBER("ingress_controller_configuration_push_broken_resource_count", "gauge",                                     \
           "Entities that the gateway refuses at present.", facts->session.plan.refused)                               \
    SERIES("ingress_controller_translation_count", "counter", "success", "Waves of translation.", print_translations)  \
    SERIES("ingress_controller_translation_duration_milliseconds", "histogram", "success", "How long waves took.",     \
           print_translation_durations)                                                                                \
    NUMBER("ingress_controller_translation_broken_resource_count", "gauge",                                            \
           "Problems of severity error or warn that stand.", facts->problems_error + facts->problems_warn)             \
    NUMBER("kongruent_translation_last_duration_seconds", "gauge", "How long the last wave took.",                     \
           (double)facts->translator.wave_us / 1e6)                                                                    \
    NUMBER("kongruent_translation_waiting_changes", "gauge", "Changes of objects that wait for the translator.",       \
           facts->translator.waiting)                                                                                  \
    NUMBER("kongruent_rule_nodes", "gauge", "Nodes of the engine.", facts->translator.counters.nodes)                  \
    NUMBER("kongruent_rule_runs_total", "counter", "Runs of rules.", facts->translator.counters.nodes_run)             \
    NUMBER("kongruent_rule_stops_total", "counter", "Runs whose contributions were unchanged.",                        \
           facts->translator.counters.stops)                                                                           \
    NUMBER("kongruent_rule_errors_total", "counter", "Runs that failed.", facts->translator.counters.failures)         \
    NUMBER("kongruent_rule_heap_bytes", "gauge", "Heap of the rules.", facts->translator.counters.heap_bytes)          \
    SERIES("kongruent_admin_requests_total", "counter", "method", "Requests to the Admin API by method.",              \
           print_requests)                                                                                             \
    SERIES("kongruent_admin_request_duration_seconds", "histogram", "method",                                          \
           "From sending a request to the Admin API to its answer, or to giving up.", print_request_durations)         \
    NUMBER("kongruent_entities_created_total", "counter", "Entities created.", facts->session.created)                 \
    NUMBER("kongruent_entities_updated_total", "counter", "Entities updated.", facts->session.updated)                 \
    NUMBER("kongruent_entities_deleted_total", "counter", "Entities deleted.", facts->session.deleted)                 \
    NUMBER("kongruent_entities_refused_total", "counter", "Operations that the gateway refused.",                      \
           facts->session.refused)                                                                                     \
    NUMBER("kongruent_entities_drifted_total", "counter",                                                              \
           "Entities of ours that others were found to have changed, deleted or made in the gateway.",                 \
           facts->session.drifted)                                                                                     \
    NUMBER("kongruent_entities_in_flight", "gauge", "Operations under way.", facts->session.plan.in_flight)            \
    NUMBER("kongruent_entities_withheld", "gauge", "Entities withheld for want of a plugin.",                          \
           facts->session.plan.withheld)                                                                               \
    NUMBER("kongruent_deletes_held", "gauge", "Entities whose delete the brake holds until it is approved.",           \
           facts->held.entities)                                                                                       \
    SERIES("kongruent_entities", "gauge", "state", "Entities by state, as the page shows them.", print_entities)       \
    NUMBER("kongruent_gateway_connected", "gauge", "1 while a gateway answers.", facts->connected)                     \
    NUMBER("kongruent_converged", "gauge", "1 while the gateway is as it is wanted.", facts->converged)                \
    NUMBER("kongruent_leading", "gauge", "1 while this process leads.", facts->leading)                                \
    NUMBER("kongruent_postgres_used", "gauge",                                                                         \
           "1 while the gateway's database is read; 0: the Admin API is asked instead.", facts->database.used)         \
    NUMBER("kongruent_postgres_readings_total", "counter",                                                             \
           "Readings of all that the gateway holds out of its database.", facts->database.readings)                    \
    NUMBER("kongruent_postgres_looks_total", "counter", "Looks at its database for what others have changed.",         \
           facts->database.looks)                                                                                      \
    NUMBER("kongruent_postgres_troubles_total", "counter",                                                             \
           "Times that its database could not be read or be believed.", facts->database.troubles)                      \
    NUMBER("kongruent_postgres_last_look_seconds", "gauge", "How long the last look took.",                            \
           facts->database.look_seconds)                                                                               \
    SERIES("kongruent_objects", "gauge", "kind, state",                                                                \
           "Kubernetes objects by kind, and whether the kind can be read.", print_objects)                             \
    NUMBER("kongruent_problems_error", "gauge", "Problems of severity error that stand.", facts->problems_error)       \
    NUMBER("kongruent_problems_warn", "gauge", "Problems of severity warn that stand.", facts->problems_warn)          \
    NUMBER("kongruent_page_clients", "gauge", "Pages that are kept current.", process->page_clients)                   \
    NUMBER("kongruent_page_clients_dropped_total", "counter", "Pages that were cut because they did not read.",        \
           process->page_clients_dropped)                                                                              \
    SERIES("kongruent_build_info", "gauge", "version, compat", "1; what runs.", print_build)                           \
    NUMBER("process_cpu_seconds_total", "counter", "CPU time of this process.", process->cpu_seconds)                  \
    NUMBER("process_resident_memory_bytes", "gauge", "Memory of this process that is resident.",                       \
           process->resident_bytes)                                                                                    \
    NUMBER("process_start_time_seconds", "gauge", "Unix time at which this process began.", process->start_time)
