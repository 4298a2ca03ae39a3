/* Decides what the answer to an operation means for it. */
#include <string.h>

#include "base/clock.h"
#include "session_parts.h"

static void look_for_holder(struct running *run);

static void run_free(struct running *run)
{
    struct kong_session *session = run->session;
    if (run->previous != NULL)
        run->previous->next = run->next;
    else
        session->running = run->next;
    if (run->next != NULL)
        run->next->previous = run->previous;
    session->running_count--;
    session_recent_note(session, run->id, false);
    json_free(run->holder);
    json_free(run->fields);
    buf_done(&run->message);
    free(run);
}

void session_cut(struct kong_session *session)
{
    while (session->running != NULL) {
        /* What was sent may have been done; the gateway is read before the session goes on. */
        kong_plan_again(session->plan, &session->running->op);
        run_free(session->running);
    }
}

/* Kong's message may quote what was sent. */
static void set_message(struct running *run, const char *message)
{
    const struct kong_item *item = run->op.item;
    struct err err = ERR_INIT;
    AUTO(json) struct json *fields = NULL;
    buf_clear(&run->message);
    buf_append_text(&run->message, message);
    if (item->entity != NULL && json_parse(item->entity->text, strlen(item->entity->text), &fields, &err) == 0)
        kong_secret_scrub(item->kind, fields, run->session->schemas, &run->message);
}

static const char *code_of(enum kong_class class)
{
    switch (class) {
    case KONG_NO_REFERENCE:
        return "KongForeignKey";
    case KONG_TAKEN:
        return "KongUnique";
    default:
        return "KongRefused";
    }
}

static void refuse(struct running *run, const char *code)
{
    struct kong_session *session = run->session;
    session->counters.refused++;
    kong_plan_refused(session->plan, &run->op, code, buf_text(&run->message), clock_monotonic_ms());
    run_free(run);
    session_pump(session);
}

static void land(struct running *run, const struct kong_answer *answer)
{
    struct kong_session *session = run->session;
    AUTO(json) struct json *object = run->op.verb != KONG_DELETE ? request_result(&run->op, answer->body) : NULL;
    if (run->op.verb == KONG_DELETE) {
        session->counters.deleted++;
        kong_plan_landed(session->plan, &run->op, NULL, clock_monotonic_ms());
    } else if (object == NULL) {
        kong_plan_unsure(session->plan, &run->op);
    } else {
        bool create = run->op.verb == KONG_CREATE || run->op.verb == KONG_PARK;
        *(create ? &session->counters.created : &session->counters.updated) += 1;
        kong_plan_landed(session->plan, &run->op, object, clock_monotonic_ms());
    }
    run_free(run);
    session_pump(session);
}

/* After an answer to a read: what is there, or that nothing is. */
static void learn(struct running *run, const struct kong_answer *answer)
{
    struct kong_session *session = run->session;
    const struct kong_state *state = kong_plan_state(session->plan);
    const struct kong_item *item = run->op.item;
    AUTO(json) struct json *object = answer->class == KONG_DONE ? request_result(&run->op, answer->body) : NULL;
    bool ours = object != NULL && (!item->kind->tagged || kong_state_has_ownership(state, object));
    kong_plan_found(session->plan, &run->op, ours ? object : NULL, clock_monotonic_ms());
    run_free(run);
    session_pump(session);
}

static void stand_aside(struct running *run, const struct kong_answer *answer)
{
    struct kong_session *session = run->session;
    struct kong_item *item = run->op.item;
    bool wrote = run->op.verb != KONG_READ && run->attempt == 0;
    if (answer->class == KONG_UNSURE && wrote)
        item->unsure = true;
    /* A gateway that answers everything but this is not the one to wait for. */
    if (session->pauses == 0 && ++item->errors >= KONG_ERRORS_MAX) {
        item->errors = 0;
        set_message(run, answer->message);
        refuse(run, "KongUnavailable");
        return;
    }
    if (item->unsure)
        kong_plan_unsure(session->plan, &run->op);
    else
        kong_plan_again(session->plan, &run->op);
    run_free(run);
    session_pause(session, answer);
}

/* The unique field of ours that somebody has the value of, as Kong's error names it. */
static const char *taken_field(const struct running *run)
{
    json_each (field, run->fields) {
        if (json_text(field) != NULL)
            return json_name(field);
    }
    return NULL;
}

/* Somebody has the name: is it one of ours? */
static void judge_holder(struct running *run, const struct json *object)
{
    struct kong_session *session = run->session;
    struct kong_state *state = kong_plan_state(session->plan);
    struct kong_item *item = run->op.item;
    if (item->kind->tagged && !kong_state_has_ownership(state, object)) {
        const char *id = json_find_text(object, "id");
        AUTO(text)
        char *text = xasprintf("%s; its id in the gateway is %s, and it does not carry our tag",
                               buf_text(&run->message), id != NULL ? id : "unknown");
        set_message(run, text);
        refuse(run, "KongForeignOwner");
        return;
    }
    bool changed;
    struct kong_actual *actual = kong_state_hold(state, item->kind, object, NULL, &changed);
    if (actual != NULL && actual->item == item) {
        kong_plan_again(session->plan, &run->op); /* it has an id now: the next one is an update */
    } else {
        kong_plan_blocked(session->plan, &run->op, actual != NULL ? actual->item : NULL, taken_field(run),
                          buf_text(&run->message), clock_monotonic_ms());
        session->counters.refused++;
    }
    run_free(run);
    session_pump(session);
}

static void on_holder_row(void *user, const struct json *object)
{
    struct running *run = user;
    if (run->holder == NULL && request_is_holder(&run->op, object))
        run->holder = json_copy(object);
}

static void on_holder(void *user, const struct kong_answer *answer)
{
    struct running *run = user;
    session_answered(run->session);
    if (answer->class == KONG_UNAVAILABLE || answer->class == KONG_UNSURE) {
        stand_aside(run, answer);
        return;
    }
    const struct json *found = run->list ? run->holder : answer->class == KONG_DONE ? answer->body : NULL;
    if (found != NULL) {
        judge_holder(run, found);
        return;
    }
    run->attempt++;
    look_for_holder(run);
}

/* `attempt` is 1 for the first look-up, so that 0 stands for the operation itself. */
static void look_for_holder(struct running *run)
{
    struct kong_session *session = run->session;
    AUTO(text) char *path = request_holder_path(&run->op, run->fields, run->attempt - 1, &run->list);
    if (path == NULL) {
        refuse(run, "KongUnique");
        return;
    }
    if (run->list)
        kong_admin_list(session->admin, path, on_holder_row, on_holder, run);
    else
        kong_admin_send(session->admin, "GET", path, NULL, on_holder, run);
}

static void on_answer(void *user, const struct kong_answer *answer)
{
    struct running *run = user;
    struct kong_session *session = run->session;
    struct kong_item *item = run->op.item;
    session->counters.last_progress = clock_wall();
    if (session->callbacks.operation != NULL)
        session->callbacks.operation(session->callbacks.user, &run->op, answer);

    if (answer->class == KONG_UNAVAILABLE || answer->class == KONG_UNSURE || answer->status == 401) {
        stand_aside(run, answer); /* a token that is not valid any more says nothing about the entity */
        return;
    }
    session_answered(session);
    set_message(run, answer->message);
    bool create = run->op.verb == KONG_CREATE || run->op.verb == KONG_PARK;
    if (run->op.verb == KONG_READ && answer->class != KONG_REFUSED && answer->class != KONG_DENIED)
        learn(run, answer);
    else if (answer->class == KONG_DONE || (answer->class == KONG_MISSING && run->op.verb == KONG_DELETE))
        land(run, answer);
    else if (answer->class == KONG_MISSING &&
             (run->op.verb == KONG_UPDATE || run->op.verb == KONG_WITHDRAW || run->op.verb == KONG_YIELD)) {
        /* somebody has deleted it: it is made anew */
        kong_plan_found(session->plan, &run->op, NULL, clock_monotonic_ms());
        run_free(run);
        session_pump(session);
    } else if (answer->class == KONG_MISSING && create && item->kind->nested_path == NULL)
        refuse(run, "KongUnsupported");
    else if (answer->class == KONG_TAKEN && run->op.verb != KONG_DELETE) {
        run->fields = json_copy(json_find(answer->body, "fields"));
        run->attempt = 1;
        look_for_holder(run);
    } else {
        if (answer->class == KONG_NO_REFERENCE || answer->class == KONG_MISSING)
            kong_plan_doubt_references(session->plan, &run->op);
        refuse(run, code_of(answer->class));
    }
}

void session_run(struct kong_session *session, const struct kong_op *op)
{
    struct running *run = xcalloc(1, sizeof(*run));
    run->session = session;
    run->op = *op;
    run->message = (struct buf)BUF_OWN;
    const char *id = op->item->actual != NULL ? op->item->actual->id : op->item->sent_id;
    if (id != NULL && strlen(id) < sizeof(run->id))
        memcpy(run->id, id, strlen(id));
    session_recent_note(session, run->id, true);
    run->next = session->running;
    if (session->running != NULL)
        session->running->previous = run;
    session->running = run;
    session->running_count++;

    struct request request;
    request_make(kong_plan_state(session->plan), op, &request);
    kong_admin_send(session->admin, request.method, request.path, request.body, on_answer, run);
    request_done(&request);
}
