/* pattern.h - Lua's patterns, matched step by step: what they mean is exactly what Lua 5.4's own string library says.
 * Owns:    nothing; subject and pattern are borrowed for a search.
 * Thread:  the owner of the state.
 * Errors:  raises as Lua does for what is no pattern; and when the steps of a search exceed what the run has left of its
 *          budget of instructions: count hooks do not fire inside a search, and a short pattern can run for ages. */
#pragma once

#include <lua.h>
#include <stddef.h>
#include <stdint.h>

#include "lua/budget.h"
#include "lua/raise.h"

#define PATTERN_CAPTURES_MAX 32  /* as in Lua */
#define PATTERN_DEPTH_MAX    200 /* nested attempts, as in Lua */

struct pattern_capture {
    const char *start;
    ptrdiff_t length; /* or one of the two below */
};
#define PATTERN_OPEN     ((ptrdiff_t)-1)
#define PATTERN_POSITION ((ptrdiff_t)-2)

struct pattern_search {
    lua_State *L;
    struct lua_budget *budget;
    const char *subject, *subject_end;
    const char *pattern_end;
    uint64_t steps, allowed;
    int depth;
    int capture_count;
    struct pattern_capture captures[PATTERN_CAPTURES_MAX];
};

void pattern_begin(struct pattern_search *search, lua_State *L, const char *subject, size_t subject_length,
                   const char *pattern_end);
/* The end of what the pattern matches from `at` on, or NULL.  Forgets earlier captures. */
RAISES const char *pattern_match(struct pattern_search *search, const char *at, const char *pattern);
/* Counts the steps so far against the run; before Lua code runs, and at the end. */
RAISES void pattern_settle(struct pattern_search *search);

/* Pushes captures: of one (`index` from 0; without any captures 0 is the whole match) or of all, and returns how many.
 * `whole_start` NULL: nothing is pushed where there are no captures. */
RAISES void pattern_push_capture(struct pattern_search *search, int index, const char *whole_start,
                                 const char *whole_end);
RAISES int pattern_push_captures(struct pattern_search *search, const char *whole_start, const char *whole_end);
