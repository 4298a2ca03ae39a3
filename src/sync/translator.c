/* The translator thread.  It sleeps on a condition variable, takes everything that waits at once, and posts one delta to the loop. */
#include "sync/translator.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/clock.h"
#include "outbox.h"

/* From a millisecond to a minute, as Kong Ingress Controller has them: 60000 ^ (1 / 29). */
#define WAVE_BUCKETS       30
#define WAVE_BUCKET_FACTOR 1.4613822774

struct change {
    const struct store_kind *kind;
    char *namespace, *name;
    struct object *object; /* NULL: gone */
};

struct sync_translator {
    struct loop *loop;
    struct rules *rules;
    sync_delta_fn *on_delta;
    void *user;
    uint64_t window_ms;
    pthread_t thread;
    /* loop thread */
    struct map
        gathered; /* "kind|namespace/name" -> struct change; into the mailbox when the present callback has returned */
    bool handing_over;
    uint64_t serial, done;

    pthread_mutex_t facts_lock; /* guards `facts`: who asks for them does not wait for a large delta */
    struct sync_translator_facts facts;
    atomic_size_t in_inbox;

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t wake;
    struct map inbox; /* "kind|namespace/name" -> struct change */
    struct json *settings;
    bool complete, stop, posted, first_done;
    uint64_t waiting_serial, translated_serial; /* last change in the mailbox; last one that a wave has seen */
    struct outbox outbox;
};

static void change_free(void *value)
{
    struct change *change = value;
    object_unref(change->object);
    free(change->namespace);
    free(change->name);
    free(change);
}

static void apply_change(struct rules *rules, const struct change *change)
{
    if (change->object != NULL)
        rules_put(rules, object_ref(change->object));
    else
        rules_remove(rules, change->kind, change->namespace, change->name);
}

/* Outside the lock: this is where the time goes. */
static void run_wave(struct sync_translator *translator, struct map *changes, const struct json *settings,
                     struct rules_delta *delta)
{
    if (settings != NULL)
        rules_set_settings(translator->rules, settings);
    struct map_entry *entry;
    for (size_t at = 0; (entry = map_next(changes, &at)) != NULL;)
        apply_change(translator->rules, entry->value);
    map_done(changes);
    rules_run(translator->rules, delta);
}

static void deliver(void *user);

static bool work_waits(const struct sync_translator *translator)
{
    return translator->complete &&
           (translator->inbox.count != 0 || translator->settings != NULL || !translator->first_done);
}

/* Under load, lets changes gather until the window since the last wave has passed. */
static void wait_for_window(struct sync_translator *translator)
{
    uint64_t since = clock_monotonic_ms() - translator->facts.last_wave_ms;
    if (translator->facts.last_wave_ms == 0 || since >= translator->window_ms)
        return;
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    uint64_t nanoseconds = (uint64_t)until.tv_nsec + (translator->window_ms - since) * 1000000;
    until.tv_sec += (time_t)(nanoseconds / 1000000000);
    until.tv_nsec = (long)(nanoseconds % 1000000000);
    while (!translator->stop && pthread_cond_timedwait(&translator->wake, &translator->lock, &until) != ETIMEDOUT)
        ;
}

static void wave_begins(struct sync_translator *translator)
{
    pthread_mutex_lock(&translator->facts_lock);
    translator->facts.running = true;
    translator->facts.running_since_ms = clock_monotonic_ms();
    pthread_mutex_unlock(&translator->facts_lock);
}

static void wave_ended(struct sync_translator *translator, uint64_t took_us)
{
    struct rules_counters counters = rules_counters(translator->rules);
    pthread_mutex_lock(&translator->facts_lock);
    translator->facts.counters = counters;
    translator->facts.wave_us = took_us;
    translator->facts.last_wave_ms = clock_monotonic_ms();
    translator->facts.running = false;
    translator->facts.running_since_ms = 0;
    histogram_add(&translator->facts.waves_ms, (double)took_us / 1000);
    pthread_mutex_unlock(&translator->facts_lock);
}

static void one_wave(struct sync_translator *translator)
{
    struct map changes = translator->inbox;
    map_init(&translator->inbox, change_free);
    struct json *settings = translator->settings;
    translator->settings = NULL;
    uint64_t serial = translator->waiting_serial;
    atomic_store(&translator->in_inbox, 0);
    pthread_mutex_unlock(&translator->lock);
    wave_begins(translator);

    struct rules_delta delta;
    uint64_t start = clock_monotonic_us();
    run_wave(translator, &changes, settings, &delta);
    json_free(settings);
    wave_ended(translator, clock_monotonic_us() - start);

    pthread_mutex_lock(&translator->lock);
    translator->first_done = true;
    translator->translated_serial = serial;
    outbox_add(&translator->outbox, &delta);
    if (!translator->posted) {
        translator->posted = true;
        loop_post(translator->loop, deliver, translator);
    }
}

static void *translate(void *user)
{
    struct sync_translator *translator = user;
    pthread_mutex_lock(&translator->lock);
    while (!translator->stop) {
        if (!work_waits(translator)) {
            pthread_cond_wait(&translator->wake, &translator->lock);
            continue;
        }
        wait_for_window(translator);
        if (!translator->stop)
            one_wave(translator);
    }
    pthread_mutex_unlock(&translator->lock);
    return NULL;
}

/* On the loop thread. */
static void deliver(void *user)
{
    struct sync_translator *translator = user;
    struct rules_delta delta;
    pthread_mutex_lock(&translator->lock);
    bool first = outbox_take(&translator->outbox, &delta);
    translator->posted = false;
    translator->done = translator->translated_serial;
    bool stop = translator->stop;
    pthread_mutex_unlock(&translator->lock);
    if (!stop)
        translator->on_delta(translator->user, &delta, first);
    rules_delta_done(&delta);
}

int sync_translator_start(struct loop *loop, const struct sync_translator_options *options,
                          struct sync_translator **ret_translator, struct err *err)
{
    struct sync_translator *translator = xcalloc(1, sizeof(*translator));
    translator->loop = loop;
    translator->rules = options->rules;
    translator->window_ms = options->coalesce_window_ms;
    translator->on_delta = options->on_delta;
    translator->user = options->user;
    map_init(&translator->inbox, change_free);
    map_init(&translator->gathered, change_free);
    outbox_init(&translator->outbox);
    histogram_init(&translator->facts.waves_ms, 1, WAVE_BUCKET_FACTOR, WAVE_BUCKETS);
    pthread_mutex_init(&translator->lock, NULL);
    pthread_mutex_init(&translator->facts_lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&translator->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&translator->thread, NULL, translate, translator) != 0) {
        rules_free(translator->rules);
        free(translator);
        return err_set(err, ERR_IO, "the translator thread cannot start: %s", strerror(errno));
    }
    *ret_translator = translator;
    return 0;
}

void sync_translator_stop(struct sync_translator *translator)
{
    if (translator == NULL)
        return;
    pthread_mutex_lock(&translator->lock);
    translator->stop = true;
    pthread_cond_signal(&translator->wake);
    pthread_mutex_unlock(&translator->lock);
    pthread_join(translator->thread, NULL);
    while (translator->posted || translator->handing_over) /* the posts hold a pointer to us */
        loop_run_once(translator->loop, true);
    rules_free(translator->rules);
    map_done(&translator->inbox);
    map_done(&translator->gathered);
    json_free(translator->settings);
    outbox_done(&translator->outbox);
    pthread_cond_destroy(&translator->wake);
    pthread_mutex_destroy(&translator->lock);
    pthread_mutex_destroy(&translator->facts_lock);
    free(translator);
}

static void hand_over(void *user)
{
    struct sync_translator *translator = user;
    translator->handing_over = false;
    if (translator->gathered.count == 0)
        return;
    pthread_mutex_lock(&translator->lock);
    struct map_entry *entry;
    for (size_t at = 0; (entry = map_next(&translator->gathered, &at)) != NULL;) {
        map_put(&translator->inbox, entry->key, entry->value);
        map_take(&translator->gathered, entry->key);
    }
    atomic_store(&translator->in_inbox, translator->inbox.count);
    translator->waiting_serial = translator->serial;
    pthread_cond_signal(&translator->wake);
    pthread_mutex_unlock(&translator->lock);
    map_done(&translator->gathered);
    map_init(&translator->gathered, change_free);
}

/* What one callback brings (a folder that was read, a part of a watch) goes into one wave: a plan of a part of it could delete
 * what the brake would hold if it saw the whole. */
static void gather(struct sync_translator *translator, struct change *change)
{
    AUTO(text) char *key = xasprintf("%d|%s/%s", change->kind->index, change->namespace, change->name);
    map_put(&translator->gathered, key, change);
    translator->serial++;
    if (translator->handing_over)
        return;
    translator->handing_over = true;
    loop_post(translator->loop, hand_over, translator);
}

void sync_translator_put(struct sync_translator *translator, struct object *object)
{
    struct change *change = xcalloc(1, sizeof(*change));
    *change = (struct change){object->kind, xstrdup(object->namespace), xstrdup(object->name), object};
    gather(translator, change);
}

void sync_translator_remove(struct sync_translator *translator, const struct store_kind *kind, const char *namespace,
                            const char *name)
{
    struct change *change = xcalloc(1, sizeof(*change));
    *change = (struct change){kind, xstrdup(namespace), xstrdup(name), NULL};
    gather(translator, change);
}

uint64_t sync_translator_serial(const struct sync_translator *translator)
{
    return translator->serial;
}

uint64_t sync_translator_done(const struct sync_translator *translator)
{
    return translator->done;
}

void sync_translator_complete(struct sync_translator *translator)
{
    bool posted = translator->handing_over;
    hand_over(translator);
    translator->handing_over = posted;
    pthread_mutex_lock(&translator->lock);
    translator->complete = true;
    pthread_cond_signal(&translator->wake);
    pthread_mutex_unlock(&translator->lock);
}

void sync_translator_settings(struct sync_translator *translator, const struct json *settings)
{
    pthread_mutex_lock(&translator->lock);
    json_free(translator->settings);
    translator->settings = json_copy(settings);
    pthread_cond_signal(&translator->wake);
    pthread_mutex_unlock(&translator->lock);
}

const struct store_kind *const *sync_translator_kinds(const struct sync_translator *translator)
{
    return rules_kinds(translator->rules);
}

struct store_kinds *sync_translator_kind_table(struct sync_translator *translator)
{
    return rules_kind_table(translator->rules);
}

size_t sync_translator_files(const struct sync_translator *translator, const struct rules_file **ret_files)
{
    return rules_files(translator->rules, ret_files);
}

struct sync_translator_facts sync_translator_facts(struct sync_translator *translator)
{
    pthread_mutex_lock(&translator->facts_lock);
    struct sync_translator_facts facts = translator->facts;
    pthread_mutex_unlock(&translator->facts_lock);
    facts.waiting = atomic_load(&translator->in_inbox) + translator->gathered.count;
    return facts;
}
