/* net/process.h - run a program and collect what it prints, on the loop (exec credential plugins, nothing else).
 * Owns:    the caller owns the handle until `done` was called or process_kill.
 * Thread:  loop thread.
 * Errors:  err for what cannot be started, output over the limit, or the time limit (the child is killed). */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "net/loop.h"

struct process;

struct process_call {
    const char *const *argv;        /* argv[0] is looked up in PATH; NULL-terminated */
    const char *const *environment; /* "NAME=value" added to ours; NULL-terminated, or NULL */
    size_t output_limit;            /* bytes of standard output; 0: 1 MiB */
    uint64_t timeout_ms;
    /* `output` is borrowed until return; exit_status as of waitpid's WEXITSTATUS, or 128 + signal. */
    void (*done)(void *user, int exit_status, const char *output, size_t length, const struct err *err);
    void *user;
};

int process_start(struct loop *loop, const struct process_call *call, struct process **ret_process,
                  struct err *err) MUST_USE;
void process_kill(struct process *process); /* no callback afterwards */
