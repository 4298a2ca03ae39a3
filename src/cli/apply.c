/* apply: one pass that changes the gateway, and what it did. */
#include <stdio.h>

#include "command.h"
#include "plan/report.h"
#include "session.h"

static int print_result(const struct options *options, struct sync_controller *controller, bool converged)
{
    session_print_problems(controller);
    struct kong_session_counters counters = kong_session_counters(sync_controller_session(controller));
    struct sync_controller_facts facts = sync_controller_facts(controller);
    printf("created %llu, updated %llu, deleted %llu, refused %zu, withheld %zu, held %zu\n",
           (unsigned long long)counters.created, (unsigned long long)counters.updated,
           (unsigned long long)counters.deleted, counters.plan.refused, counters.plan.withheld, facts.held.entities);
    if (facts.held.objects != 0)
        printf("%zu entities of %zu objects are held: check them with diff, then apply with --approve %s\n",
               facts.held.entities, facts.held.objects, facts.held.hash);
    return converged ? 0 : 1;
}

int cli_apply(int argc, char **argv)
{
    return session_command(argc, argv, true, print_result);
}
