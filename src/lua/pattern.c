/* The matcher: items of a pattern are tried from left to right, and repetitions give back what the rest needs. */
#include "pattern.h"

#include <ctype.h>
#include <lauxlib.h>
#include <string.h>

#define ESCAPE           '%'
#define STEPS_AT_ONCE    65536 /* until they are charged, and the time is looked at */
#define SET_BYTES_A_STEP 16

static uint64_t steps_allowed(const struct lua_budget *budget)
{
    uint64_t left = lua_budget_allowance(budget);
    return left < STEPS_AT_ONCE ? left : STEPS_AT_ONCE;
}

void pattern_begin(struct pattern_search *search, lua_State *L, const char *subject, size_t subject_length,
                   const char *pattern_end)
{
    search->L = L;
    search->budget = lua_budget_of(L);
    search->subject = subject;
    search->subject_end = subject + subject_length;
    search->pattern_end = pattern_end;
    search->steps = 0;
    search->allowed = steps_allowed(search->budget);
    search->depth = 0;
    search->capture_count = 0;
}

RAISES void pattern_settle(struct pattern_search *search)
{
    uint64_t steps = search->steps;
    search->steps = 0;
    lua_budget_charge(search->budget, search->L, steps);
    search->allowed = steps_allowed(search->budget);
}

static inline RAISES void count_step(struct pattern_search *search)
{
    if (++search->steps > search->allowed)
        pattern_settle(search);
}

static bool is_of_class(int character, int class)
{
    bool found;
    switch (tolower(class)) {
    case 'a':
        found = isalpha(character) != 0;
        break;
    case 'c':
        found = iscntrl(character) != 0;
        break;
    case 'd':
        found = isdigit(character) != 0;
        break;
    case 'g':
        found = isgraph(character) != 0;
        break;
    case 'l':
        found = islower(character) != 0;
        break;
    case 'p':
        found = ispunct(character) != 0;
        break;
    case 's':
        found = isspace(character) != 0;
        break;
    case 'u':
        found = isupper(character) != 0;
        break;
    case 'w':
        found = isalnum(character) != 0;
        break;
    case 'x':
        found = isxdigit(character) != 0;
        break;
    case 'z': /* not in the manual any more, but still there */
        found = character == 0;
        break;
    default:
        return class == character;
    }
    return isupper(class) ? !found : found;
}

static int byte_at(const char *at)
{
    return (unsigned char)*at;
}

/* `set` is at the opening bracket, `last` at the closing one. */
static bool is_in_set(int character, const char *set, const char *last)
{
    const char *at = set + 1;
    bool wanted = *at != '^';
    if (!wanted)
        at++;
    while (at < last) {
        if (*at == ESCAPE) {
            if (is_of_class(character, byte_at(at + 1)))
                return wanted;
            at += 2;
        } else if (at[1] == '-' && at + 2 < last) {
            if (byte_at(at) <= character && character <= byte_at(at + 2))
                return wanted;
            at += 3;
        } else {
            if (byte_at(at) == character)
                return wanted;
            at++;
        }
    }
    return !wanted;
}

static RAISES const char *set_end(const struct pattern_search *search, const char *at)
{
    if (*at == '^')
        at++;
    /* a bracket that comes first stands for itself */
    do {
        if (at == search->pattern_end)
            luaL_error(search->L, "malformed pattern (missing ']')");
        if (*at++ == ESCAPE && at < search->pattern_end)
            at++;
    } while (*at != ']' || at == search->pattern_end);
    return at + 1;
}

/* Where the item that stands for one character ends. */
static RAISES const char *single_end(const struct pattern_search *search, const char *pattern)
{
    char first = *pattern++;
    if (first == '[')
        return set_end(search, pattern);
    if (first != ESCAPE)
        return pattern;
    if (pattern == search->pattern_end)
        luaL_error(search->L, "malformed pattern (ends with '%%')");
    return pattern + 1;
}

static RAISES bool matches_single(struct pattern_search *search, const char *at, const char *pattern, const char *end)
{
    count_step(search);
    if (at >= search->subject_end)
        return false;
    int character = byte_at(at);
    switch (*pattern) {
    case '.':
        return true;
    case ESCAPE:
        return is_of_class(character, byte_at(pattern + 1));
    case '[':
        search->steps += (uint64_t)(end - pattern) / SET_BYTES_A_STEP;
        return is_in_set(character, pattern, end - 1);
    default:
        return byte_at(pattern) == character;
    }
}

/* %bxy; `pattern` is at x. */
static RAISES const char *match_balance(struct pattern_search *search, const char *at, const char *pattern)
{
    if (pattern + 1 >= search->pattern_end)
        luaL_error(search->L, "malformed pattern (missing arguments to '%%b')");
    if (at >= search->subject_end || *at != pattern[0])
        return NULL;
    int open = 1;
    for (at++; at < search->subject_end; at++) {
        count_step(search);
        if (*at == pattern[1]) {
            if (--open == 0)
                return at + 1;
        } else if (*at == pattern[0]) {
            open++;
        }
    }
    return NULL;
}

/* %f[set]; `pattern` is at the bracket.  Returns what follows in the pattern, or NULL. */
static RAISES const char *match_frontier(struct pattern_search *search, const char *at, const char *pattern)
{
    if (*pattern != '[')
        luaL_error(search->L, "missing '[' after '%%f' in pattern");
    const char *end = single_end(search, pattern);
    int before = at == search->subject ? 0 : byte_at(at - 1);
    int after = at < search->subject_end ? byte_at(at) : 0;
    count_step(search);
    return !is_in_set(before, pattern, end - 1) && is_in_set(after, pattern, end - 1) ? end : NULL;
}

/* %1 … %9 */
static RAISES const char *match_back_reference(struct pattern_search *search, const char *at, char digit)
{
    int index = digit - '1';
    if (index < 0 || index >= search->capture_count || search->captures[index].length == PATTERN_OPEN)
        luaL_error(search->L, "invalid capture index %%%d", index + 1);
    const struct pattern_capture *capture = &search->captures[index];
    if (capture->length == PATTERN_POSITION || search->subject_end - at < capture->length)
        return NULL;
    search->steps += (uint64_t)capture->length;
    count_step(search);
    return memcmp(capture->start, at, (size_t)capture->length) == 0 ? at + capture->length : NULL;
}

static RAISES const char *match_here(struct pattern_search *search, const char *at, const char *pattern);

static RAISES const char *open_capture(struct pattern_search *search, const char *at, const char *pattern,
                                       ptrdiff_t what)
{
    if (search->capture_count >= PATTERN_CAPTURES_MAX)
        luaL_error(search->L, "too many captures");
    search->captures[search->capture_count++] = (struct pattern_capture){at, what};
    const char *end = match_here(search, at, pattern);
    if (end == NULL)
        search->capture_count--;
    return end;
}

static RAISES const char *close_capture(struct pattern_search *search, const char *at, const char *pattern)
{
    int index = search->capture_count - 1;
    while (index >= 0 && search->captures[index].length != PATTERN_OPEN)
        index--;
    if (index < 0)
        luaL_error(search->L, "invalid pattern capture");
    search->captures[index].length = at - search->captures[index].start;
    const char *end = match_here(search, at, pattern);
    if (end == NULL)
        search->captures[index].length = PATTERN_OPEN;
    return end;
}

/* As many as there are, then ever fewer. */
static RAISES const char *match_most(struct pattern_search *search, const char *at, const char *pattern,
                                     const char *end)
{
    ptrdiff_t count = 0;
    while (matches_single(search, at + count, pattern, end))
        count++;
    for (; count >= 0; count--) {
        const char *found = match_here(search, at + count, end + 1);
        if (found != NULL)
            return found;
    }
    return NULL;
}

/* As few as will do. */
static RAISES const char *match_fewest(struct pattern_search *search, const char *at, const char *pattern,
                                       const char *end)
{
    for (;; at++) {
        const char *found = match_here(search, at, end + 1);
        if (found != NULL)
            return found;
        if (!matches_single(search, at, pattern, end))
            return NULL;
    }
}

/* What an item was found to be: either the search is over with `found`, or it goes on at `at` and `pattern`. */
struct progress {
    bool over;
    const char *found, *at, *pattern;
};

static struct progress go_on(const char *at, const char *pattern)
{
    return (struct progress){false, NULL, at, pattern};
}

static struct progress end_with(const char *found)
{
    return (struct progress){true, found, NULL, NULL};
}

/* One character, perhaps repeated. */
static RAISES struct progress match_single(struct pattern_search *search, const char *at, const char *pattern)
{
    const char *end = single_end(search, pattern);
    char suffix = end < search->pattern_end ? *end : '\0';
    if (suffix == '*')
        return end_with(match_most(search, at, pattern, end));
    if (suffix == '-')
        return end_with(match_fewest(search, at, pattern, end));
    bool matches = matches_single(search, at, pattern, end);
    if (suffix == '?') {
        const char *found = matches ? match_here(search, at + 1, end + 1) : NULL;
        return found != NULL ? end_with(found) : go_on(at, end + 1);
    }
    if (!matches)
        return end_with(NULL);
    return suffix == '+' ? end_with(match_most(search, at + 1, pattern, end)) : go_on(at + 1, end);
}

static RAISES struct progress match_escape(struct pattern_search *search, const char *at, const char *pattern)
{
    const char *next;
    char sort = pattern + 1 < search->pattern_end ? pattern[1] : '\0';
    switch (sort) {
    case 'b':
        next = match_balance(search, at, pattern + 2);
        return next != NULL ? go_on(next, pattern + 4) : end_with(NULL);
    case 'f':
        next = match_frontier(search, at, pattern + 2);
        return next != NULL ? go_on(at, next) : end_with(NULL);
    default:
        if (!isdigit((unsigned char)sort))
            return match_single(search, at, pattern);
        next = match_back_reference(search, at, sort);
        return next != NULL ? go_on(next, pattern + 2) : end_with(NULL);
    }
}

static RAISES struct progress match_item(struct pattern_search *search, const char *at, const char *pattern)
{
    switch (*pattern) {
    case '(':
        if (pattern[1] == ')')
            return end_with(open_capture(search, at, pattern + 2, PATTERN_POSITION));
        return end_with(open_capture(search, at, pattern + 1, PATTERN_OPEN));
    case ')':
        return end_with(close_capture(search, at, pattern + 1));
    case '$':
        if (pattern + 1 == search->pattern_end)
            return end_with(at == search->subject_end ? at : NULL);
        return match_single(search, at, pattern);
    case ESCAPE:
        return match_escape(search, at, pattern);
    default:
        return match_single(search, at, pattern);
    }
}

static RAISES const char *match_here(struct pattern_search *search, const char *at, const char *pattern)
{
    if (search->depth++ == PATTERN_DEPTH_MAX)
        luaL_error(search->L, "pattern too complex");
    struct progress progress = go_on(at, pattern);
    while (!progress.over) {
        if (progress.pattern == search->pattern_end)
            progress = end_with(progress.at);
        else
            progress = match_item(search, progress.at, progress.pattern);
    }
    search->depth--;
    return progress.found;
}

RAISES const char *pattern_match(struct pattern_search *search, const char *at, const char *pattern)
{
    search->capture_count = 0;
    search->depth = 0;
    count_step(search);
    return match_here(search, at, pattern);
}

RAISES void pattern_push_capture(struct pattern_search *search, int index, const char *whole_start,
                                 const char *whole_end)
{
    lua_State *L = search->L;
    if (index >= search->capture_count) {
        if (index != 0)
            luaL_error(L, "invalid capture index %%%d", index + 1);
        lua_pushlstring(L, whole_start, (size_t)(whole_end - whole_start));
        return;
    }
    const struct pattern_capture *capture = &search->captures[index];
    if (capture->length == PATTERN_OPEN)
        luaL_error(L, "unfinished capture");
    if (capture->length == PATTERN_POSITION)
        lua_pushinteger(L, capture->start - search->subject + 1);
    else
        lua_pushlstring(L, capture->start, (size_t)capture->length);
}

RAISES int pattern_push_captures(struct pattern_search *search, const char *whole_start, const char *whole_end)
{
    int count = search->capture_count == 0 && whole_start != NULL ? 1 : search->capture_count;
    luaL_checkstack(search->L, count, "too many captures");
    for (int i = 0; i < count; i++)
        pattern_push_capture(search, i, whole_start, whole_end);
    return count;
}
