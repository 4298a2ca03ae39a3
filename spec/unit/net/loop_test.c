#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "waiting.h"

static struct loop *make_loop(void)
{
    struct loop *loop = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(loop_new(&loop, &err), 0);
    return loop;
}

static void count_up(void *user)
{
    ++*(int *)user;
}

static void a_timer_fires_once_and_not_too_early(void **state)
{
    struct loop *loop = make_loop();
    int fired = 0;
    struct loop_timer *timer = loop_timer_new(loop, count_up, &fired);
    uint64_t before = clock_monotonic_us();

    loop_timer_start(timer, 30);
    assert_true(loop_timer_running(timer));
    assert_true(wait_until(loop, &fired, 1));

    assert_true(clock_monotonic_us() - before >= 25000);
    assert_false(loop_timer_running(timer));
    loop_run_once(loop, false);
    assert_int_equal(fired, 1);
    loop_timer_free(timer);
    loop_free(loop);
}

static void a_stopped_timer_does_not_fire(void **state)
{
    struct loop *loop = make_loop();
    int stopped = 0, fired = 0;
    struct loop_timer *first = loop_timer_new(loop, count_up, &stopped);
    struct loop_timer *second = loop_timer_new(loop, count_up, &fired);

    loop_timer_start(first, 1);
    loop_timer_start(second, 20);
    loop_timer_stop(first);
    assert_true(wait_until(loop, &fired, 1));

    assert_int_equal(stopped, 0);
    loop_timer_free(first);
    loop_timer_free(second);
    loop_timer_free(NULL);
    loop_free(loop);
}

struct repeating {
    struct loop *loop;
    struct loop_timer *timer;
    int fired;
};

static void start_again(void *user)
{
    struct repeating *repeating = user;
    if (++repeating->fired < 3) {
        loop_timer_start(repeating->timer, 0);
    } else {
        loop_timer_free(repeating->timer);
        loop_stop(repeating->loop);
    }
}

static void a_timer_may_start_and_free_itself(void **state)
{
    struct repeating repeating = {make_loop(), NULL, 0};
    repeating.timer = loop_timer_new(repeating.loop, start_again, &repeating);

    loop_timer_start(repeating.timer, 0);
    loop_run(repeating.loop);

    assert_int_equal(repeating.fired, 3);
    loop_free(repeating.loop);
}

struct readiness {
    struct loop_watch *watch;
    int events;
    int count;
};

static void note_and_free(void *user, int events)
{
    struct readiness *readiness = user;
    readiness->events = events;
    readiness->count++;
    loop_watch_free(readiness->watch);
}

static void a_watch_tells_what_a_descriptor_is_ready_for(void **state)
{
    struct loop *loop = make_loop();
    int ends[2];
    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    struct readiness reading = {0}, writing = {0};
    reading.watch = loop_watch_new(loop, ends[0], LOOP_READ, note_and_free, &reading);
    writing.watch = loop_watch_new(loop, ends[1], LOOP_WRITE, note_and_free, &writing);

    assert_true(wait_until(loop, &writing.count, 1));
    assert_int_equal(writing.events, LOOP_WRITE);
    assert_int_equal(reading.count, 0);

    assert_int_equal(write(ends[1], "x", 1), 1);
    assert_true(wait_until(loop, &reading.count, 1));
    assert_int_equal(reading.events, LOOP_READ);

    close(ends[0]);
    close(ends[1]);
    loop_free(loop);
}

static void note_signal(void *user, int number)
{
    *(int *)user = number;
}

static void signals_arrive_on_the_loop(void **state)
{
    struct loop *loop = make_loop();
    int arrived = 0;
    struct loop_watch *watch = loop_signal_new(loop, SIGUSR1, note_signal, &arrived);

    raise(SIGUSR1);
    assert_true(wait_until(loop, &arrived, 1));

    assert_int_equal(arrived, SIGUSR1);
    loop_watch_free(watch);
    loop_free(loop);
}

#define POSTS_PER_THREAD 1000

struct poster {
    struct loop *loop;
    int *total;
    int next;
    bool in_order;
};

struct numbered {
    struct poster *poster;
    int number;
};

static void take_numbered(void *user)
{
    struct numbered *numbered = user;
    numbered->poster->in_order = numbered->poster->in_order && numbered->number == numbered->poster->next;
    numbered->poster->next++;
    ++*numbered->poster->total;
    free(numbered);
}

static void *post_numbers(void *user)
{
    struct poster *poster = user;
    for (int i = 0; i < POSTS_PER_THREAD; i++) {
        struct numbered *numbered = xmalloc(sizeof(*numbered));
        *numbered = (struct numbered){poster, i};
        loop_post(poster->loop, take_numbered, numbered);
    }
    return NULL;
}

static void posts_of_each_thread_run_in_their_order(void **state)
{
    struct loop *loop = make_loop();
    int total = 0;
    struct poster posters[4];
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) {
        posters[i] = (struct poster){loop, &total, 0, true};
        pthread_create(&threads[i], NULL, post_numbers, &posters[i]);
    }

    assert_true(wait_until(loop, &total, 4 * POSTS_PER_THREAD));

    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        assert_true(posters[i].in_order);
        assert_int_equal(posters[i].next, POSTS_PER_THREAD);
    }
    loop_free(loop);
}

static void stop_loop(void *user)
{
    loop_stop(user);
}

static void a_stop_before_the_run_is_not_lost(void **state)
{
    struct loop *loop = make_loop();

    loop_stop(loop);
    loop_run(loop);
    loop_post(loop, stop_loop, loop);
    loop_run(loop);

    loop_free(loop);
}

static void writing_to_a_closed_pipe_is_an_error_only(void **state)
{
    struct loop *loop = make_loop();
    int ends[2];
    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    close(ends[0]);

    assert_int_equal(write(ends[1], "x", 1), -1);

    close(ends[1]);
    loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_timer_fires_once_and_not_too_early),
        cmocka_unit_test(a_stopped_timer_does_not_fire),
        cmocka_unit_test(a_timer_may_start_and_free_itself),
        cmocka_unit_test(a_watch_tells_what_a_descriptor_is_ready_for),
        cmocka_unit_test(signals_arrive_on_the_loop),
        cmocka_unit_test(posts_of_each_thread_run_in_their_order),
        cmocka_unit_test(a_stop_before_the_run_is_not_lost),
        cmocka_unit_test(writing_to_a_closed_pipe_is_an_error_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
