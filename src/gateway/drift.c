/* Decides what counts as drift, and tells of it. */
#include "drift.h"

#include <string.h>

#include "base/vec.h"

static void tell(const struct drift *drift, const struct kong_item *item, bool gone, bool stray)
{
    if (drift->callbacks->drifted == NULL)
        return;
    AUTO(text)
    char *title = item->entity != NULL
                      ? kong_entity_title(item->entity)
                      : xasprintf("%s %s", item->kind->name, item->actual != NULL ? item->actual->id : "");
    struct kong_drift what = {
        .title = title, .entity = item->entity, .gone = gone, .stray = stray, .kept = drift->report};
    drift->callbacks->drifted(drift->callbacks->user, &what);
}

/* One that nobody wants is not deleted where drift is only reported: it is as if it had not been seen. */
static bool leave_stray(const struct drift *drift, const struct kong_kind *kind, const struct json *object)
{
    struct kong_state *state = kong_plan_state(drift->plan);
    bool changed;
    struct kong_actual *actual = kong_state_hold(state, kind, object, NULL, &changed);
    if (actual == NULL)
        return false;
    struct kong_item *item = actual->item;
    bool stray = item->entity == NULL;
    if (stray)
        tell(drift, item, false, true);
    kong_state_drop(state, actual);
    kong_state_release(state, item);
    return stray;
}

bool drift_hold(const struct drift *drift, const struct kong_kind *kind, const struct json *object)
{
    struct kong_state *state = kong_plan_state(drift->plan);
    const char *id = json_find_text(object, "id");
    bool known = id != NULL && kong_state_actual(state, kind->id, id) != NULL;
    if (drift->read && drift->report && !known && leave_stray(drift, kind, object))
        return true;
    size_t before = kong_plan_drifted(drift->plan);
    kong_plan_hold(drift->plan, kind, object);
    const struct kong_actual *actual = id != NULL ? kong_state_actual(state, kind->id, id) : NULL;
    if (actual == NULL)
        return false;
    struct kong_item *item = actual->item;
    if (item->ignored && !kong_state_differs(state, item))
        item->ignored = false; /* whoever changed it has changed it back */
    else if (kong_plan_drifted(drift->plan) > before)
        tell(drift, item, false, false);
    bool stray = drift->looks && !known && item->entity == NULL;
    if (stray)
        tell(drift, item, false, true);
    return stray;
}

void drift_gone(const struct drift *drift, const bool listed[KONG_KIND_COUNT])
{
    const struct kong_state *state = kong_plan_state(drift->plan);
    struct {
        VEC(const struct kong_item *);
    } settled = {0};
    for (size_t kind = 0; kind < KONG_KIND_COUNT; kind++) {
        size_t position = 0;
        struct map_entry *entry;
        while (listed[kind] && (entry = map_next(&state->actuals[kind], &position)) != NULL) {
            const struct kong_actual *actual = entry->value;
            const struct kong_item *item = actual->item;
            if (!actual->seen && !item->in_flight && !item->noted && item->entity != NULL &&
                item->status == KONG_SYNCED)
                vec_push(&settled, item);
        }
    }
    size_t before = kong_plan_drifted(drift->plan);
    kong_plan_read_done(drift->plan, listed);
    for (size_t i = 0; i < settled.count && kong_plan_drifted(drift->plan) > before; i++)
        tell(drift, settled.items[i], true, false);
    vec_done(&settled);
}
