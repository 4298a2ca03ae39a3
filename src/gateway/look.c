/* Decides what may be believed of what somebody saw in the gateway. */
#include "gateway/look.h"

#include <string.h>

#include "base/clock.h"
#include "drift.h"
#include "session_parts.h"

/* Of an entity that came up after the gateway was read. */
struct schema_question {
    struct kong_session *session;
    char name[];
};

static bool may_look(const struct kong_session *session)
{
    return session->options.looks && session->state == SESSION_RUNNING && session->counters.reads > 0 &&
           session->committed && !session->due && session->drained == NULL;
}

bool kong_look_begin(struct kong_session *session, uint64_t slack_ms, struct kong_look *ret_look)
{
    uint64_t now = clock_monotonic_ms();
    if (!may_look(session))
        return false;
    *ret_look = (struct kong_look){now > slack_ms ? now - slack_ms : 0, session->readings};
    session_recent_forget(session, ret_look->since_ms);
    return true;
}

bool kong_look_stands(const struct kong_session *session, const struct kong_look *look)
{
    return may_look(session) && session->readings == look->reading;
}

bool kong_look_knows(struct kong_session *session, const struct kong_kind *kind, const char *id)
{
    return kong_state_actual(kong_plan_state(session->plan), kind->id, id) != NULL;
}

/* An entity goes along with what it belongs to. */
static bool touched(const struct kong_session *session, const struct kong_look *look, const char *id,
                    const char *const foreign_ids[KONG_FOREIGN_MAX])
{
    bool found = session_recent_has(session, id, look->since_ms);
    for (size_t i = 0; i < KONG_FOREIGN_MAX && !found; i++)
        found = foreign_ids[i] != NULL && session_recent_has(session, foreign_ids[i], look->since_ms);
    return found;
}

static void foreign_ids_of(const struct kong_kind *kind, const struct json *object,
                           const char *ret_ids[KONG_FOREIGN_MAX])
{
    for (size_t i = 0; i < KONG_FOREIGN_MAX; i++)
        ret_ids[i] =
            kind->foreign[i].field != NULL ? json_find_text(json_find(object, kind->foreign[i].field), "id") : NULL;
}

static bool same_ids(const char *const left[KONG_FOREIGN_MAX], const char *const right[KONG_FOREIGN_MAX])
{
    for (size_t i = 0; i < KONG_FOREIGN_MAX; i++)
        if ((left[i] == NULL) != (right[i] == NULL) || (left[i] != NULL && strcmp(left[i], right[i]) != 0))
            return false;
    return true;
}

static void on_schema(void *user, const struct kong_answer *answer)
{
    struct schema_question *question = user;
    struct kong_session *session = question->session;
    struct err err = ERR_INIT;
    bool good =
        answer->class == KONG_DONE && kong_schemas_put(session->schemas, question->name, answer->body, &err) == 0;
    if (!good && (answer->class == KONG_DONE || answer->class == KONG_MISSING))
        kong_schemas_put_missing(session->schemas, question->name);
    map_remove(&session->schema_questions, question->name);
}

/* False: it is asked for now. */
static bool knows_schema(struct kong_session *session, const char *name)
{
    if (name == NULL || kong_schemas_known(session->schemas, name))
        return true;
    if (map_find(&session->schema_questions, name) != NULL)
        return false;
    struct schema_question *question = xcalloc(1, sizeof(*question) + strlen(name) + 1);
    question->session = session;
    memcpy(question->name, name, strlen(name));
    map_put(&session->schema_questions, name, question);
    AUTO(text) char *path = xasprintf("/schemas/%s", name);
    kong_admin_send(session->admin, "GET", path, NULL, on_schema, question);
    return false;
}

static bool knows_schemas(struct kong_session *session, const struct kong_kind *kind, const struct json *object)
{
    AUTO(text) char *inner = kong_canonical_inner_schema(kind, object);
    bool outer = knows_schema(session, kind->table);
    return knows_schema(session, inner) && outer;
}

enum kong_seen kong_look_judge(struct kong_session *session, const struct kong_look *look, const struct kong_kind *kind,
                               const char *id, const struct json *object)
{
    if (!kong_look_stands(session, look))
        return KONG_SEEN_LATER;
    const struct kong_state *state = kong_plan_state(session->plan);
    struct kong_actual *actual = kong_state_actual(state, kind->id, id);
    const char *seen[KONG_FOREIGN_MAX] = {NULL};
    if (object != NULL) {
        if (!knows_schemas(session, kind, object))
            return KONG_SEEN_LATER;
        foreign_ids_of(kind, object, seen);
    }
    const char *const *known = actual != NULL ? (const char *const *)actual->foreign_ids : seen;
    if (touched(session, look, id, known) || touched(session, look, id, seen))
        return KONG_SEEN_LATER;
    if (object == NULL || actual == NULL)
        return object == NULL && actual == NULL ? KONG_SEEN_SAME : KONG_SEEN_OTHER;
    if (actual->kind != kind)
        return KONG_SEEN_SAME; /* two types with one id: the first one stays */
    bool bare;
    AUTO(text) char *text = kong_state_canonical(state, kind, object, &bare);
    return same_ids(known, seen) && kong_state_same_text(state, actual, text) ? KONG_SEEN_SAME : KONG_SEEN_OTHER;
}

static struct drift drift_of(const struct kong_session *session)
{
    return (struct drift){session->plan, &session->callbacks, session->options.report_drift, true, true};
}

void kong_look_take(struct kong_session *session, const struct kong_kind *kind, const struct json *object)
{
    struct drift drift = drift_of(session);
    session->strays += drift_hold(&drift, kind, object);
}

void kong_look_take_gone(struct kong_session *session, const struct kong_kind *kind, const char *const *ids,
                         size_t count)
{
    const struct kong_state *state = kong_plan_state(session->plan);
    struct drift drift = drift_of(session);
    bool listed[KONG_KIND_COUNT] = {false};
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&state->actuals[kind->id], &position)) != NULL)
        ((struct kong_actual *)entry->value)->seen = true;
    for (size_t i = 0; i < count; i++) {
        struct kong_actual *actual = kong_state_actual(state, kind->id, ids[i]);
        if (actual != NULL)
            actual->seen = false;
    }
    listed[kind->id] = true;
    drift_gone(&drift, listed);
}

/* Rows of types share one map. */
static bool is_ours(const struct kong_actual *actual, const struct kong_kind *kind)
{
    return actual->owned && actual->kind == kind;
}

size_t kong_look_count(struct kong_session *session, const struct kong_kind *kind)
{
    const struct kong_state *state = kong_plan_state(session->plan);
    size_t count = 0, position = 0;
    struct map_entry *entry;
    if (kind->id != KONG_CUSTOM)
        return state->owned[kind->id];
    while ((entry = map_next(&state->actuals[kind->id], &position)) != NULL)
        count += is_ours(entry->value, kind);
    return count;
}

void kong_look_missing(struct kong_session *session, const struct kong_kind *kind, const struct map *ids,
                       void (*missing)(void *user, const char *id), void *user)
{
    const struct kong_state *state = kong_plan_state(session->plan);
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&state->actuals[kind->id], &position)) != NULL) {
        const struct kong_actual *actual = entry->value;
        if (is_ours(actual, kind) && map_find(ids, actual->id) == NULL)
            missing(user, actual->id);
    }
}

bool kong_look_same(struct kong_session *session, const struct kong_kind *kind, const struct json *left,
                    const struct json *right)
{
    const char *left_ids[KONG_FOREIGN_MAX], *right_ids[KONG_FOREIGN_MAX];
    const struct kong_state *state = kong_plan_state(session->plan);
    bool bare;
    AUTO(text) char *left_text = kong_state_canonical(state, kind, left, &bare);
    AUTO(text) char *right_text = kong_state_canonical(state, kind, right, &bare);
    foreign_ids_of(kind, left, left_ids);
    foreign_ids_of(kind, right, right_ids);
    return strcmp(left_text, right_text) == 0 && same_ids(left_ids, right_ids);
}
