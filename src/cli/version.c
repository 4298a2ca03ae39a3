/* version: the release, as JSON like KIC's, or for people. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "command.h"
#include "config/options.h"

#define RULES_API 1

int cli_version(int argc, char **argv)
{
    struct err err = ERR_INIT;
    AUTO(options) struct options *options = NULL;
    if (options_parse(argc, argv, OPTION_OUTPUT, &options, &err) != 0)
        return command_fail(err.text);
    bool flag = strcmp(argv[0], "--version") == 0;
    if (flag || strcmp(options_text(options, OPT_OUTPUT), "text") == 0) {
        printf("kongruent %s\n", KONGRUENT_VERSION);
        return 0;
    }
    AUTO(json) struct json *version = json_new_object();
    json_set_text(version, "name", "kongruent");
    json_set_text(version, "release", KONGRUENT_VERSION);
    json_set_number(version, "rules_api", RULES_API);
    AUTO(buf) struct buf out = BUF_OWN;
    json_print_pretty(version, &out);
    printf("%s\n", buf_text(&out));
    return 0;
}
