/* Which objects are new, which are old news, which are gone, and which only seem so. */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "reflector_inner.h"
#include "slice.h"

struct identity {
    char *namespace; /* "" when cluster-scoped */
    char *name;
    char *key;
    uint64_t version; /* 0: not a number */
    struct slice version_text;
};

/* Names and versions have no escapes; what has some is no name. */
static char *plain_text(struct slice value)
{
    if (value.length < 2 || value.text[0] != '"' || memchr(value.text, '\\', value.length) != NULL)
        return NULL;
    return xstrndup(value.text + 1, value.length - 2);
}

static void identity_done(struct identity *identity)
{
    free(identity->namespace);
    free(identity->name);
    free(identity->key);
}

static bool identity_read(const struct kube_reflector *reflector, const char *text, size_t length,
                          struct identity *ret_identity)
{
    struct slice metadata;
    struct slice value = {"", 0};
    *ret_identity = (struct identity){0};
    if (!kube_slice_member(text, length, "metadata", &metadata) ||
        !kube_slice_member(metadata.text, metadata.length, "name", &value))
        return false;
    struct identity identity = {.name = plain_text(value)};
    if (reflector->resource.namespaced && kube_slice_member(metadata.text, metadata.length, "namespace", &value))
        identity.namespace = plain_text(value);
    if (identity.namespace == NULL)
        identity.namespace = xstrdup("");
    if (kube_slice_member(metadata.text, metadata.length, "resourceVersion", &value)) {
        AUTO(text) char *version = plain_text(value);
        identity.version = version != NULL ? kube_reflector_number(version) : 0;
        identity.version_text = (struct slice){value.text + 1, version != NULL ? strlen(version) : 0};
    }
    if (identity.name == NULL || identity.name[0] == '\0') {
        identity_done(&identity);
        return false;
    }
    identity.key = xasprintf("%s/%s", identity.namespace, identity.name);
    *ret_identity = identity;
    return true;
}

void kube_reflector_saw(struct kube_reflector *reflector, const char *version, size_t length)
{
    if (length == 0 || length >= sizeof(reflector->version))
        return;
    char text[REFLECTOR_VERSION_SIZE];
    memcpy(text, version, length);
    text[length] = '\0';
    uint64_t number = kube_reflector_number(text);
    if (number != 0 && number < reflector->highest)
        return;
    reflector->highest = number;
    memcpy(reflector->version, text, length + 1);
}

/* Items of a list have neither apiVersion nor kind, and metadata alone calls itself something else. */
static int complete(const struct kube_reflector *reflector, const char *text, size_t length, struct buf *out,
                    struct err *err)
{
    const struct store_kind *kind = reflector->options.kind;
    const char *group = kind->group;
    AUTO(text) char *api_version = xasprintf("%s%s%s", group, group[0] != '\0' ? "/" : "", reflector->resource.version);
    if (reflector->options.metadata_only) {
        AUTO(json) struct json *tree = NULL;
        int rc = json_parse(text, length, &tree, err);
        if (rc != 0)
            return rc;
        json_set_text(tree, "apiVersion", api_version);
        json_set_text(tree, "kind", kind->kind);
        json_print(tree, out);
        return 0;
    }
    struct slice present;
    bool has_version = kube_slice_member(text, length, "apiVersion", &present);
    bool has_kind = kube_slice_member(text, length, "kind", &present);
    if (has_version && has_kind)
        return buf_append(out, text, length);
    struct slice first = {text + 1, length - 1}; /* it begins with '{' and has members */
    if (!has_version)
        buf_printf(out, "{\"apiVersion\":\"%s\",", api_version);
    else
        buf_append_char(out, '{');
    if (!has_kind)
        buf_printf(out, "\"kind\":\"%s\",", kind->kind);
    return buf_append(out, first.text, first.length);
}

static int parse(const struct kube_reflector *reflector, const char *text, size_t length, struct object **ret_object,
                 struct err *err)
{
    AUTO(object) struct object *object = NULL;
    struct buf whole = BUF_INIT(KUBE_LINE_MAX + 1024);
    int rc = complete(reflector, text, length, &whole, err);
    if (rc == 0)
        rc = object_parse(reflector->options.kinds, buf_text(&whole), whole.length, NULL, &object, err);
    buf_done(&whole);
    if (rc == 0 && object->kind != reflector->options.kind)
        rc = err_set(err, ERR_INVALID, "the server sent a %s for a %s", object->kind->id, reflector->options.kind->id);
    if (rc == 0)
        *ret_object = TAKE(object);
    return rc;
}

static struct known_object *know(struct kube_reflector *reflector, const char *key)
{
    struct known_object *known = map_find(&reflector->known, key);
    if (known == NULL) {
        known = xcalloc(1, sizeof(*known));
        map_put(&reflector->known, key, known);
    }
    return known;
}

static void report_bad(struct kube_reflector *reflector, const char *namespace, const char *name, const struct err *err)
{
    const struct kube_events *events = &reflector->options.events;
    reflector->status.bad++;
    events->bad(events->user, reflector->options.kind, namespace, name, err);
}

static void deliver(struct kube_reflector *reflector, const struct identity *identity, const char *text, size_t length)
{
    const struct kube_events *events = &reflector->options.events;
    struct object *object = NULL;
    struct err err = ERR_INIT;
    reflector->status.events++;
    reflector->status.last_event_ms = clock_monotonic_ms();
    if (parse(reflector, text, length, &object, &err) == 0)
        events->object(events->user, object);
    else
        report_bad(reflector, identity->namespace, identity->name, &err);
}

/* A watch moves on from version to version: what it adds from before was removed in the meantime. */
static bool comes_too_late(const struct kube_reflector *reflector, const struct identity *identity)
{
    bool watching = reflector->watch_started_ms != 0 && !reflector->stream_listing;
    return watching && identity->version != 0 && identity->version <= reflector->highest;
}

bool kube_reflector_take(struct kube_reflector *reflector, const char *text, size_t length)
{
    struct identity identity;
    if (!identity_read(reflector, text, length, &identity)) {
        struct err err = ERR_INIT;
        err_set(&err, ERR_PARSE, "an object without a name");
        report_bad(reflector, "", "", &err);
        return false;
    }
    bool is_new = map_find(&reflector->known, identity.key) == NULL;
    if (is_new && comes_too_late(reflector, &identity)) {
        identity_done(&identity);
        return true;
    }
    struct known_object *known = know(reflector, identity.key);
    known->list = reflector->list_number;
    map_remove(&reflector->held, identity.key);
    /* Equal: nothing new since.  Older: a server that lags behind the one that we had. */
    if (is_new || identity.version == 0 || identity.version > known->version) {
        known->version = identity.version;
        deliver(reflector, &identity, text, length);
    }
    if (reflector->watch_started_ms != 0)
        kube_reflector_saw(reflector, identity.version_text.text, identity.version_text.length);
    identity_done(&identity);
    return true;
}

/* A kind that has a definition of its own (CRD): all but the groups that are built in. */
static bool is_defined(const struct store_kind *kind)
{
    static const char suffix[] = ".k8s.io";
    const char *dot = strchr(kind->group, '.');
    return dot != NULL && strcmp(dot, suffix) != 0;
}

static void report_gone(struct kube_reflector *reflector, const char *key)
{
    const struct kube_events *events = &reflector->options.events;
    AUTO(text) char *copy = xstrdup(key); /* the key goes with the entry */
    map_remove(&reflector->known, key);
    char *slash = strchr(copy, '/');
    *slash = '\0';
    reflector->status.events++;
    reflector->status.last_event_ms = clock_monotonic_ms();
    events->gone(events->user, reflector->options.kind, copy, slash + 1);
}

/* Removing a definition deletes all its objects first: those deletions are not what anybody asked for one by one. */
static void drop(struct kube_reflector *reflector, const char *key)
{
    if (!is_defined(reflector->options.kind)) {
        report_gone(reflector, key);
        return;
    }
    map_put(&reflector->held, key, reflector);
    if (!loop_timer_running(reflector->hold) && reflector->hold_question == NULL)
        loop_timer_start(reflector->hold, KUBE_GONE_HOLD_MS);
}

bool kube_reflector_take_deleted(struct kube_reflector *reflector, const char *text, size_t length)
{
    struct identity identity;
    if (!identity_read(reflector, text, length, &identity))
        return false;
    const struct known_object *known = map_find(&reflector->known, identity.key);
    bool old_news = known != NULL && identity.version != 0 && identity.version < known->version;
    if (known != NULL && !old_news)
        drop(reflector, identity.key);
    kube_reflector_saw(reflector, identity.version_text.text, identity.version_text.length);
    identity_done(&identity);
    return true;
}

void kube_reflector_forget_versions(struct kube_reflector *reflector)
{
    struct map_entry *entry;
    for (size_t i = 0; (entry = map_next(&reflector->known, &i)) != NULL;)
        ((struct known_object *)entry->value)->version = 0;
    reflector->highest = 0;
}

static void sweep(struct kube_reflector *reflector)
{
    struct map_entry **entries = map_sorted(&reflector->known);
    size_t count = reflector->known.count;
    for (size_t i = 0; i < count; i++) {
        const struct known_object *known = entries[i]->value;
        if (known->list != reflector->list_number)
            drop(reflector, entries[i]->key);
    }
    free(entries);
}

static void flush_held(struct kube_reflector *reflector)
{
    struct map_entry **entries = map_sorted(&reflector->held);
    size_t count = reflector->held.count;
    for (size_t i = 0; i < count; i++)
        report_gone(reflector, entries[i]->key);
    free(entries);
}

static void forget_held(struct kube_reflector *reflector)
{
    map_done(&reflector->held);
    map_init(&reflector->held, NULL);
}

static void on_held_answer(void *user, enum kube_served served, const struct kube_resource *resource,
                           const struct kube_answer *answer)
{
    struct kube_reflector *reflector = user;
    reflector->hold_question = NULL;
    if (served == KUBE_SERVED_UNKNOWN) {
        loop_timer_start(reflector->hold, REFLECTOR_HOLD_AGAIN_MS);
        return;
    }
    if (served == KUBE_SERVED && !resource->leaving) {
        flush_held(reflector);
        forget_held(reflector);
        return;
    }
    /* They stay known: the list that follows the definition's return decides. */
    forget_held(reflector);
    kube_client_cancel(TAKE(reflector->request));
    kube_discovery_cancel(TAKE(reflector->question));
    reflector->watch_started_ms = 0;
    kube_reflector_absent(reflector, "the kind's definition was removed");
}

void kube_reflector_on_hold(void *user)
{
    struct kube_reflector *reflector = user;
    if (reflector->held.count > 0)
        reflector->hold_question =
            kube_discovery_ask(reflector->options.discovery, reflector->options.kind, on_held_answer, reflector);
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
        sweep(reflector);
    reflector->status.synced_once = true;
    kube_reflector_set_state(reflector, KUBE_SYNCED, "");
    if (reflector->options.relist_ms != 0)
        loop_timer_start(reflector->relist, reflector->options.relist_ms);
}
