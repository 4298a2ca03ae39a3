/* What stands, by who says it; and that passing states are not told. */
#include "check.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "tell/problems.h"

struct fixture {
    struct loop *loop;
    struct log log;
    int pipe[2];
    struct report *report;
    struct problems *problems;
};

static int setup(void **state)
{
    struct fixture *fixture = xcalloc(1, sizeof(*fixture));
    struct err err = ERR_INIT;
    assert_int_equal(loop_new(&fixture->loop, &err), 0);
    assert_int_equal(pipe2(fixture->pipe, O_NONBLOCK), 0);
    fixture->log = (struct log){LOG_INFO, LOG_LOGFMT, fixture->pipe[1]};
    struct report_options report = {.log = &fixture->log, .pod_namespace = "", .pod_name = ""};
    fixture->report = report_new(&report);
    fixture->problems = problems_new(fixture->loop);
    problems_use_report(fixture->problems, fixture->report);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    problems_free(fixture->problems);
    report_free(fixture->report);
    close(fixture->pipe[0]);
    close(fixture->pipe[1]);
    loop_free(fixture->loop);
    free(fixture);
    return 0;
}

/* `reporter` says that these codes stand of Ingress shop/<object>; ends with NULL. */
static void say(struct fixture *fixture, const char *reporter, const char *object, const char *const *codes)
{
    struct problem *list[8];
    size_t count = 0;
    struct kong_source about;
    kong_source_make(&about, "networking.k8s.io/v1/Ingress", "shop", object, "");
    for (; codes[count] != NULL; count++)
        list[count] = problem_new(PROBLEM_ERROR, codes[count], &about, "text");
    problems_set(fixture->problems, reporter, list, count);
    for (size_t i = 0; i < count; i++)
        problem_unref(list[i]);
    kong_source_done(&about);
}

#define SAY(reporter, object, ...)                                                                                     \
    say(fixture, reporter, object, (const char *const[]){__VA_ARGS__ __VA_OPT__(, ) NULL})

static char *standing(struct fixture *fixture)
{
    struct buf text = BUF_OWN;
    size_t count;
    struct problem **list = problems_list(fixture->problems, &count);
    for (size_t i = 0; i < count; i++) {
        buf_printf(&text, "%s%s %s", i > 0 ? ", " : "", list[i]->about.name, list[i]->code);
        problem_unref(list[i]);
    }
    free(list);
    return buf_text(&text)[0] != '\0' ? buf_take(&text) : xstrdup("");
}

static void assert_standing(struct fixture *fixture, const char *expected, size_t errors)
{
    AUTO(text) char *found = standing(fixture);
    assert_string_equal(found, expected);
    assert_int_equal(problems_count(fixture->problems).errors, errors);
}

/* What was logged so far, "code object" for what began and "-code object" for what ended. */
static char *logged(struct fixture *fixture)
{
    char text[8192];
    struct buf out = BUF_OWN;
    ssize_t length = read(fixture->pipe[0], text, sizeof(text) - 1);
    text[length > 0 ? length : 0] = '\0';
    for (char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        *end = '\0';
        char code[64] = "", object[64] = "";
        const char *at = strstr(line, "code=");
        assert_non_null(at);
        sscanf(at, "code=%63s object=\"%63[^\"]", code, object);
        buf_printf(&out, "%s%s%s %s", out.length > 0 ? ", " : "", strstr(line, "solved") != NULL ? "-" : "", code,
                   object);
    }
    return buf_text(&out)[0] != '\0' ? buf_take(&out) : xstrdup("");
}

static void stop(void *user)
{
    loop_stop(user);
}

/* Until everything that stands has been told. */
static void wait_for_telling(struct fixture *fixture)
{
    struct loop_timer *timer = loop_timer_new(fixture->loop, stop, fixture->loop);
    loop_timer_start(timer, PROBLEMS_TELL_AFTER_MS + 50);
    loop_run(fixture->loop);
    loop_timer_free(timer);
}

static void each_reporter_replaces_what_it_said_and_the_same_words_are_one_problem(void **state)
{
    struct fixture *fixture = *state;
    SAY("rules", "a", "PluginNotFound", "ServiceNotFound");
    SAY("gateway", "a", "PluginNotFound");
    assert_standing(fixture, "a PluginNotFound, a ServiceNotFound", 2);

    SAY("rules", "a", "ServiceNotFound");
    assert_standing(fixture, "a PluginNotFound, a ServiceNotFound", 2);
    SAY("gateway", "a");
    assert_standing(fixture, "a ServiceNotFound", 1);
    SAY("rules", "a");
    assert_standing(fixture, "", 0);
}

static void what_is_over_soon_is_not_told_and_what_lasts_is_told_once(void **state)
{
    struct fixture *fixture = *state;
    SAY("rules|a", "a", "ServiceNotFound");
    SAY("rules|b", "b", "ServiceNotFound");
    SAY("rules|a", "a");
    SAY("rules|b", "b", "ServiceNotFound", "PluginNotFound");
    wait_for_telling(fixture);
    AUTO(text) char *first = logged(fixture);
    assert_string_equal(first, "ServiceNotFound Ingress shop/b, PluginNotFound Ingress shop/b");

    SAY("rules|b", "b", "PluginNotFound");
    SAY("rules|b", "b", "PluginNotFound");
    wait_for_telling(fixture);

    AUTO(text) char *second = logged(fixture);
    assert_string_equal(second, "-ServiceNotFound Ingress shop/b");
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(each_reporter_replaces_what_it_said_and_the_same_words_are_one_problem),
        test(what_is_over_soon_is_not_told_and_what_lasts_is_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
