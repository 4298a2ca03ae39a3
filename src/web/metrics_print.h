/* metrics_print.h - what /metrics answers.   Owns: nothing.   Thread: loop thread.   Errors: none. */
#pragma once

#include "sync/overview.h"

/* Of this process. */
struct metrics_process {
    size_t page_clients;
    uint64_t page_clients_dropped;
    double cpu_seconds, resident_bytes, start_time;
};

struct metrics_process metrics_process(void); /* what the system tells; the rest is 0 */
void metrics_print(struct sync_controller *controller, const struct metrics_process *process, struct buf *out);
