/* diff: what apply would do, with changed fields; writes nothing. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "plan/report.h"
#include "session.h"

#define EXIT_CHANGES 2

static int print_plan(const struct options *options, struct sync_controller *controller, bool converged)
{
    session_print_problems(controller);
    struct kong_plan *plan = kong_session_plan(sync_controller_session(controller));
    AUTO(buf) struct buf out = BUF_OWN;
    if (strcmp(options_text(options, OPT_OUTPUT), "json") == 0)
        kong_report_json(plan, &out);
    else
        kong_report_text(plan, isatty(STDOUT_FILENO) != 0, &out);
    fwrite(buf_text(&out), 1, out.length, stdout);
    return kong_report_count(plan) != 0 ? EXIT_CHANGES : 0;
}

int cli_diff(int argc, char **argv)
{
    return session_command(argc, argv, false, print_plan);
}
