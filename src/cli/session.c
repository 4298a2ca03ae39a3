/* One pass: read, translate, compare, and apply if the policy says so. */
#include "session.h"

#include <stdio.h>
#include <string.h>

#include "command.h"
#include "gateway/session.h"

struct pass {
    struct loop *loop;
    struct sync_controller *controller;
    bool idle, converged;
    struct err err;
};

struct log session_log(const struct options *options)
{
    struct log log = LOG_INIT;
    log_level_parse(options_text(options, OPT_LOG_LEVEL), &log.level);
    if (strcmp(options_text(options, OPT_LOG_FORMAT), "json") == 0)
        log.format = LOG_JSON;
    return log;
}

enum kong_policy session_policy(const struct options *options)
{
    const char *policy = options_text(options, OPT_POLICY);
    if (strcmp(policy, "observe") == 0)
        return KONG_POLICY_OBSERVE;
    return strcmp(policy, "upsert-only") == 0 ? KONG_POLICY_UPSERT_ONLY : KONG_POLICY_SYNC;
}

int session_check_words(const struct options *options, struct err *err)
{
    const char *word = options_words(options)[0];
    return word != NULL ? err_set(err, ERR_INVALID, "'%s' is no flag", word) : 0;
}

static void pass_idle(void *user, bool converged)
{
    struct pass *pass = user;
    pass->idle = true;
    pass->converged = converged;
    loop_stop(pass->loop);
}

static void pass_failed(void *user, const struct err *err)
{
    struct pass *pass = user;
    pass->err = *err;
    loop_stop(pass->loop);
}

void session_print_problems(struct sync_controller *controller)
{
    size_t count;
    struct problem **problems = sync_controller_problems(controller, &count);
    AUTO(buf) struct buf lines = BUF_OWN;
    for (size_t i = 0; i < count; i++) {
        problem_print(problems[i], sync_controller_place(controller, &problems[i]->about), &lines);
        problem_unref(problems[i]);
    }
    free(problems);
    fwrite(buf_text(&lines), 1, lines.length, stderr);
}

static int finish(struct pass *pass, const struct options *options, session_look_fn *look, struct err *err)
{
    if (!pass->idle) {
        *err = pass->err;
        return 1;
    }
    int code = look(options, pass->controller, pass->converged);
    if (sync_controller_bad_input(pass->controller)) {
        err_set(err, ERR_INVALID, "not every input could be read");
        return 1;
    }
    return code;
}

static int pass_once(const struct options *options, enum kong_policy policy, session_look_fn *look, struct err *err)
{
    struct log log = session_log(options);
    if (!options_given(options, OPT_LOG_LEVEL))
        log.level = LOG_WARN;
    struct pass pass = {.err = ERR_INIT};
    if (loop_new(&pass.loop, err) != 0)
        return 1;
    bool files = options_given(options, OPT_FILE);
    struct sync_controller_options controller = {
        .options = options,
        .log = &log,
        .source = files && !options_given(options, OPT_SOURCE) ? NULL : options_text(options, OPT_SOURCE),
        .inputs = options_list(options, OPT_FILE),
        .policy = policy,
        .once = true,
        .idle = pass_idle,
        .failed = pass_failed,
        .user = &pass,
    };
    int code = 1;
    if (sync_controller_start(pass.loop, &controller, &pass.controller, err) == 0) {
        loop_run(pass.loop);
        code = finish(&pass, options, look, err);
    }
    sync_controller_free(pass.controller);
    loop_free(pass.loop);
    return code;
}

int session_command(int argc, char **argv, bool writes, session_look_fn *look)
{
    AUTO(options) struct options *options = NULL;
    struct err err = ERR_INIT;
    int code = 1;
    if (options_parse(argc, argv, SESSION_GROUPS, &options, &err) == 0 && session_check_words(options, &err) == 0)
        code = pass_once(options, writes ? session_policy(options) : KONG_POLICY_OBSERVE, look, &err);
    if (err.code != 0)
        command_complain(argv[0], err.text);
    return code;
}
