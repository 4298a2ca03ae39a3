/* Child processes: how one is started, what is collected from it, and that it never outlives its time. */
#include "net/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"

#define PROCESS_OUTPUT_MAX (1u << 20)
#define PROCESS_PIECE      4096

extern char **environ;

struct process {
    pid_t pid;
    int pidfd;
    int output_fd;
    struct loop_watch *exit_watch;
    struct loop_watch *output_watch;
    struct loop_timer *deadline;
    struct buf output;
    uint64_t timeout_ms;
    char *name;
    struct err err;
    void (*done)(void *user, int exit_status, const char *output, size_t length, const struct err *err);
    void *user;
};

static void process_free(struct process *process)
{
    loop_watch_free(process->exit_watch);
    loop_watch_free(process->output_watch);
    loop_timer_free(process->deadline);
    if (process->pidfd >= 0)
        close(process->pidfd);
    if (process->output_fd >= 0)
        close(process->output_fd);
    buf_done(&process->output);
    free(process->name);
    free(process);
}

/* Its whole group: what the program itself started would hold the pipe open. */
static void kill_group(const struct process *process)
{
    kill(-process->pid, SIGKILL);
}

/* Reads what is there; false at the end of the output or when there is too much of it. */
static bool read_output(struct process *process)
{
    char piece[PROCESS_PIECE];
    for (;;) {
        ssize_t length = read(process->output_fd, piece, sizeof(piece));
        if (length < 0 && errno == EINTR)
            continue;
        if (length < 0)
            return errno == EAGAIN;
        if (length == 0)
            return false;
        if (buf_append(&process->output, piece, (size_t)length) != 0) {
            err_set(&process->err, ERR_TOO_BIG, "%s printed more than %zu bytes", process->name, process->output.limit);
            kill_group(process);
            return false;
        }
    }
}

static void close_output(struct process *process)
{
    loop_watch_free(process->output_watch);
    process->output_watch = NULL;
    close(process->output_fd);
    process->output_fd = -1;
}

static void on_output(void *user, int events)
{
    struct process *process = user;
    if (!read_output(process))
        close_output(process);
}

static void on_exit_of_child(void *user, int events)
{
    struct process *process = user;
    int status = 0;
    pid_t reaped;
    /* What it left running in its group goes before its number may be given to another. */
    kill_group(process);
    while ((reaped = waitpid(process->pid, &status, 0)) < 0 && errno == EINTR)
        continue;
    if (reaped < 0)
        err_set(&process->err, ERR_IO, "%s: its result cannot be read: %s", process->name, strerror(errno));
    if (process->output_fd >= 0)
        read_output(process);
    int exit_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    process->done(process->user, exit_status, buf_text(&process->output), process->output.length, &process->err);
    process_free(process);
}

static void on_deadline(void *user)
{
    struct process *process = user;
    err_set(&process->err, ERR_TIMEOUT, "%s did not end within %llu ms", process->name,
            (unsigned long long)process->timeout_ms);
    kill_group(process);
}

static bool same_name(const char *left, const char *right)
{
    size_t length = strcspn(left, "=");
    return strncmp(left, right, length) == 0 && right[length] == '=';
}

/* Ours, less what is named anew, and what was added; the caller frees the array only. */
static char **merge_environment(const char *const *added)
{
    size_t ours = 0, more = 0;
    while (environ[ours] != NULL)
        ours++;
    while (added != NULL && added[more] != NULL)
        more++;
    char **merged = xcalloc(ours + more + 1, sizeof(char *));
    size_t count = 0;
    for (size_t i = 0; i < ours; i++) {
        bool replaced = false;
        for (size_t k = 0; k < more && !replaced; k++)
            replaced = same_name(added[k], environ[i]);
        if (!replaced)
            merged[count++] = environ[i];
    }
    for (size_t k = 0; k < more; k++)
        merged[count++] = (char *)added[k];
    return merged;
}

static int spawn(const struct process_call *call, int output_fd, pid_t *ret_pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t reset, none;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output_fd, STDOUT_FILENO);
    /* Sockets of libraries may lack close-on-exec. */
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    posix_spawnattr_init(&attributes);
    sigfillset(&reset);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(&attributes, &reset);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    char **environment = merge_environment(call->environment);
    int failure = posix_spawnp(ret_pid, call->argv[0], &actions, &attributes, (char *const *)call->argv, environment);
    free(environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return failure;
}

int process_start(struct loop *loop, const struct process_call *call, struct process **ret_process, struct err *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return err_set(err, ERR_IO, "cannot start %s: %s", call->argv[0], strerror(errno));
    pid_t pid = 0;
    int failure = spawn(call, ends[1], &pid);
    close(ends[1]);
    int pidfd = failure == 0 ? pidfd_open(pid, 0) : -1;
    if (failure == 0 && pidfd < 0) {
        failure = errno;
        kill(-pid, SIGKILL);
        waitpid(pid, NULL, 0);
    }
    if (failure != 0) {
        close(ends[0]);
        return err_set(err, failure == ENOENT ? ERR_NOT_FOUND : ERR_IO, "cannot start %s: %s", call->argv[0],
                       strerror(failure));
    }
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    fcntl(pidfd, F_SETFD, FD_CLOEXEC);
    struct process *process = xcalloc(1, sizeof(*process));
    process->pid = pid;
    process->pidfd = pidfd;
    process->output_fd = ends[0];
    process->output = (struct buf)BUF_INIT(call->output_limit != 0 ? call->output_limit : PROCESS_OUTPUT_MAX);
    process->name = xstrdup(call->argv[0]);
    process->done = call->done;
    process->user = call->user;
    process->timeout_ms = call->timeout_ms;
    process->exit_watch = loop_watch_new(loop, pidfd, LOOP_READ, on_exit_of_child, process);
    process->output_watch = loop_watch_new(loop, ends[0], LOOP_READ, on_output, process);
    process->deadline = loop_timer_new(loop, on_deadline, process);
    if (call->timeout_ms != 0)
        loop_timer_start(process->deadline, call->timeout_ms);
    *ret_process = process;
    return 0;
}

void process_kill(struct process *process)
{
    if (process == NULL)
        return;
    kill_group(process);
    while (waitpid(process->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    process_free(process);
}
