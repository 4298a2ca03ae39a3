/* apiserver.h - a real API server for tests: the program that $KONGRUENT_LAB names, in a folder of its own.
 * Owns:    the process, which ends with the test program however that ends; stopped with apiserver_stop. */
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"

struct apiserver {
    pid_t pid; /* 0: not running */
    int input; /* its standard input: it stops at the end */
    char *folder;
    char *kubeconfig;
};

static inline const char *apiserver_program(void)
{
    const char *program = getenv("KONGRUENT_LAB");
    return program != NULL && program[0] != '\0' ? program : NULL;
}

static inline void apiserver_become(const struct apiserver *server, int input, int output)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    dup2(input, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    execl(apiserver_program(), "lab", "apiserver", "--dir", server->folder, "--until-eof", (char *)NULL);
    _exit(127);
}

/* True when a line of its output is "ready"; false at its end. */
static inline bool apiserver_says_ready(int output)
{
    FILE *lines = fdopen(output, "r");
    char line[4096];
    bool ready = false;
    while (!ready && fgets(line, sizeof(line), lines) != NULL)
        ready = strcmp(line, "ready\n") == 0;
    fclose(lines);
    return ready;
}

/* Over an old folder it goes on as it was. */
static inline bool apiserver_start(struct apiserver *server)
{
    int input[2];
    int output[2];
    require_that(pipe2(input, O_CLOEXEC) == 0 && pipe2(output, O_CLOEXEC) == 0);
    server->pid = fork();
    require_that(server->pid >= 0);
    if (server->pid == 0)
        apiserver_become(server, input[0], output[1]);
    close(input[0]);
    close(output[1]);
    server->input = input[1];
    return apiserver_says_ready(output[0]);
}

static inline void apiserver_stop(struct apiserver *server)
{
    if (server->pid == 0)
        return;
    kill(server->pid, SIGTERM);
    close(server->input);
    waitpid(server->pid, NULL, 0);
    server->pid = 0;
}
