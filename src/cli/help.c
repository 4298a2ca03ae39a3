/* Help for people and for docs/, printed from the tables of commands, options and problem codes. */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "command.h"
#include "config/options.h"
#include "kong/problem_codes.h"
#include "web/metrics.h"

void help_list(FILE *out)
{
    size_t count;
    const struct command *list = commands(&count);
    fprintf(out, "usage: kongruent COMMAND [OPTION...]\n\n");
    for (size_t i = 0; i < count; i++) {
        if (list[i].summary[0] != '\0')
            fprintf(out, "  %-10s %s\n", list[i].name, list[i].summary);
    }
    fprintf(out, "\nkongruent help COMMAND says more.\n");
}

static void print_usage(const struct command *command, FILE *out)
{
    fprintf(out, "usage: kongruent %s%s%s%s\n", command->name, command->groups != 0 ? " [OPTION...]" : "",
            command->arguments[0] != '\0' ? " " : "", command->arguments);
}

void help_command(const struct command *command, FILE *out)
{
    print_usage(command, out);
    fprintf(out, "\n%s", command->details);
    if (command->groups == 0)
        return;
    fprintf(out, "\nOptions (each --some-flag can be given as the variable CONTROLLER_SOME_FLAG):\n");
    options_help(command->groups, out);
}

static void print_commands_markdown(FILE *out)
{
    size_t count;
    const struct command *list = commands(&count);
    fprintf(out, "# Commands\n\nPrinted by `kongruent help --commands`.\n\n"
                 "Exit codes: 0 done, 1 failed, 2 changes found (`diff`). Results go to standard output, problems and\n"
                 "logs to standard error; colour only to a terminal. What each flag means: [options](options.md).\n\n"
                 "| command | purpose |\n|---|---|\n");
    for (size_t i = 0; i < count; i++) {
        if (list[i].summary[0] != '\0')
            fprintf(out, "| [`%s`](#%s) | %s |\n", list[i].name, list[i].name, list[i].summary);
    }
    for (size_t i = 0; i < count; i++) {
        if (list[i].summary[0] == '\0')
            continue;
        fprintf(out, "\n## %s\n\n```\n", list[i].name);
        print_usage(&list[i], out);
        fprintf(out, "```\n\n%s", list[i].details);
        if (list[i].groups != 0) {
            fprintf(out, "\nFlags:");
            options_names(list[i].groups, out);
            fprintf(out, "\n");
        }
    }
}

static void print_problems_markdown(FILE *out)
{
    size_t count;
    const struct problem_code *codes = problem_codes(&count);
    fprintf(out, "# Problems\n\nPrinted by `kongruent help --problems`. The codes are stable: they stand in "
                 "conditions, Events, metrics "
                 "and on standard error.\n\n| code | severity | cause | remedy |\n|---|---|---|---|\n");
    for (size_t i = 0; i < count; i++)
        fprintf(out, "| `%s` | %s | %s | %s |\n", codes[i].code, problem_severity_name(codes[i].severity),
                codes[i].cause, codes[i].remedy);
}

static void print_metrics_markdown(FILE *out)
{
    AUTO(buf) struct buf text = BUF_OWN;
    web_metrics_markdown(&text);
    fputs(buf_text(&text), out);
}

int cli_help(int argc, char **argv)
{
    const char *topic = argc > 1 ? argv[1] : NULL;
    if (topic == NULL) {
        help_list(stdout);
    } else if (strcmp(topic, "--markdown") == 0) {
        options_markdown(stdout);
    } else if (strcmp(topic, "--commands") == 0) {
        print_commands_markdown(stdout);
    } else if (strcmp(topic, "--metrics") == 0) {
        print_metrics_markdown(stdout);
    } else if (strcmp(topic, "--problems") == 0) {
        print_problems_markdown(stdout);
    } else {
        const struct command *command = command_find(topic);
        if (command == NULL) {
            AUTO(text) char *text = xasprintf("there is no command '%s'; see kongruent help", topic);
            return command_fail(text);
        }
        help_command(command, stdout);
    }
    return 0;
}
