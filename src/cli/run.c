/* run: the controller, until SIGTERM or SIGINT. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "command.h"
#include "config/options.h"
#include "session.h"
#include "sync/controller.h"
#include "web/server.h"

#define STOP_LIMIT_MS  30000 /* what is under way may take this long after SIGTERM */
#define SAME_SIGNAL_MS 1000  /* a stop reaches us twice when it goes to the process group as well */

enum {
    RUN_GROUPS =
        OPTION_SOURCE | OPTION_TRANSLATION | OPTION_KUBE | OPTION_GATEWAY | OPTION_SYNC | OPTION_RUN | OPTION_LOG,
};

struct running {
    struct loop *loop;
    struct log log;
    struct sync_controller *controller;
    struct web_server *web;
    struct loop_watch *term, *interrupt;
    struct loop_timer *limit;
    uint64_t stopping_ms; /* 0: not stopping */
    bool forced;
};

static void stopped(void *user)
{
    struct running *running = user;
    loop_stop(running->loop);
}

static void limit_reached(void *user)
{
    struct running *running = user;
    log_warn(&running->log, "requests are still under way; stopping without them");
    loop_stop(running->loop);
}

static void signalled(void *user, int signal)
{
    struct running *running = user;
    if (running->stopping_ms != 0) {
        running->forced = clock_monotonic_ms() - running->stopping_ms >= SAME_SIGNAL_MS;
        if (running->forced)
            loop_stop(running->loop);
        return;
    }
    running->stopping_ms = clock_monotonic_ms();
    log_info(&running->log, "stopping", "signal", signal == SIGTERM ? "SIGTERM" : "SIGINT");
    loop_timer_start(running->limit, STOP_LIMIT_MS);
    sync_controller_stop(running->controller, stopped, running);
}

static int start(struct running *running, const struct options *options, struct err *err)
{
    struct sync_controller_options controller = {
        .options = options,
        .log = &running->log,
        .source = options_text(options, OPT_SOURCE),
        .policy = session_policy(options),
    };
    int rc = sync_controller_start(running->loop, &controller, &running->controller, err);
    if (rc != 0)
        return rc;
    int64_t page_clients = options_integer(options, OPT_PAGE_CLIENTS);
    struct web_server_options web = {
        .health_listen = options_text(options, OPT_HEALTH_ADDRESS),
        .metrics_listen = options_text(options, OPT_METRICS_ADDRESS),
        .controller = running->controller,
        .page_clients = page_clients > 0 ? (size_t)page_clients : 0,
        .dump = options_truth(options, OPT_DUMP_CONFIG),
        .profile = options_truth(options, OPT_PROFILING),
    };
    rc = web_server_new(running->loop, &web, &running->web, err);
    if (rc == 0)
        log_info(&running->log, "listening", "health_port", LOG_NUMBER(web_server_health_port(running->web)),
                 "metrics_port", LOG_NUMBER(web_server_metrics_port(running->web)));
    return rc;
}

static int run(const struct options *options, struct err *err)
{
    struct running running = {.log = session_log(options)};
    int rc = loop_new(&running.loop, err);
    if (rc != 0)
        return rc;
    running.term = loop_signal_new(running.loop, SIGTERM, signalled, &running);
    running.interrupt = loop_signal_new(running.loop, SIGINT, signalled, &running);
    running.limit = loop_timer_new(running.loop, limit_reached, &running);
    log_info(&running.log, "kongruent", "version", KONGRUENT_VERSION, "source", options_text(options, OPT_SOURCE));
    rc = start(&running, options, err);
    if (rc == 0)
        loop_run(running.loop);
    web_server_free(running.web);
    sync_controller_free(running.controller);
    loop_timer_free(running.limit);
    loop_watch_free(running.term);
    loop_watch_free(running.interrupt);
    loop_free(running.loop);
    if (rc == 0)
        log_info(&running.log, "stopped");
    return running.forced ? err_set(err, ERR_CANCELLED, "stopped at the second signal") : rc;
}

int cli_run(int argc, char **argv)
{
    AUTO(options) struct options *options = NULL;
    struct err err = ERR_INIT;
    int rc = options_parse(argc, argv, RUN_GROUPS, &options, &err);
    if (rc == 0)
        rc = session_check_words(options, &err);
    if (rc == 0)
        rc = run(options, &err);
    if (rc != 0)
        command_complain("run", err.text);
    return rc == 0 ? 0 : 1;
}
