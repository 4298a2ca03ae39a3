/* analyze: the problems of manifests, of a cluster, or of manifests laid over a cluster, each with cause and remedy; writes nothing. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/vec.h"
#include "command.h"
#include "kong/problem_codes.h"
#include "session.h"

#define EXIT_FINDINGS 2

static void print_text(const struct problem *problem, struct problem_place place)
{
    const struct problem_code *row = problem_code_find(problem->code);
    AUTO(buf) struct buf line = BUF_OWN;
    problem_print(problem, place, &line);
    fwrite(buf_text(&line), 1, line.length, stdout);
    if (row != NULL)
        printf("    cause:  %s\n    remedy: %s\n", row->cause, row->remedy);
}

static struct json *as_json(const struct problem *problem, struct problem_place object)
{
    const struct problem_code *row = problem_code_find(problem->code);
    struct problem_place place = problem_place(problem, object);
    struct json *item = json_new_object();
    json_set_text(item, "severity", problem_severity_name(problem->severity));
    json_set_text(item, "code", problem->code);
    json_set_text(item, "kind", problem->about.kind);
    json_set_text(item, "namespace", problem->about.namespace);
    json_set_text(item, "name", problem->about.name);
    json_set_text(item, "text", problem->text);
    if (place.file[0] != '\0')
        json_set_text(item, "file", place.file);
    if (place.file[0] != '\0' && place.line != 0)
        json_set_number(item, "line", place.line);
    if (row != NULL) {
        json_set_text(item, "cause", row->cause);
        json_set_text(item, "remedy", row->remedy);
    }
    return item;
}

static int print_findings(const struct options *options, struct sync_controller *controller, bool converged)
{
    bool json = strcmp(options_text(options, OPT_OUTPUT), "json") == 0;
    enum problem_severity fail_on =
        strcmp(options_text(options, OPT_FAIL_ON), "warn") == 0 ? PROBLEM_WARN : PROBLEM_ERROR;
    AUTO(json) struct json *list = json_new_array();
    size_t count, findings = 0;
    struct problem **problems = sync_controller_problems(controller, &count);
    for (size_t i = 0; i < count; i++) {
        struct problem_place place = sync_controller_place(controller, &problems[i]->about);
        findings += problems[i]->severity >= fail_on;
        if (json)
            json_append(list, as_json(problems[i], place));
        else
            print_text(problems[i], place);
        problem_unref(problems[i]);
    }
    free(problems);
    if (json) {
        AUTO(buf) struct buf out = BUF_OWN;
        json_print_pretty(list, &out);
        printf("%s\n", buf_text(&out));
    } else {
        printf("%zu problems\n", count);
    }
    return findings != 0 ? EXIT_FINDINGS : 0;
}

/* By a flag or by its variable. */
static bool names_gateway(int argc, char **argv)
{
    static const char flags[] = "--kong-admin-", variables[] = "CONTROLLER_KONG_ADMIN_";
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strncmp(argv[i], flags, sizeof(flags) - 1) == 0)
            return true;
    for (char **variable = environ; *variable != NULL; variable++)
        if (strncmp(*variable, variables, sizeof(variables) - 1) == 0)
            return true;
    return false;
}

/* Nothing is asked of a gateway unless one is named: the one inside stands in for its schemas. */
int cli_analyze(int argc, char **argv)
{
    struct {
        VEC(char *);
    } words = {0};
    AUTO(text) char *inside = xstrdup("--kong-admin-url=sandbox:");
    AUTO(text) char *unused = xstrdup("--tell-unused");
    vec_push(&words, argv[0]);
    vec_push(&words, unused);
    if (!names_gateway(argc, argv))
        vec_push(&words, inside);
    for (int i = 1; i < argc; i++)
        vec_push(&words, argv[i]);
    int code = session_command((int)words.count, words.items, false, print_findings);
    vec_done(&words);
    return code;
}
