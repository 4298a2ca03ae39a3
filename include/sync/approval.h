/* sync/approval.h - approving, from another process, the deletes that a controller holds.
 * Owns:    nothing that lasts.
 * Thread:  runs a loop of its own until the API server has answered.
 * Errors:  nothing is held, or something else; the API server refuses or does not answer. */
#pragma once

#include "base/log.h"
#include "config/options.h"

/* Leaves the approval of this hash where the controller of these options looks for it; `ret_text` says what was done. */
int sync_approve(const struct options *options, const struct log *log, const char *hash, struct buf *ret_text,
                 struct err *err) MUST_USE;
