/* The commands: which there are, what they are for, and which options they know. */
#include <string.h>

#include "base/alloc.h"
#include "command.h"
#include "config/options.h"

static const struct command COMMANDS[] = {
    {"translate", "", "print the Kong configuration that Kubernetes manifests become",
     OPTION_INPUT | OPTION_TRANSLATION | OPTION_OUTPUT | OPTION_FAIL,
     "Reads manifests, runs the rules and prints decK's state format (-o yaml|json), sorted, so that equal input "
     "gives\n"
     "equal bytes. Problems go to standard error, one a line: severity CODE kind/namespace/name: text (file:line).\n"
     "A route whose plugins are missing is left out, as a gateway would not get it (see --on-missing-plugin).\n"
     "Exit code: 0 done, also with problems; 1 when an input cannot be read, or by --fail-on.\n",
     cli_translate},
};

const struct command *commands(size_t *ret_count)
{
    *ret_count = COUNT_OF(COMMANDS);
    return COMMANDS;
}

const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(COMMANDS); i++) {
        if (strcmp(COMMANDS[i].name, name) == 0)
            return &COMMANDS[i];
    }
    return NULL;
}
