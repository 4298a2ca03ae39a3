/* A bulk of changes gives few lines, none of them is lost, and its end is told. */
#include "check.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/buf.h"
#include "tell/journal.h"

struct scene {
    struct loop *loop;
    struct log log;
    struct journal *journal;
    int read;
};

static struct scene scene_new(enum log_level level)
{
    struct scene scene = {.log = {.level = level, .format = LOG_LOGFMT}};
    struct err err = ERR_INIT;
    int fds[2];
    assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
    assert_true(fcntl(fds[1], F_SETPIPE_SZ, 512 * 1024) > 0);
    scene.read = fds[0];
    scene.log.fd = fds[1];
    assert_int_equal(loop_new(&scene.loop, &err), 0);
    return scene;
}

static void scene_done(struct scene *scene)
{
    journal_free(scene->journal);
    loop_free(scene->loop);
    close(scene->read);
    close(scene->log.fd);
}

static size_t lines_with(struct scene *scene, const char *word, struct buf *text)
{
    char piece[4096];
    for (ssize_t got; (got = read(scene->read, piece, sizeof(piece))) > 0;)
        buf_append(text, piece, (size_t)got);
    size_t count = 0;
    for (const char *at = strstr(buf_text(text), word); at != NULL; at = strstr(at + 1, word))
        count++;
    return count;
}

static void stop(void *user)
{
    loop_stop(user);
}

static void a_bulk_has_few_lines_and_all_are_counted(void **state)
{
    struct scene scene = scene_new(LOG_INFO);
    scene.journal = journal_new(scene.loop, &scene.log);
    for (int i = 0; i < 1000; i++)
        journal_done(scene.journal, "created", "route shop.web", 3);
    journal_converged(scene.journal, &(struct journal_totals){.created = 1000});
    AUTO(buf) struct buf text = BUF_OWN;

    size_t lines = lines_with(&scene, "msg=created", &text);
    assert_in_range(lines, JOURNAL_BURST, JOURNAL_BURST + 10);
    AUTO(text) char *rest = xasprintf("without_line=%zu", 1000 - lines);
    assert_non_null(strstr(buf_text(&text), rest));
    scene_done(&scene);
}

static void at_debug_each_has_its_line(void **state)
{
    struct scene scene = scene_new(LOG_DEBUG);
    scene.journal = journal_new(scene.loop, &scene.log);
    for (int i = 0; i < 500; i++)
        journal_done(scene.journal, "created", "route shop.web", 3);
    AUTO(buf) struct buf text = BUF_OWN;

    assert_int_equal(lines_with(&scene, "msg=created", &text), 500);
    scene_done(&scene);
}

static void a_burst_of_ends_is_told_first_and_last(void **state)
{
    struct scene scene = scene_new(LOG_INFO);
    scene.journal = journal_new(scene.loop, &scene.log);
    for (unsigned long long i = 1; i <= 50; i++)
        journal_converged(scene.journal, &(struct journal_totals){.updated = i});
    struct loop_timer *timer = loop_timer_new(scene.loop, stop, scene.loop);
    loop_timer_start(timer, JOURNAL_PAUSE_MS + 200);
    loop_run(scene.loop);
    loop_timer_free(timer);
    AUTO(buf) struct buf text = BUF_OWN;

    assert_int_equal(lines_with(&scene, "msg=converged", &text), 2);
    assert_non_null(strstr(buf_text(&text), "updated=1 "));
    assert_non_null(strstr(buf_text(&text), "updated=50 "));
    scene_done(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bulk_has_few_lines_and_all_are_counted),
        cmocka_unit_test(at_debug_each_has_its_line),
        cmocka_unit_test(a_burst_of_ends_is_told_first_and_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
