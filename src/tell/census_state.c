/* Decides in which state an object or an entity is. */
#include <string.h>

#include "census_parts.h"

#define WAITS_MAX 8 /* entities in a row that wait for each other */

static const struct {
    const char *name, *words;
} states[] = {
#define X(id, name, words) {name, words},
    CENSUS_STATE_TABLE(X)
#undef X
};

const char *census_state_name(enum census_state state)
{
    return states[state].name;
}

const char *census_state_words(enum census_state state)
{
    return states[state].words;
}

enum census_state census_state_find(const char *name)
{
    int state = 0;
    while (state < CENSUS_STATES && strcmp(states[state].name, name) != 0)
        state++;
    return (enum census_state)state;
}

/* What goes only along with what is held waits for it. */
static bool is_held(const struct kong_item *item)
{
    for (int i = 0; i < WAITS_MAX && item != NULL && item->entity == NULL; i++, item = item->wait.target)
        if (item->brake == KONG_HELD)
            return true;
    return false;
}

enum census_state census_state_of_item(const struct kong_item *item)
{
    if (item->noted)
        return CENSUS_PENDING;
    if (item->entity == NULL)
        return is_held(item) ? CENSUS_HELD : item->refused ? CENSUS_REFUSED : CENSUS_PENDING;
    if (item->status == KONG_SYNCED)
        return item->ignored ? CENSUS_DRIFTED : item->actual != NULL ? CENSUS_PROGRAMMED : CENSUS_PENDING;
    if (item->settling)
        return CENSUS_SETTLING;
    if (item->status == KONG_ACTIVE || item->code == NULL)
        return CENSUS_PENDING;
    if (strcmp(item->code, "RouteWithheld") == 0)
        return CENSUS_WITHHELD;
    return strncmp(item->code, "Kong", 4) == 0 ? CENSUS_REFUSED : CENSUS_INCOMPLETE;
}

static enum census_state state_of_problems(const struct census_object *object)
{
    enum census_state state = CENSUS_STATES;
    for (size_t i = 0; i < object->problems.count && state != CENSUS_HELD; i++) {
        const struct problem *problem = object->problems.items[i];
        if (strcmp(problem->code, "DeletesHeld") == 0)
            state = CENSUS_HELD;
        else if (problem->severity == PROBLEM_ERROR)
            state = CENSUS_INCOMPLETE;
    }
    return state;
}

enum census_state census_state_of_object(const struct census *census, const struct census_object *object)
{
    const bool unread = census->kinds[object->kind->index].unread != NULL;
    const bool is_ours = object->conditions != 0 || !census->kinds[object->kind->index].has_rule;
    enum census_state state = is_ours ? CENSUS_READ : CENSUS_UNUSED;
    for (int i = CENSUS_STATES - 1; i >= 0; i--)
        if (object->counts[i] != 0)
            state = (enum census_state)i;
    enum census_state told = state_of_problems(object);
    state = told < state ? told : state;
    return unread && CENSUS_UNREAD < state ? CENSUS_UNREAD : state;
}
