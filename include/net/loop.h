/* net/loop.h - the event loop of the I/O thread (libevent behind the door).
 * Owns:    timers and watchers are owned by whoever made them and freed with their own function.
 * Thread:  the thread that runs it; only loop_post and loop_stop_from_anywhere may be called from others.
 * Errors:  only making one can fail. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct loop;
struct loop_timer;
struct loop_watch;
struct event_base;

int loop_new(struct loop **ret_loop, struct err *err) MUST_USE;
void loop_free(struct loop *loop);
DEFINE_CLEANUP(loop, loop_free)
void loop_run(struct loop *loop); /* until loop_stop */
void loop_run_once(struct loop *loop, bool may_block);
void loop_stop(struct loop *loop);
struct event_base *loop_base(struct loop *loop); /* for http_client, http_server and libpq only */

/* One-shot timers: start (again) with a delay, stop; the callback may start it again or free it. */
typedef void loop_fn(void *user);
struct loop_timer *loop_timer_new(struct loop *loop, loop_fn *fire, void *user);
void loop_timer_start(struct loop_timer *timer, uint64_t delay_ms);
void loop_timer_stop(struct loop_timer *timer);
bool loop_timer_running(const struct loop_timer *timer);
void loop_timer_free(struct loop_timer *timer); /* NULL is fine */

/* Readiness of a file descriptor, which stays the caller's. */
enum loop_event { LOOP_READ = 1, LOOP_WRITE = 2 };
typedef void loop_watch_fn(void *user, int events);
struct loop_watch *loop_watch_new(struct loop *loop, int fd, int events, loop_watch_fn *ready, void *user);
void loop_watch_free(struct loop_watch *watch);

typedef void loop_signal_fn(void *user, int signal);
struct loop_watch *loop_signal_new(struct loop *loop, int signal, loop_signal_fn *arrived, void *user);

/* From any thread: run `fn` on the loop thread soon.  Posts of one thread run in their order. */
void loop_post(struct loop *loop, loop_fn *fn, void *user);
