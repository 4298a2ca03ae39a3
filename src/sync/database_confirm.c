/* Decides whether the differences that a look has found are true: the gateway is asked for a few of them. */
#include <string.h>

#include "database_parts.h"

/* Each sample's candidate: the first, one in the middle, the last. */
static struct database_candidate *candidate_at(struct database *database, size_t place)
{
    size_t last = database->candidates.count - 1;
    return &database->candidates.items[place * last / (DATABASE_SAMPLES - 1)];
}

static void on_sample(void *user, const struct kong_answer *answer)
{
    const struct database_question *question = user;
    struct database *database = question->database;
    if (database->state != DATABASE_CONFIRMING) {
        database_answered(database);
        return;
    }
    const struct database_candidate *candidate = candidate_at(database, question->place);
    const struct kong_state *state = kong_plan_state(kong_session_plan(database->session));
    if (database_usable(database, answer)) {
        bool there = answer->class == KONG_DONE && kong_state_has_ownership(state, answer->body);
        bool same = there == (candidate->object != NULL) &&
                    (!there || kong_look_same(database->session, candidate->kind, answer->body, candidate->object));
        if (!same)
            database_contradict(database, candidate->kind, candidate->id);
    }
    database_answered(database);
}

/* What has come under way meanwhile is looked at again. */
static bool still_differs(struct database *database, const struct database_candidate *candidate)
{
    enum kong_seen seen =
        kong_look_judge(database->session, &database->look, candidate->kind, candidate->id, candidate->object);
    if (seen == KONG_SEEN_LATER) {
        database->incomplete = true;
        if (database->again.count < DATABASE_AGAIN_MAX)
            map_put(&database->again, candidate->id, (void *)candidate->kind);
    }
    return seen == KONG_SEEN_OTHER;
}

static void take_gone(struct database *database)
{
    const char **ids = xcalloc(database->candidates.count + 1, sizeof(char *));
    for (size_t at = 0; at < database->candidates.count;) {
        const struct kong_kind *kind = database->candidates.items[at].kind;
        size_t count = 0;
        for (; at < database->candidates.count && database->candidates.items[at].kind == kind; at++) {
            const struct database_candidate *candidate = &database->candidates.items[at];
            if (candidate->object == NULL && still_differs(database, candidate))
                ids[count++] = candidate->id;
        }
        if (count > 0)
            kong_look_take_gone(database->session, kind, ids, count);
    }
    free(ids);
}

static void on_answers(struct database *database, bool good)
{
    if (good && kong_look_stands(database->session, &database->look)) {
        for (size_t i = 0; i < database->candidates.count; i++) {
            const struct database_candidate *candidate = &database->candidates.items[i];
            if (candidate->object != NULL && still_differs(database, candidate))
                kong_look_take(database->session, candidate->kind, candidate->object);
        }
        take_gone(database);
        kong_session_commit(database->session);
    }
    database_decide(database, good);
}

void database_confirm(struct database *database, void (*decided)(struct database *database, bool good))
{
    database->decided = decided;
    database_ask_begin(database, on_answers);
    for (size_t place = 0; place < DATABASE_SAMPLES; place++) {
        const struct database_candidate *candidate = candidate_at(database, place);
        AUTO(text)
        char *path = database_path(database, candidate->kind, candidate->id, candidate->object);
        if (path != NULL && (place == 0 || candidate != candidate_at(database, place - 1)))
            database_ask(database, place, path, on_sample);
    }
    database_ask_end(database);
}
