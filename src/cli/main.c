/* Finds the command, and answers --help for all of them. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "command.h"

int cli_main(int argc, char **argv);

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    }
    return false;
}

int cli_main(int argc, char **argv)
{
    if (argc < 2) {
        help_list(stderr);
        return 1;
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        name = "help";
    if (strcmp(name, "--version") == 0)
        name = "version";
    const struct command *command = command_find(name);
    if (command == NULL) {
        AUTO(text) char *text = xasprintf("there is no command '%s'; see kongruent help", name);
        return command_fail(text);
    }
    if (asks_for_help(argc - 1, argv + 1) && argv[1][0] != '-') {
        help_command(command, stdout);
        return 0;
    }
    return command->run(argc - 1, argv + 1);
}
