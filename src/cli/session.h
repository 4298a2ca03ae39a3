/* session.h - what run, diff and apply share: logging and policy from options, and one pass against a gateway.
 * Owns: nothing.   Thread: the main thread.   Errors: as the functions say. */
#pragma once

#include "base/log.h"
#include "config/options.h"
#include "kong/plan.h"
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

/* Reads the inputs (or the cluster; with both, the inputs laid over the cluster), translates, connects and lets `look` see the session when nothing is under way; `look` returns the exit code. */
int session_once(const struct options *options, enum kong_policy policy,
                 int (*look)(void *user, struct sync_controller *controller, bool converged), void *user,
                 struct err *err);
