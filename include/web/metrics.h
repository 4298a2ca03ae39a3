/* web/metrics.h - the table of metrics as a page for docs/.   Owns: nothing.   Thread: any.   Errors: none. */
#pragma once

#include "base/buf.h"

void web_metrics_markdown(struct buf *out);
