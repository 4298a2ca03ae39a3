/* plan/report.h - a plan for people and for programs.
 * Owns:    nothing.
 * Thread:  the plan's.
 * Errors:  none. No secret is ever in it. */
#pragma once

#include "base/buf.h"
#include "plan/plan.h"

/* One line per operation with its reason ("update route default.shop: paths"), changed fields below it, and a summary.
 */
void kong_report_text(struct kong_plan *plan, bool colour, struct buf *out);
/* decK's JSON report: changes {creating, updating, deleting} of {name, kind, body {new, old}, diff}, summary, warnings,
 * errors. */
void kong_report_json(struct kong_plan *plan, struct buf *out);
size_t kong_report_count(struct kong_plan *plan); /* what would be done; 0: nothing */
