/* When to apply for the lead, when to renew it, and when it is lost. */
#include "kube/lease.h"

#include <string.h>

#include "backoff.h"
#include "base/clock.h"
#include "lease_record.h"

struct kube_lease {
    struct kube_lease_options options; /* texts are ours */
    struct loop_timer *retry;
    struct loop_timer *deadline; /* of the term; of the release once that began */
    struct kube_request *request;
    struct json *observed;    /* the Lease as last seen, NULL when unknown */
    struct json *annotations; /* as they are to be; null: taken off */
    char *leader;
    uint64_t observed_ms; /* when its spec last changed, by our clock: other machines' clocks are not trusted */
    uint64_t sent_ms;
    uint64_t renewed_ms; /* when the last successful renewal was sent */
    bool leading;
    bool held_back;
    bool fast; /* the write under way was made without reading first */
    bool releasing;
    void (*released)(void *user);
    void *released_user;
};

static void try_now(void *user);

static char *collection_path(const struct kube_lease *lease, bool item)
{
    return kube_path("coordination.k8s.io", "v1", "leases", lease->options.namespace, item ? lease->options.name : NULL,
                     NULL);
}

static void set_leader(struct kube_lease *lease, const char *identity)
{
    if (strcmp(lease->leader, identity) == 0)
        return;
    free(lease->leader);
    lease->leader = xstrdup(identity);
    if (lease->options.leader != NULL)
        lease->options.leader(lease->options.user, lease->leader);
}

/* Takes `seen`. */
static void observe(struct kube_lease *lease, struct json *seen)
{
    if (lease->observed == NULL || !kube_lease_record_same(lease->observed, seen))
        lease->observed_ms = clock_monotonic_ms();
    json_free(lease->observed);
    lease->observed = seen;
    set_leader(lease, kube_lease_record_holder(seen));
    if (lease->options.seen != NULL)
        lease->options.seen(lease->options.user);
}

static void lose(struct kube_lease *lease, const char *reason)
{
    if (!lease->leading)
        return;
    lease->leading = false;
    json_free(lease->annotations);
    lease->annotations = json_new_object();
    loop_timer_stop(lease->deadline);
    lease->options.lost(lease->options.user, reason);
}

static void finish_release(struct kube_lease *lease)
{
    kube_client_cancel(TAKE(lease->request));
    loop_timer_stop(lease->retry);
    loop_timer_stop(lease->deadline);
    void (*released)(void *user) = TAKE(lease->released);
    if (released != NULL)
        released(lease->released_user);
}

static void on_deadline(void *user)
{
    struct kube_lease *lease = user;
    if (lease->releasing)
        finish_release(lease);
    else
        lose(lease, lease->held_back ? "held back: there was no progress" : "it could not be renewed in time");
}

/* Applicants spread out, as client-go's do. */
static void again_later(struct kube_lease *lease)
{
    uint64_t delay = lease->options.retry_ms;
    if (!lease->leading)
        delay += kube_backoff_random(delay * 6 / 5 + 1);
    if (lease->releasing)
        finish_release(lease);
    else
        loop_timer_start(lease->retry, delay);
}

static void trouble(struct kube_lease *lease, const struct kube_answer *answer)
{
    if (lease->options.trouble != NULL)
        lease->options.trouble(lease->options.user, answer);
    again_later(lease);
}

static void renewed(struct kube_lease *lease)
{
    uint64_t now = clock_monotonic_ms();
    uint64_t ends = lease->sent_ms + lease->options.renew_ms;
    lease->renewed_ms = lease->sent_ms;
    if (now >= ends) { /* we stood still, or the answer did */
        lose(lease, "the renewal took too long");
        again_later(lease);
        return;
    }
    loop_timer_start(lease->deadline, ends - now);
    loop_timer_start(lease->retry, lease->options.retry_ms);
    if (lease->leading)
        return;
    lease->leading = true;
    lease->options.gained(lease->options.user);
}

static void on_written(void *user, const struct kube_answer *answer)
{
    struct kube_lease *lease = user;
    lease->request = NULL;
    struct json *seen = NULL;
    struct err err = ERR_INIT;
    if (answer->failure == KUBE_OK && json_parse(answer->body, answer->length, &seen, &err) == 0) {
        observe(lease, seen);
        if (lease->releasing)
            finish_release(lease);
        else
            renewed(lease);
        return;
    }
    bool was_fast = lease->fast;
    json_free(TAKE(lease->observed)); /* read before the next try */
    if (was_fast && answer->failure == KUBE_CONFLICT && !lease->releasing) {
        try_now(lease);
        return;
    }
    trouble(lease, answer);
}

static void send_record(struct kube_lease *lease, struct json *record, bool creates)
{
    AUTO(text) char *text = json_print_text(record);
    AUTO(text) char *path = collection_path(lease, !creates);
    json_free(record);
    struct kube_call call = {
        .verb = creates ? KUBE_CREATE : KUBE_PUT,
        .path = path,
        .body = text,
        .body_length = strlen(text),
        .timeout_ms = lease->options.renew_ms / 2,
        .done = on_written,
        .user = lease,
    };
    lease->sent_ms = clock_monotonic_ms();
    lease->request = kube_client_send(lease->options.client, &call);
    if (lease->request == NULL)
        again_later(lease);
}

static void take_lease(struct kube_lease *lease, bool fast)
{
    const struct kube_lease_options *options = &lease->options;
    lease->fast = fast;
    struct json *record = kube_lease_record_take(lease->observed, options->namespace, options->name, options->identity,
                                                 options->lease_ms);
    kube_lease_record_annotate(record, lease->annotations);
    send_record(lease, record, lease->observed == NULL);
}

static bool is_ours(const struct kube_lease *lease)
{
    return strcmp(kube_lease_record_holder(lease->observed), lease->options.identity) == 0;
}

static bool is_free(const struct kube_lease *lease)
{
    if (kube_lease_record_holder(lease->observed)[0] == '\0' || is_ours(lease))
        return true;
    uint64_t duration = kube_lease_record_ms(lease->observed);
    if (duration == 0)
        duration = lease->options.lease_ms;
    return clock_monotonic_ms() >= lease->observed_ms + duration;
}

static void on_read(void *user, const struct kube_answer *answer)
{
    struct kube_lease *lease = user;
    lease->request = NULL;
    struct json *seen = NULL;
    struct err err = ERR_INIT;
    if (answer->failure == KUBE_NOT_FOUND && !lease->releasing) {
        json_free(TAKE(lease->observed));
        take_lease(lease, false);
        return;
    }
    if (answer->failure != KUBE_OK || json_parse(answer->body, answer->length, &seen, &err) != 0) {
        trouble(lease, answer);
        return;
    }
    observe(lease, seen);
    if (lease->releasing && is_ours(lease)) {
        send_record(lease, kube_lease_record_release(lease->observed), false);
    } else if (lease->releasing) {
        finish_release(lease);
    } else if (is_free(lease)) {
        take_lease(lease, false);
    } else {
        lose(lease, "another one holds it");
        again_later(lease);
    }
}

static void read_lease(struct kube_lease *lease)
{
    AUTO(text) char *path = collection_path(lease, true);
    struct kube_call call = {
        .verb = KUBE_GET,
        .path = path,
        .timeout_ms = lease->options.renew_ms / 2,
        .done = on_read,
        .user = lease,
    };
    lease->request = kube_client_send(lease->options.client, &call);
    if (lease->request == NULL)
        again_later(lease);
}

static void try_now(void *user)
{
    struct kube_lease *lease = user;
    if (lease->request != NULL)
        return;
    if (lease->held_back && !lease->releasing)
        loop_timer_start(lease->retry, lease->options.retry_ms);
    else if (lease->leading && lease->observed != NULL)
        take_lease(lease, true);
    else
        read_lease(lease);
}

int kube_lease_new(const struct kube_lease_options *options, struct kube_lease **ret_lease, struct err *err)
{
    struct kube_lease_options full = *options;
    full.lease_ms = options->lease_ms != 0 ? options->lease_ms : KUBE_LEASE_MS;
    full.renew_ms = options->renew_ms != 0 ? options->renew_ms : KUBE_LEASE_RENEW_MS;
    full.retry_ms = options->retry_ms != 0 ? options->retry_ms : KUBE_LEASE_RETRY_MS;
    if (full.lease_ms <= full.renew_ms || full.renew_ms <= full.retry_ms)
        return err_set(err, ERR_INVALID,
                       "the lease must last longer than its renew deadline, and that longer than a retry");
    if (options->namespace[0] == '\0' || options->name[0] == '\0' || options->identity[0] == '\0')
        return err_set(err, ERR_INVALID, "a lease needs a namespace, a name and an identity");
    struct kube_lease *lease = xcalloc(1, sizeof(*lease));
    struct loop *loop = kube_client_loop(options->client);
    lease->options = full;
    lease->options.namespace = xstrdup(options->namespace);
    lease->options.name = xstrdup(options->name);
    lease->options.identity = xstrdup(options->identity);
    lease->leader = xstrdup("");
    lease->annotations = json_new_object();
    lease->retry = loop_timer_new(loop, try_now, lease);
    lease->deadline = loop_timer_new(loop, on_deadline, lease);
    loop_timer_start(lease->retry, 0);
    *ret_lease = lease;
    return 0;
}

void kube_lease_free(struct kube_lease *lease)
{
    if (lease == NULL)
        return;
    kube_client_cancel(lease->request);
    loop_timer_free(lease->retry);
    loop_timer_free(lease->deadline);
    json_free(lease->observed);
    json_free(lease->annotations);
    free(lease->leader);
    free((char *)lease->options.namespace);
    free((char *)lease->options.name);
    free((char *)lease->options.identity);
    free(lease);
}

bool kube_lease_held(const struct kube_lease *lease)
{
    return lease->leading && clock_monotonic_ms() < lease->renewed_ms + lease->options.renew_ms;
}

const char *kube_lease_leader(const struct kube_lease *lease)
{
    return lease->leader;
}

const char *kube_lease_annotation(const struct kube_lease *lease, const char *name)
{
    return kube_lease_record_annotation(lease->observed, name);
}

void kube_lease_annotate(struct kube_lease *lease, const char *name, const char *value)
{
    json_set(lease->annotations, name, value != NULL ? json_new_text(value) : json_new_null());
    if (lease->leading && lease->request == NULL)
        loop_timer_start(lease->retry, 0);
}

void kube_lease_hold_back(struct kube_lease *lease, bool held_back)
{
    lease->held_back = held_back;
}

void kube_lease_release(struct kube_lease *lease, void (*done)(void *user), void *user)
{
    bool was_leading = lease->leading;
    lease->releasing = true;
    lease->released = done;
    lease->released_user = user;
    lose(lease, "released");
    kube_client_cancel(TAKE(lease->request));
    loop_timer_start(lease->deadline, was_leading ? lease->options.retry_ms : 0);
    loop_timer_stop(lease->retry);
    if (was_leading)
        read_lease(lease);
}
