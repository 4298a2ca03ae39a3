/* Help for people and for docs/, printed from the tables of commands, options and problem codes. */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "command.h"
#include "config/options.h"

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
