/* How a command says that it cannot be done. */
#include "command.h"

#include "base/text.h"

int command_fail(const char *text)
{
    AUTO(text) char *shown = text_shown(text);
    fprintf(stderr, "error: %s\n", shown);
    return 1;
}

void command_complain(const char *name, const char *text)
{
    AUTO(text) char *shown = text_shown(text);
    fprintf(stderr, "kongruent %s: %s\n", name, shown);
}
