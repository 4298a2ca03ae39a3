/* Lists: page by page, item by item, and when a list can be believed. */
#include <string.h>

#include "base/json.h"
#include "net/http.h"
#include "reflector_inner.h"
#include "slice.h"

#define LIST_ACCEPT_METADATA "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"

static void ask_for_page(struct kube_reflector *reflector);

/* A cluster that was restored from a backup says so again and again, and is believed in the end. */
static bool is_older(struct kube_reflector *reflector, const char *version)
{
    uint64_t number = kube_reflector_number(version);
    if (number == 0 || number >= reflector->highest)
        return false;
    if (reflector->stale_lists < KUBE_STALE_LISTS_MAX)
        return true;
    kube_reflector_forget_versions(reflector);
    return false;
}

/* Before any item is taken: a list from before what we saw would bring back what is gone. */
static int on_begin(void *user, const char *frame, size_t length)
{
    struct kube_reflector *reflector = user;
    struct slice metadata;
    struct slice version;
    char text[REFLECTOR_VERSION_SIZE];
    if (reflector->page != NULL || !kube_slice_member(frame, length, "metadata", &metadata) ||
        !kube_slice_member(metadata.text, metadata.length, "resourceVersion", &version) || version.length < 2 ||
        version.length - 2 >= sizeof(text))
        return 0;
    memcpy(text, version.text + 1, version.length - 2);
    text[version.length - 2] = '\0';
    reflector->list_stale = is_older(reflector, text);
    return reflector->list_stale ? -ERR_GONE : 0;
}

static int on_item(void *user, const char *text, size_t length)
{
    struct kube_reflector *reflector = user;
    if (!kube_reflector_take(reflector, text, length))
        reflector->list_partial = true;
    return 0;
}

static int on_chunk(void *user, const char *data, size_t length)
{
    struct kube_reflector *reflector = user;
    return kube_items_feed(&reflector->items, data, length);
}

static void fail_here(struct kube_reflector *reflector, enum kube_failure failure, const char *reason)
{
    struct err err = ERR_INIT;
    struct kube_answer answer = {.failure = failure, .body = "", .reason = "", .err = &err};
    err_set(&err, ERR_PROTOCOL, "list of %s: %s", reflector->options.kind->id, reason);
    kube_reflector_fail(reflector, STEP_LIST, &answer);
}

static void refuse_stale(struct kube_reflector *reflector)
{
    reflector->stale_lists++;
    fail_here(reflector, KUBE_UNEXPECTED, "it is older than what the server said before");
}

static void take_page(struct kube_reflector *reflector, const struct json *metadata)
{
    const char *version = json_find_text(metadata, "resourceVersion");
    const char *next = json_find_text(metadata, "continue");
    if (version == NULL || version[0] == '\0' || strlen(version) >= sizeof(reflector->list_version)) {
        fail_here(reflector, KUBE_UNEXPECTED, "it has no resourceVersion");
        return;
    }
    if (reflector->page == NULL)
        memcpy(reflector->list_version, version, strlen(version) + 1);
    free(reflector->page);
    reflector->page = next != NULL && next[0] != '\0' ? xstrdup(next) : NULL;
    if (reflector->page != NULL) {
        ask_for_page(reflector);
        return;
    }
    if (is_older(reflector, reflector->list_version)) {
        refuse_stale(reflector);
        return;
    }
    kube_reflector_listed(reflector, reflector->list_version);
    kube_reflector_watch(reflector, false);
}

static void on_done(void *user, const struct kube_answer *answer)
{
    struct kube_reflector *reflector = user;
    reflector->request = NULL;
    if (reflector->list_stale) {
        refuse_stale(reflector);
        return;
    }
    if (answer->failure != KUBE_OK) {
        /* The snapshot that the pages come from was compacted away in the meantime. */
        reflector->unpaged = reflector->unpaged || (answer->failure == KUBE_GONE && reflector->page != NULL);
        kube_reflector_fail(reflector, STEP_LIST, answer);
        return;
    }
    const struct buf *frame = kube_items_frame(&reflector->items);
    AUTO(json) struct json *tree = NULL;
    struct err err = ERR_INIT;
    if (frame == NULL || json_parse(buf_text(frame), frame->length, &tree, &err) != 0)
        fail_here(reflector, KUBE_UNEXPECTED, "it is not whole");
    else
        take_page(reflector, json_find(tree, "metadata"));
}

static void ask_for_page(struct kube_reflector *reflector)
{
    kube_items_done(&reflector->items);
    reflector->items = (struct items_reader){.begin = on_begin, .item = on_item, .user = reflector};
    kube_items_init(&reflector->items, KUBE_LINE_MAX, KUBE_FRAME_MAX);
    AUTO(text) char *path = kube_reflector_path(reflector);
    AUTO(text) char *token = reflector->page != NULL ? http_encode(reflector->page) : NULL;
    AUTO(text) char *limit = reflector->unpaged ? xstrdup("limit=0") : xasprintf("limit=%d", KUBE_PAGE_OBJECTS);
    AUTO(text) char *rest = token != NULL ? xasprintf("%s&continue=%s", limit, token) : xstrdup(limit);
    AUTO(text) char *query = kube_reflector_query(reflector, rest);
    struct kube_call call = {
        .verb = KUBE_GET,
        .path = path,
        .query = query,
        .accept = reflector->options.metadata_only ? LIST_ACCEPT_METADATA : NULL,
        .stream = true,
        .idle_timeout_ms = KUBE_LIST_IDLE_MS,
        .chunk = on_chunk,
        .done = on_done,
        .user = reflector,
    };
    reflector->request = kube_client_send(reflector->options.client, &call);
    if (reflector->request == NULL)
        fail_here(reflector, KUBE_TOO_MANY, "too many requests wait");
}

void kube_reflector_list(struct kube_reflector *reflector)
{
    loop_timer_stop(reflector->quiet);
    loop_timer_stop(reflector->retry);
    reflector->list_number++;
    reflector->list_stale = false;
    reflector->list_partial = false;
    reflector->watch_started_ms = 0;
    free(TAKE(reflector->page));
    /* Pages say their version before their items, which matters as soon as there is something to lose. */
    if (!reflector->stream_refused && reflector->known.count == 0 && reflector->highest == 0)
        kube_reflector_watch(reflector, true);
    else
        ask_for_page(reflector);
}
