/* What a node reports, and its end: a node goes with its reads, its contributions and its reports. */
#include "graph.h"

#include <string.h>

static void tell_new(struct said_set *said, const struct problem_list *problems,
                     const struct condition_list *conditions)
{
    for (size_t i = 0; i < problems->count; i++)
        said_add_problem(said, problems->items[i]);
    for (size_t i = 0; i < conditions->count; i++)
        said_add_condition(said, conditions->items[i]);
}

static void tell_old(struct said_set *said, const struct reports *reports)
{
    for (size_t i = 0; i < reports->problems.count; i++)
        said_drop_problem(said, reports->problems.items[i]);
    for (size_t i = 0; i < reports->conditions.count; i++)
        said_drop_condition(said, reports->conditions.items[i]);
}

static void reports_free(struct reports *reports)
{
    for (size_t i = 0; i < reports->conditions.count; i++)
        rules_condition_unref(reports->conditions.items[i]);
    problem_list_done(&reports->problems);
    vec_done(&reports->conditions);
    free(reports);
}

void graph_set_reports(struct graph *graph, struct node *node, struct problem_list *problems,
                       struct condition_list *conditions)
{
    struct reports *old = node->reports;
    tell_new(&graph->said, problems, conditions); /* before the old ones go, so that what stays is never gone */
    if (old != NULL) {
        tell_old(&graph->said, old);
        reports_free(old);
    }
    node->reports = NULL;
    if (problems->count != 0 || conditions->count != 0) {
        node->reports = xmalloc(sizeof(*node->reports));
        *node->reports = (struct reports){*problems, *conditions};
    }
    *problems = (struct problem_list){0};
    *conditions = (struct condition_list){0};
}

void graph_remove(struct graph *graph, struct node *node)
{
    struct problem_list problems = {0};
    struct condition_list conditions = {0};
    struct offer_list offers = {0};
    graph_set_reports(graph, node, &problems, &conditions);
    graph_set_offers(graph, node, &offers);
    graph_set_reads(graph, node, NULL, 0, false);
    require_that(node->emissions.count == 0);
    vec_done(&node->in);
    vec_done(&node->out);
    vec_done(&node->emissions);
    free(node->origin.kind); /* the others stand behind it */
    map_take(&node->rule->nodes, node->key);
    graph->counters.nodes--;
    node->removed = true;
    if (!node->queued)
        free(node);
}

void graph_done(struct graph *graph)
{
    for (int i = 0; i < graph->rule_count; i++) {
        struct rule *rule = graph->rules[i];
        struct map_entry *entry;
        for (size_t at = 0; (entry = map_next(&rule->nodes, &at)) != NULL;) {
            struct node *node = entry->value;
            struct offer_list none = {0};
            graph_set_offers(graph, node, &none);
        }
    }
    for (int i = 0; i < graph->rule_count; i++) {
        struct rule *rule = graph->rules[i];
        struct map_entry *entry;
        for (size_t at = 0; (entry = map_next(&rule->nodes, &at)) != NULL;)
            graph_remove(graph, entry->value);
    }
    for (int level = 0; level < GRAPH_LEVELS_MAX; level++)
        require_that(graph_pop(graph, level) == NULL);
    for (int i = 0; i < graph->rule_count; i++) {
        struct rule *rule = graph->rules[i];
        map_done(&rule->nodes);
        free(rule->name);
        free(rule->file);
        free(rule);
    }
    map_done(&graph->slots);
    said_done(&graph->said);
}
