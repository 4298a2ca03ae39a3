/* Which Event is written, which raises a count, and which is dropped. */
#include "kube/event.h"

#include <string.h>

#include "backoff.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/map.h"

#define EVENT_NAME_MAX   200 /* of an Event's name, the object's part */
#define EVENT_REASON_MAX 128
#define EVENT_RETRIES    4

/* One piece of news; known for KUBE_EVENT_MEMORY_MS. */
struct news {
    struct news *older, *newer; /* by last use */
    struct news *next_in_queue;
    bool queued;
    struct kube_event event; /* texts are ours */
    char *key;
    char *name;   /* of the Event; NULL until the server has it */
    double first; /* wall clock */
    double last;
    uint64_t used_ms;
    uint64_t count;
    uint64_t written; /* the count that the server has */
};

struct kube_recorder {
    struct kube_client *client;
    char *component;
    char *instance;
    struct map memory; /* key -> news */
    struct news *oldest, *newest;
    struct news *first, *last; /* queue */
    struct news *current;      /* its request is under way */
    struct kube_request *request;
    struct loop_timer *timer;
    struct backoff backoff;
    int tries;
    double tokens;
    uint64_t tokens_ms;
    struct kube_event_counts counts;
};

static void send_next(void *user);

static void news_free(struct news *news)
{
    const char *texts[] = {news->event.api_version, news->event.kind,   news->event.namespace,
                           news->event.name,        news->event.uid,    news->event.resource_version,
                           news->event.reason,      news->event.message};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        free((char *)texts[i]);
    free(news->key);
    free(news->name);
    free(news);
}

/* At most `limit` bytes, without half a character at the end. */
static char *cut(const char *text, size_t limit)
{
    size_t length = strlen(text);
    if (length <= limit)
        return xstrdup(text);
    length = limit;
    while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
        length--;
    return xstrndup(text, length);
}

static void unlink_memory(struct kube_recorder *recorder, struct news *news)
{
    if (news->older != NULL)
        news->older->newer = news->newer;
    else
        recorder->oldest = news->newer;
    if (news->newer != NULL)
        news->newer->older = news->older;
    else
        recorder->newest = news->older;
    news->older = news->newer = NULL;
}

static void link_newest(struct kube_recorder *recorder, struct news *news)
{
    news->used_ms = clock_monotonic_ms();
    news->older = recorder->newest;
    if (recorder->newest != NULL)
        recorder->newest->newer = news;
    else
        recorder->oldest = news;
    recorder->newest = news;
}

static void forget(struct kube_recorder *recorder, struct news *news)
{
    map_take(&recorder->memory, news->key);
    unlink_memory(recorder, news);
    news_free(news);
}

/* Old news, and the oldest when there are too many; what is still to be written stays. */
static void forget_old(struct kube_recorder *recorder)
{
    uint64_t now = clock_monotonic_ms();
    struct news *next;
    for (struct news *news = recorder->oldest; news != NULL; news = next) {
        next = news->newer;
        bool expired = now - news->used_ms > KUBE_EVENT_MEMORY_MS;
        if (!expired && recorder->memory.count < KUBE_EVENT_MEMORY_MAX)
            return;
        if (!news->queued && news != recorder->current)
            forget(recorder, news);
    }
}

static char *key_of(const struct kube_event *event)
{
    char digest[HASH_HEX_SIZE];
    AUTO(text)
    char *whole = xasprintf("%s\n%s\n%s\n%s\n%s\n%d\n%s\n%s", event->api_version, event->kind, event->namespace,
                            event->name, event->uid, event->warning, event->reason, event->message);
    hash_sha256_hex(whole, strlen(whole), digest);
    return xstrdup(digest);
}

static struct news *new_news(struct kube_recorder *recorder, const struct kube_event *event, char *key)
{
    struct news *news = xcalloc(1, sizeof(*news));
    news->key = key;
    news->first = clock_wall();
    news->event = (struct kube_event){
        .api_version = xstrdup(event->api_version),
        .kind = xstrdup(event->kind),
        .namespace = xstrdup(event->namespace),
        .name = xstrdup(event->name),
        .uid = xstrdup(event->uid),
        .resource_version = xstrdup(event->resource_version),
        .warning = event->warning,
        .reason = cut(event->reason, EVENT_REASON_MAX),
        .message = cut(event->message, KUBE_EVENT_MESSAGE_MAX),
    };
    map_put(&recorder->memory, news->key, news);
    return news;
}

static void enqueue(struct kube_recorder *recorder, struct news *news)
{
    if (news->queued)
        return;
    news->queued = true;
    news->next_in_queue = NULL;
    if (recorder->last != NULL)
        recorder->last->next_in_queue = news;
    else
        recorder->first = news;
    recorder->last = news;
    recorder->counts.waiting++;
}

void kube_event_write(struct kube_recorder *recorder, const struct kube_event *event)
{
    forget_old(recorder);
    AUTO(text) char *key = key_of(event);
    struct news *news = map_find(&recorder->memory, key);
    bool is_waiting = news != NULL && (news->queued || news == recorder->current);
    if (!is_waiting && recorder->counts.waiting >= KUBE_EVENT_QUEUE_MAX) {
        recorder->counts.dropped++;
        return;
    }
    if (news == NULL)
        news = new_news(recorder, event, TAKE(key));
    else
        unlink_memory(recorder, news);
    link_newest(recorder, news);
    news->last = clock_wall();
    news->count++;
    if (news != recorder->current)
        enqueue(recorder, news);
    if (recorder->current == NULL && !loop_timer_running(recorder->timer))
        loop_timer_start(recorder->timer, 0);
}

static const char *home_of(const struct kube_event *event)
{
    return event->namespace[0] != '\0' ? event->namespace : "default";
}

static struct json *object_of(const struct kube_event *event)
{
    struct json *object = json_new_object();
    json_set_text(object, "apiVersion", event->api_version);
    json_set_text(object, "kind", event->kind);
    json_set_text(object, "name", event->name);
    if (event->namespace[0] != '\0')
        json_set_text(object, "namespace", event->namespace);
    if (event->uid[0] != '\0')
        json_set_text(object, "uid", event->uid);
    if (event->resource_version[0] != '\0')
        json_set_text(object, "resourceVersion", event->resource_version);
    return object;
}

static void set_counts(struct json *body, const struct news *news)
{
    char last[CLOCK_TEXT_SIZE];
    clock_format(news->last, last);
    json_set_number(body, "count", (double)news->count);
    json_set_text(body, "lastTimestamp", last);
}

static struct json *whole_event(const struct kube_recorder *recorder, const struct news *news)
{
    const struct kube_event *event = &news->event;
    char first[CLOCK_TEXT_SIZE];
    char unique[HASH_UUID_SIZE];
    clock_format(news->first, first);
    hash_uuid4(unique);
    AUTO(text) char *stem = cut(event->name, EVENT_NAME_MAX);
    AUTO(text) char *name = xasprintf("%s.%.8s%.4s", stem, unique, unique + 9);
    struct json *body = json_new_object();
    struct json *metadata = json_new_object();
    struct json *source = json_new_object();
    json_set_text(metadata, "name", name);
    json_set_text(metadata, "namespace", home_of(event));
    json_set_text(source, "component", recorder->component);
    json_set_text(body, "apiVersion", "v1");
    json_set_text(body, "kind", "Event");
    json_set(body, "metadata", metadata);
    json_set(body, "involvedObject", object_of(event));
    json_set_text(body, "type", event->warning ? "Warning" : "Normal");
    json_set_text(body, "reason", event->reason);
    json_set_text(body, "message", event->message);
    json_set(body, "source", source);
    json_set_text(body, "reportingComponent", recorder->component);
    json_set_text(body, "reportingInstance", recorder->instance);
    json_set_text(body, "firstTimestamp", first);
    set_counts(body, news);
    return body;
}

static void finish_current(struct kube_recorder *recorder)
{
    struct news *news = TAKE(recorder->current);
    recorder->counts.waiting--;
    recorder->tries = 0;
    kube_backoff_reset(&recorder->backoff);
    if (news->count > news->written)
        enqueue(recorder, news);
    loop_timer_start(recorder->timer, 0);
}

static void take_written(struct kube_recorder *recorder, struct news *news, const struct kube_answer *answer)
{
    if (news->name != NULL) {
        recorder->counts.repeated++;
        return;
    }
    AUTO(json) struct json *tree = NULL;
    struct err err = ERR_INIT;
    recorder->counts.created++;
    if (json_parse(answer->body, answer->length, &tree, &err) == 0)
        news->name = xstrdup(json_text(json_find_path(tree, "metadata.name")));
}

static void on_written(void *user, const struct kube_answer *answer)
{
    struct kube_recorder *recorder = user;
    struct news *news = recorder->current;
    recorder->request = NULL;
    if (answer->failure == KUBE_OK) {
        take_written(recorder, news, answer);
        finish_current(recorder);
    } else if (answer->failure == KUBE_NOT_FOUND && news->name != NULL) {
        free(TAKE(news->name)); /* Events live for an hour: begin anew */
        news->written = 0;
        loop_timer_start(recorder->timer, 0);
    } else if (kube_failure_may_retry(answer->failure) && ++recorder->tries < EVENT_RETRIES) {
        news->written = 0;
        loop_timer_start(recorder->timer, kube_backoff_next_or(&recorder->backoff, answer->retry_after_ms));
    } else {
        recorder->counts.refused++;
        finish_current(recorder);
    }
}

static void send_current(struct kube_recorder *recorder)
{
    struct news *news = recorder->current;
    bool repeats = news->name != NULL;
    AUTO(json) struct json *body = repeats ? json_new_object() : whole_event(recorder, news);
    if (repeats)
        set_counts(body, news);
    AUTO(text) char *text = json_print_text(body);
    AUTO(text) char *path = kube_path("", "v1", "events", home_of(&news->event), news->name, NULL);
    struct kube_call call = {
        .verb = repeats ? KUBE_PATCH_MERGE : KUBE_CREATE,
        .path = path,
        .body = text,
        .body_length = strlen(text),
        .done = on_written,
        .user = recorder,
    };
    news->written = news->count;
    recorder->request = kube_client_send(recorder->client, &call);
    if (recorder->request == NULL)
        loop_timer_start(recorder->timer, kube_backoff_next(&recorder->backoff));
}

/* 0 when one may be sent now, else how long to wait. */
static uint64_t take_token(struct kube_recorder *recorder)
{
    uint64_t now = clock_monotonic_ms();
    recorder->tokens += (double)(now - recorder->tokens_ms) / KUBE_EVENT_EVERY_MS;
    recorder->tokens_ms = now;
    if (recorder->tokens > KUBE_EVENT_BURST)
        recorder->tokens = KUBE_EVENT_BURST;
    if (recorder->tokens < 1)
        return KUBE_EVENT_EVERY_MS;
    recorder->tokens -= 1;
    return 0;
}

static void send_next(void *user)
{
    struct kube_recorder *recorder = user;
    if (recorder->request != NULL || (recorder->current == NULL && recorder->first == NULL))
        return;
    uint64_t wait = take_token(recorder);
    if (wait != 0) {
        loop_timer_start(recorder->timer, wait);
        return;
    }
    if (recorder->current == NULL) {
        struct news *news = recorder->first;
        recorder->first = news->next_in_queue;
        if (recorder->first == NULL)
            recorder->last = NULL;
        news->queued = false;
        recorder->current = news;
    }
    send_current(recorder);
}

struct kube_recorder *kube_recorder_new(struct kube_client *client, const char *component, const char *instance)
{
    struct kube_recorder *recorder = xcalloc(1, sizeof(*recorder));
    recorder->client = client;
    recorder->component = xstrdup(component);
    recorder->instance = xstrdup(instance);
    recorder->backoff = (struct backoff){.first_ms = 1000, .last_ms = 30000};
    recorder->tokens = KUBE_EVENT_BURST;
    recorder->tokens_ms = clock_monotonic_ms();
    recorder->timer = loop_timer_new(kube_client_loop(client), send_next, recorder);
    map_init(&recorder->memory, NULL);
    return recorder;
}

void kube_recorder_free(struct kube_recorder *recorder)
{
    if (recorder == NULL)
        return;
    kube_client_cancel(recorder->request);
    while (recorder->oldest != NULL)
        forget(recorder, recorder->oldest);
    map_done(&recorder->memory);
    loop_timer_free(recorder->timer);
    free(recorder->component);
    free(recorder->instance);
    free(recorder);
}

struct kube_event_counts kube_event_counts(const struct kube_recorder *recorder)
{
    return recorder->counts;
}
