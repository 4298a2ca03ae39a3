/* page.h - the page as it comes from the server: the essentials without a script, and the places that the script fills.
 * Owns:    nothing.
 * Thread:  loop thread.
 * Errors:  none.  Everything that comes from outside is escaped; no secret is ever part of the facts. */
#pragma once

#include "sync/overview.h"

#define PAGE_PROBLEMS_MAX 50
#define PAGE_SYNCS_MAX    10
#define PAGE_NAMES_MAX    20 /* of what is held */
#define PAGE_FILES_MAX    8  /* rule files that made most */

void page_print(struct sync_controller *controller, struct buf *out);
