/* What a failure means for a reflector, and what all of its parts need. */
#include <string.h>

#include "net/http.h"
#include "reflector_inner.h"

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

uint64_t kube_reflector_number(const char *version)
{
    size_t length = strlen(version);
    if (length == 0 || length > 19 || strspn(version, "0123456789") != length)
        return 0;
    return strtoull(version, NULL, 10);
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
