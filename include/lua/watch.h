/* lua/watch.h - finds the calls into Lua that take long: those have their instructions counted, and end at the limit of time.
 * Owns:    a timer while a wave runs.
 * Thread:  the thread that runs the wave; the timer's signal comes to it.
 * Errors:  lua_watch_start says whether there is a timer; without one every call must be counted from its beginning.
 *
 * With a count hook Lua stops at every instruction, which costs a fifth of its speed, and nearly all calls end within
 * microseconds.  A call that is there at two ticks has its hook set then, which is what Lua lets a signal do; what it did before
 * stays uncounted.  Time is counted in ticks: a process that was stopped for a minute has lost LUA_WATCH_PAUSE_TICKS, no more, so that
 * its rules do not fail for it. */
#pragma once

#include <lua.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define LUA_WATCH_TICK_MS     5
#define LUA_WATCH_PAUSE_TICKS 100

struct lua_watch {
    lua_State *L;
    lua_Hook hook;
    int every;      /* instructions between its calls */
    uint64_t limit; /* ticks of one call */
    timer_t timer;
    sigset_t before;            /* signals that the thread blocked */
    volatile sig_atomic_t call; /* changes with every call; 0: none is under way */
    volatile sig_atomic_t seen; /* the call at the last tick */
    volatile uint64_t ticks;    /* of that call; the signal's own */
    volatile sig_atomic_t late; /* the present call is over its limit: its next instruction calls the hook */
    bool running;
};

bool lua_watch_start(struct lua_watch *watch, lua_State *L, lua_Hook hook, int every, uint64_t limit_ms);
void lua_watch_stop(struct lua_watch *watch); /* fine when it does not run */
void lua_watch_call_begins(struct lua_watch *watch);
void lua_watch_call_ends(struct lua_watch *watch);
