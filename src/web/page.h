/* page.h - the status page: one HTML document without scripts, and the same facts as JSON.   Owns: nothing.   Thread: loop.   Errors: none. */
#pragma once

#include "base/buf.h"
#include "sync/controller.h"

void page_print_html(struct sync_controller *controller, struct buf *out);
void page_print_json(struct sync_controller *controller, struct buf *out);
