#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/process.h"
#include "waiting.h"

struct ending {
    int count;
    int status;
    int code;
    char *output;
    char text[ERR_TEXT_MAX];
};

static void on_done(void *user, int exit_status, const char *output, size_t length, const struct err *err)
{
    struct ending *ending = user;
    ending->count++;
    ending->status = exit_status;
    ending->code = err->code;
    free(ending->output);
    ending->output = xstrndup(output, length);
    memcpy(ending->text, err->text, sizeof(ending->text));
}

static struct loop *make_loop(void)
{
    struct loop *loop = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(loop_new(&loop, &err), 0);
    return loop;
}

/* Runs a shell script to its end. */
static struct ending run_call(struct process_call call, const char *script)
{
    struct loop *loop = make_loop();
    struct ending ending = {0};
    struct process *process = NULL;
    struct err err = ERR_INIT;
    const char *const argv[] = {"sh", "-c", script, NULL};
    call.argv = argv;
    call.done = on_done;
    call.user = &ending;
    assert_int_equal(process_start(loop, &call, &process, &err), 0);
    assert_int_equal(ending.count, 0);
    assert_true(wait_until(loop, &ending.count, 1));
    loop_free(loop);
    return ending;
}

static void output_and_status_are_collected(void **state)
{
    struct ending ending = run_call((struct process_call){0}, "printf 'one\\ntwo'; exit 3");

    assert_int_equal(ending.code, 0);
    assert_int_equal(ending.status, 3);
    assert_string_equal(ending.output, "one\ntwo");
    free(ending.output);
}

static void a_signal_is_told_as_a_status(void **state)
{
    struct ending ending = run_call((struct process_call){0}, "kill -TERM $$");

    assert_int_equal(ending.status, 128 + SIGTERM);
    free(ending.output);
}

static void the_environment_is_ours_with_additions(void **state)
{
    static const char *const added[] = {"PROCESS_TEST_A=new", "PROCESS_TEST_C=3", NULL};
    setenv("PROCESS_TEST_A", "old", 1);
    setenv("PROCESS_TEST_B", "kept", 1);

    struct ending ending =
        run_call((struct process_call){.environment = added}, "env | grep ^PROCESS_TEST_ | sort | tr '\\n' ' '");

    assert_string_equal(ending.output, "PROCESS_TEST_A=new PROCESS_TEST_B=kept PROCESS_TEST_C=3 ");
    free(ending.output);
}

static void standard_input_is_empty_and_no_descriptor_is_inherited(void **state)
{
    int leak = dup(STDERR_FILENO);

    struct ending ending = run_call((struct process_call){0}, "cat; ls /proc/self/fd | wc -l");

    /* input, output, errors, and the folder being listed */
    assert_string_equal(ending.output, "4\n");
    close(leak);
    free(ending.output);
}

static void big_output_arrives_whole(void **state)
{
    struct ending ending = run_call((struct process_call){0}, "head -c 300000 /dev/zero | tr '\\0' x");

    assert_int_equal(ending.code, 0);
    assert_int_equal(strlen(ending.output), 300000);
    free(ending.output);
}

static void output_over_the_limit_kills(void **state)
{
    struct ending ending = run_call((struct process_call){.output_limit = 1000}, "yes");

    assert_int_equal(ending.code, -ERR_TOO_BIG);
    assert_int_equal(ending.status, 128 + SIGKILL);
    free(ending.output);
}

static void the_time_limit_kills_children_of_the_child_too(void **state)
{
    char folder[] = "/tmp/kongruent-process-XXXXXX";
    assert_non_null(mkdtemp(folder));
    char *fifo = xasprintf("%s/held", folder);
    char *script = xasprintf("exec 3>%s; sleep 1000 & wait", fifo);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    struct pollfd held = {.fd = open(fifo, O_RDONLY | O_NONBLOCK), .events = POLLIN};

    struct ending ending = run_call((struct process_call){.timeout_ms = 500}, script);

    assert_int_equal(ending.code, -ERR_TIMEOUT);
    assert_non_null(strstr(ending.text, "sh did not end within 500 ms"));
    /* the end of the pipe shows once the last process that holds it is gone */
    assert_int_equal(poll(&held, 1, WAITING_MAX_MS), 1);
    assert_true((held.revents & POLLHUP) != 0);
    close(held.fd);
    unlink(fifo);
    rmdir(folder);
    free(fifo);
    free(script);
    free(ending.output);
}

static void what_it_leaves_running_does_not_hold_us_up(void **state)
{
    struct ending ending = run_call((struct process_call){0}, "sleep 1000 & echo done");

    assert_int_equal(ending.code, 0);
    assert_int_equal(ending.status, 0);
    assert_string_equal(ending.output, "done\n");
    free(ending.output);
}

static void a_program_that_is_not_there_is_named(void **state)
{
    struct loop *loop = make_loop();
    struct ending ending = {0};
    struct process *process = NULL;
    struct err err = ERR_INIT;
    const char *const argv[] = {"kongruent-no-such-program", NULL};
    struct process_call call = {.argv = argv, .done = on_done, .user = &ending};

    assert_int_equal(process_start(loop, &call, &process, &err), -ERR_NOT_FOUND);

    assert_non_null(strstr(err.text, "kongruent-no-such-program"));
    loop_free(loop);
}

static void a_killed_process_does_not_call_back_and_is_reaped(void **state)
{
    struct loop *loop = make_loop();
    struct ending ending = {0};
    struct process *process = NULL;
    struct err err = ERR_INIT;
    const char *const argv[] = {"sleep", "1000", NULL};
    struct process_call call = {.argv = argv, .done = on_done, .user = &ending};
    assert_int_equal(process_start(loop, &call, &process, &err), 0);

    process_kill(process);
    loop_run_once(loop, false);

    assert_int_equal(ending.count, 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    process_kill(NULL);
    loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output_and_status_are_collected),
        cmocka_unit_test(a_signal_is_told_as_a_status),
        cmocka_unit_test(the_environment_is_ours_with_additions),
        cmocka_unit_test(standard_input_is_empty_and_no_descriptor_is_inherited),
        cmocka_unit_test(big_output_arrives_whole),
        cmocka_unit_test(output_over_the_limit_kills),
        cmocka_unit_test(the_time_limit_kills_children_of_the_child_too),
        cmocka_unit_test(what_it_leaves_running_does_not_hold_us_up),
        cmocka_unit_test(a_program_that_is_not_there_is_named),
        cmocka_unit_test(a_killed_process_does_not_call_back_and_is_reaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
