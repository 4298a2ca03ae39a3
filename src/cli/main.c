/* Finds the command. */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "command.h"

int cli_main(int argc, char **argv);

static const struct command COMMANDS[] = {
    {"translate", "print the Kong configuration that Kubernetes manifests become", cli_translate},
};

static int usage(FILE *out)
{
    fprintf(out, "usage: kongruent COMMAND [OPTION...]\n\n");
    for (size_t i = 0; i < COUNT_OF(COMMANDS); i++)
        fprintf(out, "  %-12s %s\n", COMMANDS[i].name, COMMANDS[i].summary);
    return out == stdout ? 0 : 1;
}

int cli_main(int argc, char **argv)
{
    if (argc < 2)
        return usage(stderr);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)
        return usage(stdout);
    for (size_t i = 0; i < COUNT_OF(COMMANDS); i++) {
        if (strcmp(argv[1], COMMANDS[i].name) == 0)
            return COMMANDS[i].run(argc - 1, argv + 1);
    }
    fprintf(stderr, "kongruent: there is no command '%s'\n", argv[1]);
    return usage(stderr);
}
