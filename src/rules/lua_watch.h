/* lua_watch.h - finds the calls into Lua that take long, so that only those have their instructions counted.
 * Owns:    a timer while a wave runs.
 * Thread:  the thread that runs the wave; the timer's signal comes to it.
 * Errors:  lua_watch_start says whether there is a timer; without one every call must be counted from its beginning.
 *
 * With a count hook Lua stops at every instruction, which costs a fifth of its speed, and nearly all calls end within
 * microseconds.  A call that is there at two ticks has its hook set then, which is what Lua lets a signal do; what it did before
 * stays uncounted. */
#pragma once

#include <lua.h>
#include <signal.h>
#include <stdbool.h>
#include <time.h>

#define LUA_WATCH_TICK_MS 5

struct lua_watch {
    lua_State *L;
    lua_Hook hook;
    int every; /* instructions between its calls */
    timer_t timer;
    sigset_t before;            /* signals that the thread blocked */
    volatile sig_atomic_t call; /* changes with every call; 0: none is under way */
    volatile sig_atomic_t seen; /* the call at the last tick */
    bool running;
};

bool lua_watch_start(struct lua_watch *watch, lua_State *L, lua_Hook hook, int every);
void lua_watch_stop(struct lua_watch *watch); /* fine when it does not run */
void lua_watch_call_begins(struct lua_watch *watch);
void lua_watch_call_ends(struct lua_watch *watch);
