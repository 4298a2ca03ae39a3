/* The event loop: libevent for readiness, timers and signals; an eventfd and a locked queue for other threads. */
#include "net/loop.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/thread.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Whoever posts coalesces; so many waiting posts mean that someone does not. */
#define LOOP_POSTS_MAX (1u << 20)

struct post {
    loop_fn *fn;
    void *user;
    struct post *next;
};

struct loop {
    struct event_base *base;
    bool stop;
    int wake_fd;
    struct event *wake;
    pthread_mutex_t lock; /* guards the posts, and nothing else */
    struct post *first;
    struct post *last;
    size_t posts;
};

struct loop_timer {
    struct event *event;
    loop_fn *fire;
    void *user;
};

struct loop_watch {
    struct event *event;
    loop_watch_fn *ready;
    loop_signal_fn *arrived;
    void *user;
};

static struct post *take_posts(struct loop *loop)
{
    pthread_mutex_lock(&loop->lock);
    struct post *posts = loop->first;
    loop->first = loop->last = NULL;
    loop->posts = 0;
    pthread_mutex_unlock(&loop->lock);
    return posts;
}

static void on_wake(evutil_socket_t fd, short events, void *user)
{
    eventfd_t count;
    eventfd_read(fd, &count);
    struct post *next;
    for (struct post *post = take_posts(user); post != NULL; post = next) {
        next = post->next;
        post->fn(post->user);
        free(post);
    }
}

int loop_new(struct loop **ret_loop, struct err *err)
{
    /* A peer that went away is an error of write(), not the end of the program. */
    signal(SIGPIPE, SIG_IGN);
    evthread_use_pthreads();
    struct event_config *config = event_config_new();
    require_that(config != NULL);
    /* Timers count from when they are started, not from when the loop last woke up. */
    event_config_set_flag(config, EVENT_BASE_FLAG_NO_CACHE_TIME);
    struct loop *loop = xcalloc(1, sizeof(*loop));
    pthread_mutex_init(&loop->lock, NULL);
    loop->base = event_base_new_with_config(config);
    event_config_free(config);
    loop->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (loop->base == NULL || loop->wake_fd < 0) {
        int rc = err_set(err, ERR_IO, "cannot make an event loop: %s", strerror(errno));
        loop_free(loop);
        return rc;
    }
    loop->wake = event_new(loop->base, loop->wake_fd, EV_READ | EV_PERSIST, on_wake, loop);
    require_that(loop->wake != NULL && event_add(loop->wake, NULL) == 0);
    *ret_loop = loop;
    return 0;
}

void loop_free(struct loop *loop)
{
    if (loop == NULL)
        return;
    struct post *next;
    for (struct post *post = take_posts(loop); post != NULL; post = next) {
        next = post->next;
        free(post);
    }
    if (loop->wake != NULL)
        event_free(loop->wake);
    if (loop->wake_fd >= 0)
        close(loop->wake_fd);
    if (loop->base != NULL)
        event_base_free(loop->base);
    pthread_mutex_destroy(&loop->lock);
    free(loop);
}

void loop_run(struct loop *loop)
{
    while (!loop->stop)
        event_base_loop(loop->base, EVLOOP_NO_EXIT_ON_EMPTY);
    loop->stop = false;
}

void loop_run_once(struct loop *loop, bool may_block)
{
    event_base_loop(loop->base, may_block ? EVLOOP_ONCE : EVLOOP_NONBLOCK);
}

void loop_stop(struct loop *loop)
{
    loop->stop = true;
    event_base_loopbreak(loop->base);
}

struct event_base *loop_base(struct loop *loop)
{
    return loop->base;
}

static void on_timer(evutil_socket_t fd, short events, void *user)
{
    struct loop_timer *timer = user;
    timer->fire(timer->user);
}

struct loop_timer *loop_timer_new(struct loop *loop, loop_fn *fire, void *user)
{
    struct loop_timer *timer = xcalloc(1, sizeof(*timer));
    timer->fire = fire;
    timer->user = user;
    timer->event = evtimer_new(loop->base, on_timer, timer);
    require_that(timer->event != NULL);
    return timer;
}

void loop_timer_start(struct loop_timer *timer, uint64_t delay_ms)
{
    struct timeval delay = {.tv_sec = (time_t)(delay_ms / 1000), .tv_usec = (suseconds_t)(delay_ms % 1000) * 1000};
    require_that(evtimer_add(timer->event, &delay) == 0);
}

void loop_timer_stop(struct loop_timer *timer)
{
    evtimer_del(timer->event);
}

bool loop_timer_running(const struct loop_timer *timer)
{
    return evtimer_pending(timer->event, NULL) != 0;
}

void loop_timer_free(struct loop_timer *timer)
{
    if (timer == NULL)
        return;
    event_free(timer->event);
    free(timer);
}

static void on_ready(evutil_socket_t fd, short events, void *user)
{
    struct loop_watch *watch = user;
    watch->ready(watch->user, ((events & EV_READ) != 0 ? LOOP_READ : 0) | ((events & EV_WRITE) != 0 ? LOOP_WRITE : 0));
}

struct loop_watch *loop_watch_new(struct loop *loop, int fd, int events, loop_watch_fn *ready, void *user)
{
    struct loop_watch *watch = xcalloc(1, sizeof(*watch));
    watch->ready = ready;
    watch->user = user;
    int wanted = EV_PERSIST | ((events & LOOP_READ) != 0 ? EV_READ : 0) | ((events & LOOP_WRITE) != 0 ? EV_WRITE : 0);
    watch->event = event_new(loop->base, fd, (short)wanted, on_ready, watch);
    require_that(watch->event != NULL && event_add(watch->event, NULL) == 0);
    return watch;
}

void loop_watch_free(struct loop_watch *watch)
{
    if (watch == NULL)
        return;
    event_free(watch->event);
    free(watch);
}

static void on_signal(evutil_socket_t signal, short events, void *user)
{
    struct loop_watch *watch = user;
    watch->arrived(watch->user, (int)signal);
}

struct loop_watch *loop_signal_new(struct loop *loop, int signal, loop_signal_fn *arrived, void *user)
{
    struct loop_watch *watch = xcalloc(1, sizeof(*watch));
    watch->arrived = arrived;
    watch->user = user;
    watch->event = evsignal_new(loop->base, signal, on_signal, watch);
    require_that(watch->event != NULL && event_add(watch->event, NULL) == 0);
    return watch;
}

void loop_post(struct loop *loop, loop_fn *fn, void *user)
{
    struct post *post = xmalloc(sizeof(*post));
    *post = (struct post){fn, user, NULL};
    pthread_mutex_lock(&loop->lock);
    require_that(++loop->posts < LOOP_POSTS_MAX);
    if (loop->last != NULL)
        loop->last->next = post;
    else
        loop->first = post;
    loop->last = post;
    pthread_mutex_unlock(&loop->lock);
    eventfd_write(loop->wake_fd, 1);
}
