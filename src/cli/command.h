/* command.h - the table of commands: a command is a row and a file.
 * Owns: nothing.   Thread: the main thread.   Errors: exit codes as docs/commands.md says: 0 done, 1 failed, 2 changes or findings. */
#pragma once

struct command {
    const char *name;
    const char *summary;
    int (*run)(int argc, char **argv);
};

int cli_translate(int argc, char **argv);
