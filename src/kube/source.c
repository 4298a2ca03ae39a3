/* Which reflectors a set of kinds needs, and what state the kinds are in as a whole. */
#include "kube/source.h"

#include <string.h>

struct part {
    struct source_kind *of;
    struct kube_reflector *reflector;
    enum kube_state state;
    char *reason;
};

struct source_kind {
    struct kube_source *source;
    const struct store_kind *kind;
    enum kube_state state; /* as last reported */
    char *reason;          /* the same */
    bool synced_once;
    struct part *parts;
    size_t count;
};

struct kube_source {
    struct kube_source_options options; /* only what later calls need: client, table, events */
    struct kube_discovery *discovery;
    struct source_kind *kinds;
    size_t count;
};

/* Which state of a part tells most about the whole. */
static int gravity(enum kube_state state)
{
    static const int order[] = {[KUBE_SYNCED] = 0, [KUBE_STARTING] = 1, [KUBE_WAITING] = 2, [KUBE_FROZEN] = 3};
    return order[state];
}

static const struct part *worst_part(const struct source_kind *kind)
{
    const struct part *worst = &kind->parts[0];
    for (size_t i = 1; i < kind->count; i++) {
        if (gravity(kind->parts[i].state) > gravity(worst->state))
            worst = &kind->parts[i];
    }
    return worst;
}

static void on_state(void *user, const struct store_kind *row, enum kube_state state, const char *reason)
{
    struct part *part = user;
    struct source_kind *kind = part->of;
    const struct kube_events *events = &kind->source->options.events;
    part->state = state;
    free(part->reason);
    part->reason = xstrdup(reason);
    const struct part *worst = worst_part(kind);
    if (worst->state == kind->state && strcmp(worst->reason, kind->reason) == 0)
        return;
    kind->state = worst->state;
    free(kind->reason);
    kind->reason = xstrdup(worst->reason);
    kind->synced_once = kind->synced_once || worst->state == KUBE_SYNCED;
    events->state(events->user, row, worst->state, worst->reason);
}

static void on_object(void *user, struct object *object)
{
    const struct part *part = user;
    const struct kube_events *events = &part->of->source->options.events;
    events->object(events->user, object);
}

static void on_gone(void *user, const struct store_kind *kind, const char *namespace, const char *name)
{
    const struct part *part = user;
    const struct kube_events *events = &part->of->source->options.events;
    events->gone(events->user, kind, namespace, name);
}

static void on_bad(void *user, const struct store_kind *kind, const char *namespace, const char *name,
                   const struct err *why)
{
    const struct part *part = user;
    const struct kube_events *events = &part->of->source->options.events;
    events->bad(events->user, kind, namespace, name, why);
}

static size_t count_of(const char *const *texts)
{
    size_t count = 0;
    while (texts != NULL && texts[count] != NULL)
        count++;
    return count;
}

static void start_part(struct kube_source *source, const struct kube_source_options *options, struct part *part,
                       const char *namespace)
{
    const struct store_kind *kind = part->of->kind;
    void *user = options->events.user;
    struct kube_reflector_options reflector = {
        .client = options->client,
        .discovery = source->discovery,
        .kinds = options->table,
        .kind = kind,
        .namespace = namespace,
        .label_selector = options->label_selector != NULL ? options->label_selector(user, kind) : NULL,
        .paged_lists = options->paged_lists,
        .metadata_only = options->metadata_only != NULL && options->metadata_only(user, kind),
        .relist_ms = options->relist_ms,
        .events = {on_object, on_gone, on_bad, on_state, part},
    };
    part->reason = xstrdup("");
    part->reflector = kube_reflector_new(&reflector);
}

static void start_kind(struct kube_source *source, const struct kube_source_options *options, struct source_kind *kind,
                       const struct store_kind *row)
{
    size_t namespaces = row->namespaced ? count_of(options->namespaces) : 0;
    *kind = (struct source_kind){.source = source, .kind = row, .count = namespaces > 0 ? namespaces : 1};
    kind->parts = xcalloc(kind->count, sizeof(*kind->parts));
    kind->reason = xstrdup("");
    for (size_t i = 0; i < kind->count; i++) {
        kind->parts[i].of = kind;
        start_part(source, options, &kind->parts[i], namespaces > 0 ? options->namespaces[i] : NULL);
    }
}

int kube_source_new(const struct kube_source_options *options, struct kube_source **ret_source, struct err *err)
{
    size_t namespaces = count_of(options->namespaces);
    size_t kinds = 0;
    size_t reflectors = 0;
    for (; options->kinds[kinds] != NULL; kinds++)
        reflectors += options->kinds[kinds]->namespaced && namespaces > 0 ? namespaces : 1;
    if (reflectors > KUBE_REFLECTORS_MAX)
        return err_set(err, ERR_TOO_BIG, "%zu kinds in %zu namespaces need %zu watches, more than %d", kinds,
                       namespaces, reflectors, KUBE_REFLECTORS_MAX);
    struct kube_source *source = xcalloc(1, sizeof(*source));
    source->options = *options;
    source->discovery = kube_discovery_new(options->client, options->table);
    source->kinds = xcalloc(kinds, sizeof(*source->kinds));
    source->count = kinds;
    for (size_t i = 0; i < kinds; i++)
        start_kind(source, options, &source->kinds[i], options->kinds[i]);
    *ret_source = source;
    return 0;
}

void kube_source_free(struct kube_source *source)
{
    if (source == NULL)
        return;
    for (size_t i = 0; i < source->count; i++) {
        for (size_t j = 0; j < source->kinds[i].count; j++) {
            kube_reflector_free(source->kinds[i].parts[j].reflector);
            free(source->kinds[i].parts[j].reason);
        }
        free(source->kinds[i].parts);
        free(source->kinds[i].reason);
    }
    kube_discovery_free(source->discovery);
    free(source->kinds);
    free(source);
}

struct kube_discovery *kube_source_discovery(struct kube_source *source)
{
    return source->discovery;
}

size_t kube_source_count(const struct kube_source *source)
{
    return source->count;
}

static uint64_t later(uint64_t left, uint64_t right)
{
    return left > right ? left : right;
}

struct kube_source_status kube_source_status(const struct kube_source *source, size_t index)
{
    const struct source_kind *kind = &source->kinds[index];
    const struct part *worst = worst_part(kind);
    struct kube_source_status status = {.kind = kind->kind, .reflectors = (int)kind->count};
    struct kube_reflector_status *total = &status.total;
    for (size_t i = 0; i < kind->count; i++) {
        struct kube_reflector_status part = kube_reflector_status(kind->parts[i].reflector);
        total->objects += part.objects;
        total->events += part.events;
        total->bad += part.bad;
        total->lists += part.lists;
        total->watches += part.watches;
        total->errors += part.errors;
        total->last_event_ms = later(total->last_event_ms, part.last_event_ms);
        total->last_list_ms = later(total->last_list_ms, part.last_list_ms);
    }
    total->state = worst->state;
    total->reason = worst->reason;
    total->synced_once = kind->synced_once;
    return status;
}

bool kube_source_ready(const struct kube_source *source, const struct store_kind **ret_missing)
{
    for (size_t i = 0; i < source->count; i++) {
        const struct source_kind *kind = &source->kinds[i];
        if (kind->synced_once || worst_part(kind)->state == KUBE_WAITING)
            continue;
        if (ret_missing != NULL)
            *ret_missing = kind->kind;
        return false;
    }
    return true;
}

bool kube_source_lacks(const struct kube_source *source, const struct store_kind *kind, const char *namespace,
                       const char *name)
{
    for (size_t i = 0; i < source->count; i++) {
        const struct source_kind *row = &source->kinds[i];
        for (size_t j = 0; row->kind == kind && j < row->count; j++)
            if (kube_reflector_lacks(row->parts[j].reflector, namespace, name))
                return true;
    }
    return false;
}
