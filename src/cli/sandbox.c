/* sandbox: an Admin API in memory, until SIGTERM or SIGINT. */
#include "sandbox/sandbox.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "command.h"
#include "config/options.h"
#include "sandbox/server.h"
#include "session.h"

enum { SANDBOX_GROUPS = OPTION_SANDBOX | OPTION_LOG };

static void signalled(void *user, int signal)
{
    (void)signal;
    loop_stop(user);
}

static int serve(const struct options *options, struct loop *loop, struct sandbox *sandbox, struct err *err)
{
    struct sandbox_server_options server_options = {.listen = options_text(options, OPT_LISTEN)};
    struct sandbox_server *server = NULL;
    int rc = sandbox_server_new(loop, sandbox, &server_options, &server, err);
    if (rc != 0)
        return rc;
    struct loop_watch *term = loop_signal_new(loop, SIGTERM, signalled, loop);
    struct loop_watch *interrupt = loop_signal_new(loop, SIGINT, signalled, loop);
    struct log log = session_log(options);
    log_info(&log, "the sandbox listens", "listen", server_options.listen, "port",
             LOG_NUMBER(sandbox_server_port(server)));
    loop_run(loop);
    loop_watch_free(term);
    loop_watch_free(interrupt);
    sandbox_server_free(server);
    return 0;
}

int cli_sandbox(int argc, char **argv)
{
    AUTO(options) struct options *options = NULL;
    struct err err = ERR_INIT;
    struct loop *loop = NULL;
    int rc = options_parse(argc, argv, SANDBOX_GROUPS, &options, &err);
    if (rc == 0)
        rc = session_check_words(options, &err);
    if (rc == 0)
        rc = loop_new(&loop, &err);
    if (rc == 0) {
        struct sandbox_options sandbox_options = {.control = options_truth(options, OPT_SANDBOX_CONTROL)};
        AUTO(sandbox) struct sandbox *sandbox = sandbox_new(&sandbox_options);
        rc = serve(options, loop, sandbox, &err);
    }
    loop_free(loop);
    if (rc != 0)
        fprintf(stderr, "kongruent sandbox: %s\n", err.text);
    return rc == 0 ? 0 : 1;
}
