/* case.h - one fixture case: a folder with objects and with the configuration that they are expected to become.
 * Owns:    a case owns its texts.
 * Thread:  the main thread.
 * Errors:  what makes a case impossible to run (no rules, bad options) is its failure, not the command's.
 *
 * in.yaml or in/        the objects
 * out.yaml              expected: what `translate` prints (compared as values, so that layout does not matter)
 * problems.txt          expected: the lines about problems; when it is absent there must be none
 * settings.yaml         for --settings
 * options.yaml          further flags: a mapping such as `router-flavor: expressions`
 * rules.d/              for --rules */
#pragma once

#include "base/buf.h"
#include "base/err.h"

struct case_outcome {
    struct buf out;      /* decK's state format */
    struct buf problems; /* lines */
};

#define CASE_OUTCOME_INIT                                                                                              \
    {                                                                                                                  \
        BUF_OWN, BUF_OWN                                                                                               \
    }

bool case_is(const char *folder);
/* argv: the flags of the command line, which the case's own win over. */
int case_run(const char *folder, int argc, char **argv, struct case_outcome *outcome, struct err *err) MUST_USE;
void case_outcome_done(struct case_outcome *outcome);

/* Appends what differs from the expected files; nothing when all is well. */
int case_compare(const char *folder, const struct case_outcome *outcome, bool colour, struct buf *out,
                 struct err *err) MUST_USE;
/* Writes the expected files; *ret_changed when one became another. */
int case_update(const char *folder, const struct case_outcome *outcome, bool *ret_changed, struct err *err) MUST_USE;
