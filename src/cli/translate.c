/* translate: manifests in, decK's state format out, problems on stderr. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "kong/declarative.h"
#include "offline.h"

#define GROUPS (OPTION_INPUT | OPTION_TRANSLATION | OPTION_OUTPUT | OPTION_FAIL)

/* The document is written as it grows; it is never in memory as a whole. */
static void write_part(void *user, struct buf *part)
{
    fwrite(buf_text(part), 1, part->length, user);
    buf_clear(part);
}

static int translate(struct offline *offline, const struct options *options, struct err *err)
{
    const char *format = options_text(options, OPT_OUTPUT);
    bool json = strcmp(format, "json") == 0;
    if (!json && format[0] != '\0' && strcmp(format, "yaml") != 0)
        return err_set(err, ERR_INVALID, "--output: '%s' is none of yaml|json", format);
    int rc = offline_translate(offline, options, err);
    if (rc != 0)
        return rc;
    size_t count;
    struct kong_entity **entities = offline_entities(offline, &count);
    struct kong_declarative_options declarative = {
        .json = json, .unnamed_members = offline->kic, .part = write_part, .user = stdout};
    AUTO(buf) struct buf out = BUF_OWN;
    kong_declarative_print(entities, count, &declarative, &out);
    write_part(stdout, &out);
    free(entities);
    return 0;
}

int cli_translate(int argc, char **argv)
{
    return offline_command(argc, argv, GROUPS, translate);
}
