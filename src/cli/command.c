/* How a command says that it cannot be done. */
#include "command.h"

int command_fail(const char *text)
{
    fprintf(stderr, "error: %s\n", text);
    return 1;
}
