/* metrics.h - the controller's figures in Prometheus' text format.   Owns: nothing.   Thread: loop.   Errors: none. */
#pragma once

#include "base/buf.h"
#include "sync/controller.h"

void metrics_print(struct sync_controller *controller, struct buf *out);
