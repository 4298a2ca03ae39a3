/* What a reflector does next: ask, list, watch, wait. */
#include "kube/reflector.h"

#include <string.h>

#include "base/clock.h"
#include "base/http.h"
#include "reflector_inner.h"

const char *kube_state_text(enum kube_state state)
{
    static const char *const texts[] = {"starting", "synced", "waiting", "frozen"};
    return texts[state];
}

void kube_reflector_set_state(struct kube_reflector *reflector, enum kube_state state, const char *reason)
{
    struct kube_reflector_status *status = &reflector->status;
    if (status->state == state && strcmp(status->reason, reason) == 0)
        return;
    free((char *)status->reason);
    status->reason = xstrdup(reason);
    status->state = state;
    const struct kube_events *events = &reflector->options.events;
    events->state(events->user, reflector->options.kind, state, status->reason);
}

void kube_reflector_schedule(struct kube_reflector *reflector, enum reflector_step step, uint64_t delay_ms)
{
    reflector->next = step;
    loop_timer_start(reflector->retry, delay_ms);
}

static bool is_definite(enum kube_failure failure)
{
    return failure == KUBE_DENIED || failure == KUBE_UNAUTHORIZED || failure == KUBE_NO_CREDENTIALS;
}

void kube_reflector_fail(struct kube_reflector *reflector, enum reflector_step again, const struct kube_answer *answer)
{
    reflector->status.errors++;
    reflector->failures++;
    if (answer->failure == KUBE_NOT_FOUND)
        again = STEP_ASK; /* discovery tells a kind that is gone from a moment's trouble */
    if (is_definite(answer->failure) || reflector->failures >= KUBE_FAILURES_TO_FREEZE) {
        kube_reflector_set_state(reflector, KUBE_FROZEN, answer->err->text);
        /* Only a complete list proves that it can be read again. */
        again = again == STEP_ASK ? STEP_ASK : STEP_LIST;
    }
    uint64_t delay = kube_backoff_next_or(&reflector->backoff, answer->retry_after_ms);
    kube_reflector_schedule(reflector, again, delay);
}

void kube_reflector_absent(struct kube_reflector *reflector, const char *reason)
{
    enum kube_state state = reflector->status.synced_once ? KUBE_FROZEN : KUBE_WAITING;
    kube_reflector_set_state(reflector, state, reason);
    kube_reflector_schedule(reflector, STEP_ASK, kube_backoff_next(&reflector->backoff));
}

void kube_reflector_listed(struct kube_reflector *reflector, const char *version)
{
    size_t length = strlen(version);
    if (length < sizeof(reflector->version))
        memcpy(reflector->version, version, length + 1);
    reflector->highest = kube_reflector_number(version);
    reflector->stale_lists = 0;
    reflector->failures = 0;
    reflector->unpaged = false;
    reflector->status.lists++;
    reflector->status.last_list_ms = clock_monotonic_ms();
    if (!reflector->list_partial)
        kube_reflector_sweep(reflector);
    reflector->status.synced_once = true;
    kube_reflector_set_state(reflector, KUBE_SYNCED, "");
    if (reflector->options.relist_ms != 0)
        loop_timer_start(reflector->relist, reflector->options.relist_ms);
}

char *kube_reflector_path(const struct kube_reflector *reflector)
{
    const struct store_kind *kind = reflector->options.kind;
    return kube_path(kind->group, reflector->resource.version, reflector->resource.plural,
                     reflector->resource.namespaced ? reflector->options.namespace : NULL, NULL, NULL);
}

char *kube_reflector_query(const struct kube_reflector *reflector, const char *rest)
{
    if (reflector->options.label_selector == NULL)
        return xstrdup(rest);
    AUTO(text) char *selector = http_encode(reflector->options.label_selector);
    return xasprintf("%s&labelSelector=%s", rest, selector);
}

/* Without permission to ask, the table of kinds is as good as an answer. */
static bool guess_resource(struct kube_reflector *reflector, const struct kube_answer *answer)
{
    const struct store_kind *kind = reflector->options.kind;
    if (answer->failure != KUBE_DENIED || kind->plural == NULL ||
        strlen(kind->plural) >= sizeof(reflector->resource.plural) ||
        strlen(kind->version) >= sizeof(reflector->resource.version))
        return false;
    reflector->resource = (struct kube_resource){.namespaced = kind->namespaced};
    memcpy(reflector->resource.plural, kind->plural, strlen(kind->plural) + 1);
    memcpy(reflector->resource.version, kind->version, strlen(kind->version) + 1);
    return true;
}

static void on_discovery(void *user, enum kube_served served, const struct kube_resource *resource,
                         const struct kube_answer *answer)
{
    struct kube_reflector *reflector = user;
    reflector->question = NULL;
    if (served == KUBE_SERVED_UNKNOWN && !guess_resource(reflector, answer)) {
        kube_reflector_fail(reflector, STEP_ASK, answer);
        return;
    }
    if (served == KUBE_NOT_SERVED) {
        kube_reflector_absent(reflector, "the server does not serve this kind");
        return;
    }
    if (resource != NULL && resource->leaving) {
        kube_reflector_absent(reflector, "the kind's definition is being removed");
        return;
    }
    if (resource != NULL)
        reflector->resource = *resource;
    kube_reflector_list(reflector);
}

static void on_retry(void *user)
{
    struct kube_reflector *reflector = user;
    if (reflector->next == STEP_ASK)
        reflector->question =
            kube_discovery_ask(reflector->options.discovery, reflector->options.kind, on_discovery, reflector);
    else if (reflector->next == STEP_LIST)
        kube_reflector_list(reflector);
    else
        kube_reflector_watch(reflector, false);
}

/* The watch under way is given up for a list; another step under way will list by itself. */
static void on_relist(void *user)
{
    struct kube_reflector *reflector = user;
    loop_timer_start(reflector->relist, reflector->options.relist_ms);
    if (reflector->status.state != KUBE_SYNCED || reflector->question != NULL || reflector->watch_started_ms == 0)
        return;
    kube_client_cancel(TAKE(reflector->request));
    kube_reflector_list(reflector);
}

/* A server that takes "sendInitialEvents" for an unknown parameter never says that the list is over. */
static void on_quiet(void *user)
{
    struct kube_reflector *reflector = user;
    kube_client_cancel(TAKE(reflector->request));
    reflector->stream_refused = true;
    kube_reflector_list(reflector);
}

struct kube_reflector *kube_reflector_new(const struct kube_reflector_options *options)
{
    struct kube_reflector *reflector = xcalloc(1, sizeof(*reflector));
    struct loop *loop = kube_client_loop(options->client);
    reflector->options = *options;
    reflector->options.namespace = xstrdup(options->namespace);
    reflector->options.label_selector = xstrdup(options->label_selector);
    reflector->status.reason = xstrdup("");
    reflector->stream_refused = options->paged_lists;
    reflector->backoff.first_ms = options->retry_first_ms != 0 ? options->retry_first_ms : KUBE_RETRY_FIRST_MS;
    reflector->backoff.last_ms = KUBE_RETRY_LAST_MS;
    map_init(&reflector->known, free);
    map_init(&reflector->held, NULL);
    reflector->retry = loop_timer_new(loop, on_retry, reflector);
    reflector->quiet = loop_timer_new(loop, on_quiet, reflector);
    reflector->relist = loop_timer_new(loop, on_relist, reflector);
    reflector->hold = loop_timer_new(loop, kube_reflector_on_hold, reflector);
    reflector->lines = (struct lines)LINES_INIT(KUBE_LINE_MAX);
    kube_reflector_schedule(reflector, STEP_ASK, 0);
    return reflector;
}

void kube_reflector_free(struct kube_reflector *reflector)
{
    if (reflector == NULL)
        return;
    kube_client_cancel(reflector->request);
    kube_discovery_cancel(reflector->question);
    kube_discovery_cancel(reflector->hold_question);
    loop_timer_free(reflector->retry);
    loop_timer_free(reflector->quiet);
    loop_timer_free(reflector->relist);
    loop_timer_free(reflector->hold);
    kube_items_done(&reflector->items);
    kube_lines_done(&reflector->lines);
    map_done(&reflector->known);
    map_done(&reflector->held);
    free(reflector->page);
    free((char *)reflector->options.namespace);
    free((char *)reflector->options.label_selector);
    free((char *)reflector->status.reason);
    free(reflector);
}

struct kube_reflector_status kube_reflector_status(const struct kube_reflector *reflector)
{
    struct kube_reflector_status status = reflector->status;
    status.objects = reflector->known.count;
    return status;
}
