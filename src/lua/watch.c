/* A timer whose signal goes to the thread that made it. */
#include "lua/watch.h"

#include <limits.h>
#include <unistd.h>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

/* Ticks that were missed count as well, up to the length of a pause that is no fault of the call. */
static uint64_t ticks_of(const siginfo_t *info)
{
    return 1 + (uint64_t)(info->si_overrun < LUA_WATCH_PAUSE_TICKS ? info->si_overrun : LUA_WATCH_PAUSE_TICKS);
}

/* The signal may also come from another process: then it carries no pointer of ours. */
static void on_tick(int signal, siginfo_t *info, void *context)
{
    struct lua_watch *watch = info->si_code == SI_TIMER ? info->si_value.sival_ptr : NULL;
    if (watch == NULL || watch->call == 0)
        return;
    if (watch->seen != watch->call) {
        watch->seen = watch->call;
        watch->ticks = 0;
        return;
    }
    watch->ticks += ticks_of(info);
    if (watch->ticks >= watch->limit) {
        watch->late = 1;
        lua_sethook(watch->L, watch->hook, LUA_MASKCOUNT, 1);
    } else if (lua_gethookmask(watch->L) == 0) {
        lua_sethook(watch->L, watch->hook, LUA_MASKCOUNT, watch->every);
    }
}

static bool arm(struct lua_watch *watch)
{
    struct sigaction action = {.sa_sigaction = on_tick, .sa_flags = SA_SIGINFO | SA_RESTART};
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGRTMIN, &action, NULL) != 0)
        return false;
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGRTMIN, .sigev_value.sival_ptr = watch};
    event.sigev_notify_thread_id = gettid();
    if (timer_create(CLOCK_MONOTONIC, &event, &watch->timer) != 0)
        return false;
    const struct timespec tick = {.tv_nsec = LUA_WATCH_TICK_MS * 1000000L};
    const struct itimerspec times = {tick, tick};
    if (timer_settime(watch->timer, 0, &times, NULL) == 0)
        return true;
    timer_delete(watch->timer);
    return false;
}

bool lua_watch_start(struct lua_watch *watch, lua_State *L, lua_Hook hook, int every, uint64_t limit_ms)
{
    *watch = (struct lua_watch){
        .L = L, .hook = hook, .every = every, .limit = (limit_ms + LUA_WATCH_TICK_MS - 1) / LUA_WATCH_TICK_MS};
    sigset_t tick;
    sigemptyset(&tick);
    sigaddset(&tick, SIGRTMIN);
    if (pthread_sigmask(SIG_UNBLOCK, &tick, &watch->before) != 0)
        return false;
    watch->running = arm(watch);
    if (!watch->running)
        pthread_sigmask(SIG_SETMASK, &watch->before, NULL);
    return watch->running;
}

/* A signal that was under way arrives before timer_delete returns: nothing points to the watch afterwards. */
void lua_watch_stop(struct lua_watch *watch)
{
    if (!watch->running)
        return;
    timer_delete(watch->timer);
    pthread_sigmask(SIG_SETMASK, &watch->before, NULL);
    watch->running = false;
}

/* Calls between two ticks may share a number: what counts is that a later tick tells whether it is still the call that an
 * earlier one saw. */
void lua_watch_call_begins(struct lua_watch *watch)
{
    watch->late = 0;
    watch->call = watch->seen == INT_MAX ? 1 : watch->seen + 1;
}

void lua_watch_call_ends(struct lua_watch *watch)
{
    watch->call = 0;
}
