/* Which status patches are sent, how often they are tried, and which would change nothing. */
#include "kube/status.h"

#include <string.h>

#include "backoff.h"
#include "base/hash.h"
#include "base/map.h"
#include "slice.h"

#define STATUS_MEMORY_MAX 200000 /* objects whose last patch is remembered */

/* What is to be said about one object. */
struct report {
    struct report *next; /* in the queue */
    struct kube_status_writer *writer;
    const struct store_kind *kind;
    char *namespace;
    char *name;
    char *key;
    char *text; /* the patch to send; NULL when `under_way` is the last word */
    char *under_way;
    struct kube_request *request;
    struct loop_timer *retry;
    struct backoff backoff;
    int tries;
};

/* What the server took last for an object. */
struct taken {
    uint64_t version; /* of the object with it; 0: not a number */
    char digest[HASH_HEX_SIZE];
};

struct kube_status_writer {
    struct kube_client *client;
    struct kube_discovery *discovery;
    kube_status_fn *done;
    void *user;
    struct map reports; /* key -> report that waits or is under way */
    struct map sent;    /* key -> struct taken */
    struct report *first, *last;
    int under_way;
    struct kube_status_counts counts;
};

static char *key_of(const struct store_kind *kind, const char *namespace, const char *name)
{
    return xasprintf("%d/%s/%s", kind->index, namespace, name);
}

static void report_free(void *value)
{
    struct report *report = value;
    kube_client_cancel(report->request);
    loop_timer_free(report->retry);
    free(report->namespace);
    free(report->name);
    free(report->key);
    free(report->text);
    free(report->under_way);
    free(report);
}

struct kube_status_writer *kube_status_new(struct kube_client *client, struct kube_discovery *discovery,
                                           kube_status_fn *done, void *user)
{
    struct kube_status_writer *writer = xcalloc(1, sizeof(*writer));
    writer->client = client;
    writer->discovery = discovery;
    writer->done = done;
    writer->user = user;
    map_init(&writer->reports, report_free);
    map_init(&writer->sent, free);
    return writer;
}

void kube_status_free(struct kube_status_writer *writer)
{
    if (writer == NULL)
        return;
    map_done(&writer->reports);
    map_done(&writer->sent);
    free(writer);
}

bool kube_status_differs(const struct json *value, const struct json *patch)
{
    if (!json_is(patch, JSON_OBJECT))
        return !json_equal(value, patch);
    if (!json_is(value, JSON_OBJECT))
        return true;
    json_each (member, patch) {
        const struct json *present = json_find(value, json_name(member));
        bool removes = json_is(member, JSON_NULL);
        if (removes ? present != NULL : present == NULL || kube_status_differs(present, member))
            return true;
    }
    return false;
}

static bool is_so_already(const struct object *object, const struct json *status)
{
    AUTO(json) struct json *tree = NULL;
    struct err err = ERR_INIT;
    if (json_parse(object->text, object->length, &tree, &err) != 0)
        return false;
    return !kube_status_differs(json_find(tree, "status"), status);
}

static char *patch_text(const struct object *object, const struct json *status, bool exact)
{
    AUTO(json) struct json *patch = json_new_object();
    json_set(patch, "status", json_copy(status));
    if (exact) {
        struct json *metadata = json_new_object();
        json_set_text(metadata, "resourceVersion", object->resource_version);
        json_set(patch, "metadata", metadata);
    }
    return json_print_text(patch);
}

/* Of the status alone: the version that an exact patch is bound to does not make it another one. */
static void digest_of(const char *patch, char ret_digest[HASH_HEX_SIZE])
{
    const char *status = strstr(patch, "\"status\":");
    hash_sha256_hex(status, strlen(status), ret_digest);
}

static uint64_t number_of(const char *version, size_t length)
{
    uint64_t number = 0;
    for (size_t i = 0; i < length; i++) {
        if (version[i] < '0' || version[i] > '9' || number > UINT64_MAX / 10 - 1)
            return 0;
        number = number * 10 + (uint64_t)(version[i] - '0');
    }
    return number;
}

static uint64_t version_of_answer(const struct kube_answer *answer)
{
    struct slice metadata;
    struct slice version;
    if (!kube_slice_member(answer->body, answer->length, "metadata", &metadata) ||
        !kube_slice_member(metadata.text, metadata.length, "resourceVersion", &version) || version.length < 2)
        return 0;
    return number_of(version.text + 1, version.length - 2);
}

static void pump(struct kube_status_writer *writer);

static void enqueue(struct report *report)
{
    struct kube_status_writer *writer = report->writer;
    report->next = NULL;
    if (writer->last != NULL)
        writer->last->next = report;
    else
        writer->first = report;
    writer->last = report;
}

static void on_retry(void *user)
{
    struct report *report = user;
    struct kube_status_writer *writer = report->writer;
    enqueue(report);
    pump(writer);
}

static void remember(struct report *report, const struct kube_answer *answer)
{
    struct kube_status_writer *writer = report->writer;
    if (map_find(&writer->sent, report->key) == NULL && writer->sent.count >= STATUS_MEMORY_MAX) {
        map_done(&writer->sent); /* costs some patches that would not have been needed */
        map_init(&writer->sent, free);
    }
    struct taken *taken = xcalloc(1, sizeof(*taken));
    taken->version = version_of_answer(answer);
    digest_of(report->under_way, taken->digest);
    map_put(&writer->sent, report->key, taken);
}

/* The report is over, unless a newer one came in the meantime. */
static void settle(struct report *report, const struct kube_answer *answer)
{
    struct kube_status_writer *writer = report->writer;
    if (answer->failure == KUBE_OK)
        remember(report, answer);
    else
        writer->counts.failed++;
    writer->done(writer->user, report->kind, report->namespace, report->name, answer);
    free(TAKE(report->under_way));
    report->tries = 0;
    kube_backoff_reset(&report->backoff);
    if (report->text != NULL) {
        enqueue(report);
        return;
    }
    AUTO(text) char *key = xstrdup(report->key); /* goes with the report */
    map_remove(&writer->reports, key);
}

static void on_patched(void *user, const struct kube_answer *answer)
{
    struct report *report = user;
    struct kube_status_writer *writer = report->writer;
    report->request = NULL;
    writer->under_way--;
    bool again = kube_failure_may_retry(answer->failure) && ++report->tries < KUBE_STATUS_RETRIES;
    if (again) {
        if (report->text == NULL)
            report->text = TAKE(report->under_way);
        free(TAKE(report->under_way));
        loop_timer_start(report->retry, kube_backoff_next_or(&report->backoff, answer->retry_after_ms));
    } else {
        settle(report, answer);
    }
    pump(writer);
}

static bool send_report(struct report *report)
{
    struct kube_status_writer *writer = report->writer;
    AUTO(text)
    char *path = kube_discovery_path(writer->discovery, report->kind, report->namespace, report->name, "status");
    struct kube_call call = {
        .verb = KUBE_PATCH_MERGE,
        .path = path,
        .body = report->text,
        .body_length = strlen(report->text),
        .done = on_patched,
        .user = report,
    };
    report->request = kube_client_send(writer->client, &call);
    if (report->request == NULL) {
        loop_timer_start(report->retry, kube_backoff_next(&report->backoff));
        return false;
    }
    report->under_way = TAKE(report->text);
    return true;
}

static void pump(struct kube_status_writer *writer)
{
    while (writer->under_way < KUBE_STATUS_UNDER_WAY && writer->first != NULL) {
        struct report *report = writer->first;
        writer->first = report->next;
        if (writer->first == NULL)
            writer->last = NULL;
        if (!send_report(report))
            continue;
        writer->under_way++;
        writer->counts.sent++;
    }
}

static struct report *new_report(struct kube_status_writer *writer, const struct object *object, const char *key)
{
    struct report *report = xcalloc(1, sizeof(*report));
    report->writer = writer;
    report->kind = object->kind;
    report->namespace = xstrdup(object->namespace);
    report->name = xstrdup(object->name);
    report->key = xstrdup(key);
    report->backoff = (struct backoff){.first_ms = KUBE_STATUS_RETRY_FIRST_MS, .last_ms = KUBE_STATUS_RETRY_LAST_MS};
    report->retry = loop_timer_new(kube_client_loop(writer->client), on_retry, report);
    map_put(&writer->reports, key, report);
    return report;
}

/* An object from before our last patch does not say what the server has now; one from after it does. */
static bool changes_nothing(const struct kube_status_writer *writer, const struct object *object, const char *key,
                            const struct json *status, const char *text)
{
    const struct taken *taken = map_find(&writer->sent, key);
    if (taken == NULL || number_of(object->resource_version, strlen(object->resource_version)) > taken->version)
        return is_so_already(object, status);
    char digest[HASH_HEX_SIZE];
    digest_of(text, digest);
    return strcmp(digest, taken->digest) == 0;
}

bool kube_status_write(struct kube_status_writer *writer, const struct object *object, const struct json *status,
                       bool exact)
{
    AUTO(text) char *key = key_of(object->kind, object->namespace, object->name);
    AUTO(text) char *text = patch_text(object, status, exact);
    struct report *report = map_find(&writer->reports, key);
    if (report == NULL && changes_nothing(writer, object, key, status, text)) {
        writer->counts.skipped++;
        return true;
    }
    if (report != NULL && report->under_way != NULL && strcmp(report->under_way, text) == 0) {
        writer->counts.skipped++;
        free(TAKE(report->text)); /* what is under way is the last word again */
        return true;
    }
    if (report != NULL) {
        free(report->text);
        report->text = TAKE(text); /* it is in the queue, waits for a retry, or follows what is under way */
        return true;
    }
    if (writer->reports.count >= KUBE_STATUS_WAITING_MAX)
        return false;
    report = new_report(writer, object, key);
    report->text = TAKE(text);
    enqueue(report);
    pump(writer);
    return true;
}

static void unlink_queued(struct kube_status_writer *writer, struct report *report)
{
    struct report *before = NULL;
    for (struct report *at = writer->first; at != NULL; before = at, at = at->next) {
        if (at != report)
            continue;
        if (before != NULL)
            before->next = at->next;
        else
            writer->first = at->next;
        if (writer->last == at)
            writer->last = before;
        return;
    }
}

void kube_status_forget(struct kube_status_writer *writer, const struct store_kind *kind, const char *namespace,
                        const char *name)
{
    AUTO(text) char *key = key_of(kind, namespace, name);
    struct report *report = map_find(&writer->reports, key);
    map_remove(&writer->sent, key);
    if (report == NULL || report->under_way != NULL)
        return;
    unlink_queued(writer, report);
    map_remove(&writer->reports, key);
}

struct kube_status_counts kube_status_counts(const struct kube_status_writer *writer)
{
    struct kube_status_counts counts = writer->counts;
    counts.waiting = writer->reports.count;
    return counts;
}
