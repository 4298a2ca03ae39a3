/* Watches, and lists that come as a watch: what each event means, and what the end of the stream means. */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "net/http.h"
#include "reflector_inner.h"
#include "slice.h"

#define WATCH_ACCEPT_METADATA "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"

static int on_error(struct kube_reflector *reflector, struct slice object)
{
    AUTO(json) struct json *status = NULL;
    struct err err = ERR_INIT;
    if (json_parse(object.text, object.length, &status, &err) != 0)
        return -ERR_PARSE;
    const char *reason = json_find_text(status, "reason");
    const char *message = json_find_text(status, "message");
    int code = (int)json_integer(json_find(status, "code"), 0);
    enum kube_failure failure = kube_failure_of(code, reason);
    reflector->watch_gone = failure == KUBE_GONE;
    return err_set(&reflector->watch_err, reflector->watch_gone ? ERR_GONE : ERR_PROTOCOL, "watch of %s: %d %s: %s",
                   reflector->options.kind->id, code, kube_failure_text(failure), message != NULL ? message : "");
}

static int on_bookmark(struct kube_reflector *reflector, struct slice object)
{
    AUTO(json) struct json *tree = NULL;
    struct err err = ERR_INIT;
    if (json_parse(object.text, object.length, &tree, &err) != 0)
        return -ERR_PARSE;
    const struct json *metadata = json_find(tree, "metadata");
    const char *version = json_find_text(metadata, "resourceVersion");
    const char *ends = json_find_text(json_find(metadata, "annotations"), "k8s.io/initial-events-end");
    if (version == NULL)
        return -ERR_PARSE;
    if (reflector->stream_listing && ends != NULL && strcmp(ends, "true") == 0) {
        reflector->stream_listing = false;
        loop_timer_stop(reflector->quiet);
        kube_reflector_listed(reflector, version);
    } else if (!reflector->stream_listing) {
        kube_reflector_saw(reflector, version, strlen(version));
    }
    return 0;
}

static int on_event(struct kube_reflector *reflector, struct slice type, struct slice object)
{
    if (kube_slice_is_text(type, "ADDED") || kube_slice_is_text(type, "MODIFIED")) {
        if (!kube_reflector_take(reflector, object.text, object.length))
            reflector->list_partial = reflector->list_partial || reflector->stream_listing;
        return 0;
    }
    if (kube_slice_is_text(type, "BOOKMARK"))
        return on_bookmark(reflector, object);
    if (kube_slice_is_text(type, "ERROR"))
        return on_error(reflector, object);
    if (!kube_slice_is_text(type, "DELETED"))
        return 0; /* a sort of event that is newer than we are */
    if (kube_reflector_take_deleted(reflector, object.text, object.length))
        return 0;
    reflector->watch_gone = true; /* something is gone, and only a list can say what */
    return err_set(&reflector->watch_err, ERR_PARSE, "watch of %s: something without a name was deleted",
                   reflector->options.kind->id);
}

static int on_line(void *user, const char *text, size_t length)
{
    struct kube_reflector *reflector = user;
    struct slice type;
    struct slice object;
    int rc = -ERR_PARSE;
    if (kube_slice_member(text, length, "type", &type) && kube_slice_member(text, length, "object", &object))
        rc = on_event(reflector, type, object);
    if (rc != 0 && reflector->watch_err.code == 0)
        err_set(&reflector->watch_err, ERR_PARSE, "watch of %s: an event cannot be parsed",
                reflector->options.kind->id);
    return rc;
}

/* Proven to work: the next failure begins with a short delay again. */
static void prove(struct kube_reflector *reflector)
{
    kube_backoff_reset(&reflector->backoff);
    reflector->failures = 0;
}

static int on_chunk(void *user, const char *data, size_t length)
{
    struct kube_reflector *reflector = user;
    reflector->watch_has_data = true;
    if (reflector->stream_listing)
        loop_timer_start(reflector->quiet, KUBE_LIST_IDLE_MS);
    int rc = kube_lines_feed(&reflector->lines, data, length, on_line, reflector);
    if (rc == 0 && !reflector->stream_listing)
        prove(reflector);
    if (rc != 0 && reflector->watch_err.code == 0)
        err_set(&reflector->watch_err, (enum err_code) - rc, "watch of %s: an event of more than %u bytes",
                reflector->options.kind->id, (unsigned)KUBE_LINE_MAX);
    return rc;
}

static void after_list(struct kube_reflector *reflector, const struct kube_answer *answer)
{
    bool refused = answer->failure == KUBE_INVALID;
    reflector->stream_listing = false;
    reflector->stream_refused = reflector->stream_refused || refused;
    if (refused) {
        kube_reflector_schedule(reflector, STEP_LIST, 0);
        return;
    }
    struct kube_answer early = *answer;
    struct err err = ERR_INIT;
    if (answer->failure == KUBE_OK) {
        early.failure = KUBE_NO_ANSWER;
        early.err = &err;
        err_set(&err, ERR_CONNECT, "list of %s: it ended too early", reflector->options.kind->id);
    }
    kube_reflector_fail(reflector, STEP_LIST, &early);
}

/* Ends that are no failure: the time was up, or a line was cut that had worked. */
static bool is_ordinary_end(const struct kube_reflector *reflector, const struct kube_answer *answer, uint64_t lived_ms)
{
    bool ended = answer->failure == KUBE_OK || answer->failure == KUBE_NO_ANSWER;
    return ended && reflector->watch_err.code == 0 &&
           (reflector->watch_has_data || (answer->status != 0 && lived_ms >= REFLECTOR_WATCH_GOOD_MS));
}

static void on_done(void *user, const struct kube_answer *answer)
{
    struct kube_reflector *reflector = user;
    uint64_t lived = clock_monotonic_ms() - reflector->watch_started_ms;
    struct kube_answer why = *answer;
    reflector->request = NULL;
    reflector->watch_started_ms = 0;
    loop_timer_stop(reflector->quiet);
    if (reflector->watch_err.code != 0) {
        why.err = &reflector->watch_err;
        why.failure = KUBE_UNEXPECTED;
    }
    if (reflector->stream_listing) {
        after_list(reflector, &why);
    } else if (answer->failure == KUBE_GONE || reflector->watch_gone) {
        kube_reflector_schedule(reflector, STEP_LIST, kube_backoff_next(&reflector->backoff));
    } else if (is_ordinary_end(reflector, answer, lived)) {
        bool at_once = answer->failure == KUBE_OK;
        prove(reflector);
        kube_reflector_schedule(reflector, STEP_WATCH, at_once ? 0 : kube_backoff_next(&reflector->backoff));
    } else if (answer->failure == KUBE_OK && why.failure == KUBE_OK) {
        kube_reflector_schedule(reflector, STEP_WATCH, kube_backoff_next(&reflector->backoff));
    } else {
        kube_reflector_fail(reflector, STEP_WATCH, &why);
    }
}

static char *watch_query(const struct kube_reflector *reflector, bool listing)
{
    unsigned seconds = KUBE_WATCH_SECONDS + (unsigned)kube_backoff_random(KUBE_WATCH_SECONDS);
    AUTO(text) char *version = http_encode(reflector->version);
    AUTO(text)
    char *rest =
        listing ? xasprintf("watch=1&allowWatchBookmarks=true&sendInitialEvents=true&"
                            "resourceVersionMatch=NotOlderThan&timeoutSeconds=%u",
                            seconds)
                : xasprintf("watch=1&allowWatchBookmarks=true&resourceVersion=%s&timeoutSeconds=%u", version, seconds);
    return kube_reflector_query(reflector, rest);
}

void kube_reflector_watch(struct kube_reflector *reflector, bool listing)
{
    kube_lines_done(&reflector->lines);
    reflector->stream_listing = listing;
    reflector->watch_started_ms = clock_monotonic_ms();
    reflector->watch_has_data = false;
    reflector->watch_gone = false;
    reflector->watch_err.code = 0;
    reflector->status.watches++;
    if (listing)
        loop_timer_start(reflector->quiet, KUBE_LIST_IDLE_MS);
    AUTO(text) char *path = kube_reflector_path(reflector);
    AUTO(text) char *query = watch_query(reflector, listing);
    uint64_t idle = reflector->options.watch_idle_ms;
    struct kube_call call = {
        .verb = KUBE_GET,
        .path = path,
        .query = query,
        .accept = reflector->options.metadata_only ? WATCH_ACCEPT_METADATA : NULL,
        .stream = true,
        .idle_timeout_ms = idle != 0 ? idle : KUBE_WATCH_IDLE_MS,
        .chunk = on_chunk,
        .done = on_done,
        .user = reflector,
    };
    reflector->request = kube_client_send(reflector->options.client, &call);
    if (reflector->request == NULL) {
        reflector->watch_started_ms = 0;
        loop_timer_stop(reflector->quiet);
        kube_reflector_schedule(reflector, listing ? STEP_LIST : STEP_WATCH, kube_backoff_next(&reflector->backoff));
    }
}
