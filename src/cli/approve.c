/* approve: lets a running controller carry out what it holds. */
#include <stdio.h>

#include "command.h"
#include "session.h"
#include "sync/approval.h"

#define APPROVE_GROUPS (OPTION_SOURCE | OPTION_KUBE | OPTION_LEASE | OPTION_LOG)

int cli_approve(int argc, char **argv)
{
    AUTO(options) struct options *options = NULL;
    AUTO(buf) struct buf text = BUF_OWN;
    struct err err = ERR_INIT;
    int rc = options_parse(argc, argv, APPROVE_GROUPS, &options, &err);
    if (rc == 0 && (options_words(options)[0] == NULL || options_words(options)[1] != NULL))
        rc = err_set(&err, ERR_INVALID, "give one hash: kongruent approve HASH");
    if (rc == 0) {
        struct log log = session_log(options);
        log.level = options_given(options, OPT_LOG_LEVEL) ? log.level : LOG_WARN;
        rc = sync_approve(options, &log, options_words(options)[0], &text, &err);
    }
    if (rc != 0)
        fprintf(stderr, "kongruent approve: %s\n", err.text);
    else
        printf("%s\n", buf_text(&text));
    return rc != 0 ? 1 : 0;
}
