/* Whether a kind is served: one document per group and version, read for all who ask at the same time. */
#include "kube/discovery.h"

#include <string.h>

#include "base/json.h"

#define DISCOVERY_QUEUE_FULL_MS 1000

/* A request for /apis/{group}/{version}. */
struct document {
    struct kube_discovery *discovery;
    struct document *next;
    char *path;
    struct kube_request *request;
    struct kube_question *questions;
};

struct kube_question {
    struct kube_question *next;
    struct document *document;
    const struct store_kind *kind;
    int attempt; /* position in the list of versions */
    char version[64];
    kube_discovery_fn *answer;
    void *user;
};

struct kube_discovery {
    struct kube_client *client;
    struct store_kinds *kinds;
    struct document *documents;
    struct loop_timer *later; /* for what the client had no place for */
    struct kube_resource *learned[STORE_KIND_MAX];
};

static void on_document(void *user, const struct kube_answer *answer);

static void send_documents(void *user)
{
    struct kube_discovery *discovery = user;
    for (struct document *document = discovery->documents; document != NULL; document = document->next) {
        if (document->request != NULL)
            continue;
        struct kube_call call = {.verb = KUBE_GET, .path = document->path, .done = on_document, .user = document};
        document->request = kube_client_send(discovery->client, &call);
        if (document->request == NULL)
            loop_timer_start(discovery->later, DISCOVERY_QUEUE_FULL_MS);
    }
}

struct kube_discovery *kube_discovery_new(struct kube_client *client, struct store_kinds *kinds)
{
    struct kube_discovery *discovery = xcalloc(1, sizeof(*discovery));
    discovery->client = client;
    discovery->kinds = kinds;
    discovery->later = loop_timer_new(kube_client_loop(client), send_documents, discovery);
    return discovery;
}

static void document_free(struct document *document)
{
    kube_client_cancel(document->request);
    while (document->questions != NULL) {
        struct kube_question *question = document->questions;
        document->questions = question->next;
        free(question);
    }
    free(document->path);
    free(document);
}

static void unlink_document(struct document *document)
{
    struct document **link = &document->discovery->documents;
    while (*link != document)
        link = &(*link)->next;
    *link = document->next;
}

void kube_discovery_free(struct kube_discovery *discovery)
{
    if (discovery == NULL)
        return;
    while (discovery->documents != NULL) {
        struct document *document = discovery->documents;
        discovery->documents = document->next;
        document_free(document);
    }
    for (int i = 0; i < STORE_KIND_MAX; i++)
        free(discovery->learned[i]);
    loop_timer_free(discovery->later);
    free(discovery);
}

/* The n-th of the row's versions; false past the end. */
static bool version_at(const struct store_kind *kind, int position, char ret_version[64])
{
    const char *from = position == 0 ? kind->version : kind->also;
    for (int i = 1; i < position && *from != '\0'; i++) {
        from += strcspn(from, ",");
        from += *from == ',';
    }
    size_t length = strcspn(from, ",");
    if (length == 0 || length >= 64)
        return false;
    memcpy(ret_version, from, length);
    ret_version[length] = '\0';
    return true;
}

static void ask_document(struct kube_discovery *discovery, struct kube_question *question)
{
    const char *group = question->kind->group;
    AUTO(text)
    char *path =
        group[0] == '\0' ? xasprintf("/api/%s", question->version) : xasprintf("/apis/%s/%s", group, question->version);
    struct document *document = discovery->documents;
    while (document != NULL && strcmp(document->path, path) != 0)
        document = document->next;
    if (document == NULL) {
        document = xcalloc(1, sizeof(*document));
        document->discovery = discovery;
        document->path = TAKE(path);
        document->next = discovery->documents;
        discovery->documents = document;
        send_documents(discovery);
    }
    question->document = document;
    question->next = document->questions;
    document->questions = question;
}

struct kube_question *kube_discovery_ask(struct kube_discovery *discovery, const struct store_kind *kind,
                                         kube_discovery_fn *answer, void *user)
{
    struct kube_question *question = xcalloc(1, sizeof(*question));
    question->kind = kind;
    question->answer = answer;
    question->user = user;
    version_at(kind, 0, question->version);
    ask_document(discovery, question);
    return question;
}

void kube_discovery_cancel(struct kube_question *question)
{
    if (question == NULL)
        return;
    struct kube_question **link = &question->document->questions;
    while (*link != question)
        link = &(*link)->next;
    *link = question->next;
    free(question);
}

static bool has_verb(const struct json *row, const char *wanted)
{
    json_each (verb, json_find(row, "verbs")) {
        if (json_text(verb) != NULL && strcmp(json_text(verb), wanted) == 0)
            return true;
    }
    return false;
}

static bool find_resource(const struct json *document, const char *kind, struct kube_resource *ret_resource)
{
    json_each (row, json_find(document, "resources")) {
        const char *name = json_find_text(row, "name");
        const char *present = json_find_text(row, "kind");
        if (name == NULL || present == NULL || strcmp(present, kind) != 0 || strchr(name, '/') != NULL ||
            strlen(name) >= sizeof(ret_resource->plural))
            continue;
        *ret_resource = (struct kube_resource){
            .namespaced = json_truth(json_find(row, "namespaced"), false),
            .leaving = !has_verb(row, "create") && has_verb(row, "delete"),
        };
        memcpy(ret_resource->plural, name, strlen(name) + 1);
        return true;
    }
    return false;
}

static void learn(struct kube_discovery *discovery, const struct store_kind *kind, const struct kube_resource *resource)
{
    struct kube_resource **known = &discovery->learned[kind->index];
    if (*known == NULL)
        *known = xmalloc(sizeof(**known));
    **known = *resource;
    /* Once: other threads may read the row later on. */
    if (kind->plural == NULL)
        store_kinds_learn(discovery->kinds, kind, resource->plural, resource->namespaced);
}

static void settle(struct kube_discovery *discovery, struct kube_question *question, const struct json *document,
                   const struct kube_answer *answer)
{
    struct kube_resource resource = {0};
    enum kube_served served = KUBE_SERVED_UNKNOWN;
    if (document != NULL && find_resource(document, question->kind->kind, &resource)) {
        memcpy(resource.version, question->version, sizeof(resource.version));
        learn(discovery, question->kind, &resource);
        served = KUBE_SERVED;
    } else if (document != NULL || answer->failure == KUBE_NOT_FOUND) {
        if (version_at(question->kind, ++question->attempt, question->version)) {
            ask_document(discovery, question);
            return;
        }
        served = KUBE_NOT_SERVED;
    }
    struct kube_question done = *question;
    free(question);
    done.answer(done.user, served, served == KUBE_SERVED ? &resource : NULL,
                served == KUBE_SERVED_UNKNOWN ? answer : NULL);
}

static void on_document(void *user, const struct kube_answer *answer)
{
    struct document *document = user;
    AUTO(json) struct json *tree = NULL;
    struct err err = ERR_INIT;
    struct kube_answer unread = *answer;
    if (answer->failure == KUBE_OK && json_parse(answer->body, answer->length, &tree, &err) == 0 &&
        !json_is(json_find(tree, "resources"), JSON_ARRAY))
        err_set(&err, ERR_PARSE, "there is no list of resources");
    if (err.code != 0) {
        err_wrap(&err, "GET %s", document->path);
        unread.failure = KUBE_UNEXPECTED;
        unread.err = &err;
    }
    unlink_document(document);
    document->request = NULL;
    while (document->questions != NULL) {
        struct kube_question *question = document->questions;
        document->questions = question->next;
        settle(document->discovery, question, err.code == 0 ? tree : NULL, &unread);
    }
    document_free(document);
}

const struct kube_resource *kube_discovery_find(const struct kube_discovery *discovery, const struct store_kind *kind)
{
    return discovery->learned[kind->index];
}

char *kube_discovery_path(const struct kube_discovery *discovery, const struct store_kind *kind, const char *namespace,
                          const char *name, const char *subresource)
{
    const struct kube_resource *known = kube_discovery_find(discovery, kind);
    const char *version = known != NULL ? known->version : kind->version;
    const char *plural = known != NULL ? known->plural : kind->plural;
    return kube_path(kind->group, version, plural != NULL ? plural : "", namespace, name, subresource);
}
