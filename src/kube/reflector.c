/* What a reflector does next: ask, list, watch, wait. */
#include "kube/reflector.h"

#include <string.h>

#include "reflector_inner.h"

const char *kube_state_text(enum kube_state state)
{
    static const char *const texts[] = {"starting", "synced", "waiting", "frozen"};
    return texts[state];
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

bool kube_reflector_lacks(const struct kube_reflector *reflector, const char *namespace, const char *name)
{
    const char *watched = reflector->options.namespace;
    if (reflector->status.state != KUBE_SYNCED || (watched != NULL && strcmp(watched, namespace) != 0))
        return false;
    AUTO(text) char *key = xasprintf("%s/%s", namespace, name);
    return map_find(&reflector->known, key) == NULL;
}
