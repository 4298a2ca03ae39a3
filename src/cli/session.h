/* session.h - what run, diff and apply share: logging and policy from options, and one pass against a gateway.
 * Owns: nothing.   Thread: the main thread.   Errors: as the functions say. */
#pragma once

#include "base/log.h"
#include "config/options.h"
#include "plan/plan.h"
#include "sync/controller.h"

struct log session_log(const struct options *options);
enum kong_policy session_policy(const struct options *options);
/* Refuses words that are no flags. */
int session_check_words(const struct options *options, struct err *err);

enum {
    SESSION_GROUPS = OPTION_INPUT | OPTION_SOURCE | OPTION_TRANSLATION | OPTION_KUBE | OPTION_GATEWAY | OPTION_SYNC |
                     OPTION_OUTPUT | OPTION_LOG | OPTION_FAIL
};

/* Problems that stand, one a line, on stderr. */
void session_print_problems(struct sync_controller *controller);

/* What a command prints when nothing is under way any more; returns the exit code. */
typedef int session_look_fn(const struct options *options, struct sync_controller *controller, bool converged);

/* A command of one pass (argv[0] is its name): reads the inputs (or the cluster; with both, the inputs laid over the
 * cluster), translates, connects, changes the gateway if it `writes` and the policy says so, and looks.  Returns the
 * exit code. */
int session_command(int argc, char **argv, bool writes, session_look_fn *look);
