/* command.h - the table of commands: a command is a row and a file.
 * Owns: nothing.   Thread: the main thread.   Errors: exit codes as docs/commands.md says: 0 done, 1 failed, 2 changes
 * or findings. */
#pragma once

#include <stddef.h>
#include <stdio.h>

struct command {
    const char *name;
    const char *arguments; /* for "usage:", without the options */
    const char *summary;   /* one line, for the list */
    unsigned int groups;   /* enum option_group: which options it knows */
    const char *details;   /* paragraphs for --help and docs/commands.md */
    int (*run)(int argc, char **argv);
};

/* In the order of the list; --help of a command is answered before its run is called. */
const struct command *commands(size_t *ret_count);
const struct command *command_find(const char *name); /* NULL when there is none */

/* Says what is wrong on standard error; returns 1. */
int command_fail(const char *text);
/* The same of a command that talks to others: "kongruent apply: …". */
void command_complain(const char *name, const char *text);

void help_list(FILE *out);
void help_command(const struct command *command, FILE *out);

int cli_translate(int argc, char **argv);
int cli_test(int argc, char **argv);
int cli_explain(int argc, char **argv);
int cli_rules(int argc, char **argv);
int cli_sandbox(int argc, char **argv);
int cli_version(int argc, char **argv);
int cli_help(int argc, char **argv);
int cli_bench(int argc, char **argv);
int cli_run(int argc, char **argv);
int cli_diff(int argc, char **argv);
int cli_apply(int argc, char **argv);
int cli_approve(int argc, char **argv);
int cli_status(int argc, char **argv);
int cli_analyze(int argc, char **argv);
