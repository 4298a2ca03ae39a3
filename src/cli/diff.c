/* diff: what apply would do, with changed fields; writes nothing. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "kong/report.h"
#include "session.h"

#define EXIT_CHANGES 2

static int print_plan(void *user, struct sync_controller *controller, bool converged)
{
    const struct options *options = user;
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
    AUTO(options) struct options *options = NULL;
    struct err err = ERR_INIT;
    int code = 1;
    if (options_parse(argc, argv, SESSION_GROUPS, &options, &err) == 0) {
        if (session_check_words(options, &err) == 0)
            code = session_once(options, KONG_POLICY_OBSERVE, print_plan, options, &err);
    }
    if (err.code != 0)
        fprintf(stderr, "kongruent diff: %s\n", err.text);
    return code;
}
