/* Decides what an answer means for the reading that waits for it, whoever asked. */
#include <string.h>

#include "mirror_parts.h"
#include "net/http.h"

struct schema_wait {
    struct mirror *mirror;
    char name[];
};

char *mirror_tag_query(const struct mirror *mirror)
{
    const struct kong_tags *tags = &kong_plan_state(mirror->options.plan)->ownership;
    struct buf query = BUF_OWN;
    for (size_t i = 0; i < tags->count; i++) {
        AUTO(text) char *encoded = http_encode(tags->items[i]);
        buf_printf(&query, "%s%s", i > 0 ? "," : "", encoded);
    }
    return buf_take(&query);
}

struct drift mirror_drift(const struct mirror *mirror)
{
    const struct mirror_options *options = &mirror->options;
    return (struct drift){options->plan, options->callbacks, options->report_drift, options->reread, false};
}

void mirror_hold(struct mirror *mirror, const struct kong_kind *kind, const struct json *object)
{
    struct drift drift = mirror_drift(mirror);
    mirror->entities++;
    drift_hold(&drift, kind, object);
}

bool mirror_fails(struct mirror *mirror, const struct kong_answer *answer)
{
    bool fatal = answer->class == KONG_UNAVAILABLE || answer->class == KONG_UNSURE;
    if (fatal && mirror->failure.class == KONG_DONE) {
        buf_append_text(&mirror->failure_text, answer->message);
        mirror->failure = (struct kong_answer){.class = answer->class,
                                               .status = answer->status,
                                               .message = buf_text(&mirror->failure_text),
                                               .gateway = "",
                                               .retry_after_ms = answer->retry_after_ms};
    }
    return mirror->failure.class != KONG_DONE;
}

void *mirror_note(struct mirror *mirror, size_t size)
{
    void *note = xcalloc(1, size);
    vec_push(&mirror->notes, note);
    return note;
}

void mirror_step(struct mirror *mirror)
{
    if (--mirror->waits > 0)
        return;
    if (mirror->failure.class != KONG_DONE)
        mirror->done(mirror->user, &mirror->failure);
    else
        mirror->level_read(mirror);
}

/* What is no JSON object at all is a sign that something else answers in the gateway's place. */
static struct kong_answer judge_schema(struct mirror *mirror, const char *name, const struct kong_answer *answer)
{
    struct kong_answer judged = *answer;
    struct err err = ERR_INIT;
    if (answer->class == KONG_DONE && !json_is(answer->body, JSON_OBJECT)) {
        judged.class = KONG_UNSURE;
        judged.message = "what came as a schema is none";
    } else if (answer->class == KONG_MISSING ||
               (answer->class == KONG_DONE &&
                kong_schemas_put(mirror->options.schemas, name, answer->body, &err) < 0)) {
        kong_schemas_put_missing(mirror->options.schemas, name);
    }
    return judged;
}

static void on_schema(void *user, const struct kong_answer *answer)
{
    struct schema_wait *wait = user;
    struct mirror *mirror = wait->mirror;
    struct kong_answer judged = judge_schema(mirror, wait->name, answer);
    mirror_fails(mirror, &judged);
    mirror_step(mirror);
}

void mirror_fetch_schema(struct mirror *mirror, const char *name)
{
    if (kong_schemas_known(mirror->options.schemas, name) || map_find(&mirror->asked, name) != NULL)
        return;
    map_put(&mirror->asked, name, mirror);
    struct schema_wait *wait = mirror_note(mirror, sizeof(*wait) + strlen(name) + 1);
    wait->mirror = mirror;
    memcpy(wait->name, name, strlen(name) + 1);
    mirror->waits++;
    AUTO(text) char *path = xasprintf("/schemas/%s", name);
    kong_admin_send(mirror->options.admin, "GET", path, NULL, on_schema, wait);
}
