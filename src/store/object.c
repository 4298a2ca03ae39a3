/* One Kubernetes object: its text as received, and what the engine asks for most often parsed out. */
#include "store/object.h"

#include <string.h>

#include "base/json.h"
#include "base/shared_text.h"
#include "object_parts.h"

#define WORD_MAX 300 /* of an apiVersion or a kind that is read without a tree */

static const char NOWHERE[] = "";

static const char *text_or(const struct json *object, const char *name, const char *otherwise)
{
    const char *text = json_find_text(object, name);
    return text != NULL ? text : otherwise;
}

static int by_label(const void *left, const void *right)
{
    return strcmp(((const struct object_label *)left)->name, ((const struct object_label *)right)->name);
}

static int check_labels(const struct json *labels, struct err *err)
{
    if (labels != NULL && !json_is(labels, JSON_OBJECT) && !json_is(labels, JSON_NULL))
        return err_set(err, ERR_INVALID, "metadata.labels: expected a mapping");
    json_each (label, labels) {
        if (json_text(label) == NULL)
            return err_set(err, ERR_INVALID, "metadata.labels.%s: expected a string", json_name(label));
    }
    return 0;
}

/* Annotations are read by every rule, so a wrong type is found here, once, with the field's name. */
static int check_annotations(const struct json *annotations, struct err *err)
{
    if (annotations != NULL && !json_is(annotations, JSON_OBJECT) && !json_is(annotations, JSON_NULL))
        return err_set(err, ERR_INVALID, "metadata.annotations: expected a mapping");
    json_each (annotation, annotations) {
        if (json_text(annotation) == NULL)
            return err_set(err, ERR_INVALID, "metadata.annotations.%s: expected a string (quote the value)",
                           json_name(annotation));
    }
    return 0;
}

/* A name like no or 1 is no text unless it is quoted. */
static int check_text(const struct json *metadata, const char *name, struct err *err)
{
    const struct json *value = json_find(metadata, name);
    if (value == NULL || json_is(value, JSON_NULL) || json_text(value) != NULL)
        return 0;
    return err_set(err, ERR_INVALID, "metadata.%s: expected a string (quote the value)", name);
}

static struct json_span span_of(const char *text)
{
    return (struct json_span){text, strlen(text)};
}

static int take_identity(struct object *object, const struct json *metadata, const char *default_namespace,
                         struct object_parts *parts, struct err *err)
{
    if (!json_is(metadata, JSON_OBJECT))
        return err_set(err, ERR_INVALID, "%s without metadata", object->kind->kind);
    int rc = check_text(metadata, "name", err);
    if (rc == 0)
        rc = check_text(metadata, "namespace", err);
    if (rc != 0)
        return rc;
    const char *name = json_find_text(metadata, "name");
    if (name == NULL || name[0] == '\0')
        return err_set(err, ERR_INVALID, "%s without metadata.name", object->kind->kind);
    parts->name = span_of(name);
    const char *namespace = text_or(metadata, "namespace", "");
    parts->namespace = span_of(namespace[0] == '\0' && default_namespace != NULL ? default_namespace : namespace);
    parts->uid = span_of(text_or(metadata, "uid", ""));
    parts->resource_version = span_of(text_or(metadata, "resourceVersion", ""));
    parts->creation = span_of(text_or(metadata, "creationTimestamp", ""));
    parts->generation = json_integer(json_find(metadata, "generation"), 0);
    const struct json *labels = json_find(metadata, "labels");
    rc = check_annotations(json_find(metadata, "annotations"), err);
    if (rc == 0)
        rc = check_labels(labels, err);
    if (rc != 0)
        return rc;
    json_each (label, labels) {
        struct object_part_label part = {span_of(json_name(label)), span_of(json_text(label))};
        vec_push(&parts->labels, part);
    }
    return 0;
}

static char *put_text(char **at, struct json_span text)
{
    char *start = *at;
    if (text.length != 0)
        memcpy(start, text.text, text.length);
    start[text.length] = '\0';
    *at += text.length + 1;
    return start;
}

/* Everything in one block: a hundred thousand objects cost their texts and little more.  The text comes in pieces, between
 * which something may have been left out. */
static void pack(struct object *object, const struct object_parts *parts, struct json_span head,
                 struct json_span middle, struct json_span tail)
{
    static const struct json_span nothing = {"", 0};
    const struct json_span texts[] = {object->kind->namespaced ? parts->namespace : nothing, parts->name, parts->uid,
                                      parts->resource_version, parts->creation};
    char **const targets[] = {&object->namespace, &object->name, &object->uid, &object->resource_version,
                              &object->creation};
    size_t total = head.length + middle.length + tail.length + 1, count = parts->labels.count;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        total += texts[i].length + 1;
    for (size_t i = 0; i < count; i++)
        total += parts->labels.items[i].name.length + parts->labels.items[i].value.length + 2;
    object->labels = xmalloc(count * sizeof(*object->labels) + total);
    char *at = (char *)(object->labels + count);
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        *targets[i] = put_text(&at, texts[i]);
    for (size_t i = 0; i < count; i++) {
        const char *name = put_text(&at, parts->labels.items[i].name);
        const char *value = put_text(&at, parts->labels.items[i].value);
        object->labels[object->label_count++] = (struct object_label){name, value};
    }
    if (count > 1)
        qsort(object->labels, count, sizeof(*object->labels), by_label);
    object->text = put_text(&at, head);
    at--;
    put_text(&at, middle);
    at--;
    put_text(&at, tail);
    object->length = head.length + middle.length + tail.length;
    object->generation = parts->generation;
}

static int find_kind(struct object *object, const struct store_kinds *kinds, const char *api_version, const char *kind,
                     struct err *err)
{
    object->kind = store_kinds_find_object(kinds, api_version, kind);
    if (object->kind == NULL)
        return err_set(err, ERR_UNSUPPORTED, "no rule reads %s/%s", api_version, kind);
    return 0;
}

static int parse_tree(struct object *object, const struct store_kinds *kinds, struct json *tree, struct json_span text,
                      const char *default_namespace, struct object_parts *parts, struct err *err)
{
    const char *api_version = json_find_text(tree, "apiVersion");
    const char *kind = json_find_text(tree, "kind");
    if (api_version == NULL || kind == NULL)
        return err_set(err, ERR_INVALID, "no Kubernetes object: apiVersion and kind are needed");
    struct json *metadata = json_find(tree, "metadata");
    int rc = find_kind(object, kinds, api_version, kind, err);
    if (rc == 0)
        rc = take_identity(object, metadata, default_namespace, parts, err);
    if (rc != 0)
        return rc;
    const char *namespace = text_or(metadata, "namespace", "");
    bool adds_namespace = default_namespace != NULL && object->kind->namespaced && namespace[0] == '\0';
    bool loses_namespace = !object->kind->namespaced && namespace[0] != '\0';
    if (!adds_namespace && !loses_namespace && json_find(metadata, "managedFields") == NULL) {
        pack(object, parts, text, span_of(""), span_of(""));
        return 0;
    }
    json_remove(metadata, "managedFields");
    if (adds_namespace)
        json_set_text(metadata, "namespace", default_namespace);
    else if (loses_namespace)
        json_remove(metadata, "namespace");
    AUTO(text) char *rewritten = json_print_text(tree);
    pack(object, parts, span_of(rewritten), span_of(""), span_of(""));
    return 0;
}

static int parse_by_tree(struct object *object, const struct store_kinds *kinds, struct json_span text,
                         const char *default_namespace, struct err *err)
{
    AUTO(json) struct json *tree = NULL;
    struct object_parts parts = {0};
    int rc = json_parse(text.text, text.length, &tree, err);
    if (rc == 0)
        rc = parse_tree(object, kinds, tree, text, default_namespace, &parts, err);
    object_parts_done(&parts);
    return rc;
}

/* The part of `text` in front of `span`, and the part behind it. */
static void cut(struct json_span text, struct json_span span, struct json_span *ret_head, struct json_span *ret_tail)
{
    const char *end = text.text + text.length;
    *ret_head = (struct json_span){text.text, span.text != NULL ? (size_t)(span.text - text.text) : text.length};
    const char *rest = span.text != NULL ? span.text + span.length : end;
    *ret_tail = (struct json_span){rest, (size_t)(end - rest)};
}

/* The namespace goes in as the first member of the metadata, which have a name at least. */
static void pack_with_namespace(struct object *object, struct object_parts *parts, struct json_span text,
                                const char *namespace)
{
    struct json_span head, tail;
    cut(text, (struct json_span){parts->metadata.text + 1, 0}, &head, &tail);
    AUTO(buf) struct buf member = BUF_OWN;
    buf_append_text(&member, "\"namespace\":");
    json_print_string(namespace, strlen(namespace), &member);
    buf_append_char(&member, ',');
    parts->namespace = span_of(namespace);
    pack(object, parts, head, (struct json_span){buf_text(&member), member.length}, tail);
}

static void pack_plain(struct object *object, struct object_parts *parts, struct json_span text,
                       const char *default_namespace)
{
    struct json_span head, tail;
    if (object->kind->namespaced && default_namespace != NULL && parts->namespace.text == NULL) {
        pack_with_namespace(object, parts, text, default_namespace);
        return;
    }
    cut(text, parts->managed_fields, &head, &tail);
    pack(object, parts, head, span_of(""), tail);
}

/* What is told of the namespace has to be put into the text, or out of it, in a way that only a tree shows. */
static bool needs_tree(const struct object *object, const struct object_parts *parts, const char *default_namespace)
{
    if (!object->kind->namespaced)
        return parts->namespace.length != 0;
    return default_namespace != NULL &&
           (parts->namespace.text != NULL ? parts->namespace.length == 0 : parts->managed_fields.text != NULL);
}

/* True when the object was plain enough to be read without a tree; else nothing has been decided. */
static bool parse_plain(struct object *object, const struct store_kinds *kinds, struct json_span text,
                        const char *default_namespace, int *ret_rc, struct err *err)
{
    char api_version[WORD_MAX], kind[WORD_MAX];
    struct object_parts parts = {0};
    bool plain = object_parts_scan(&parts, text.text, text.length) && parts.api_version.length < WORD_MAX &&
                 parts.kind.length < WORD_MAX;
    if (plain) {
        char *at = api_version;
        put_text(&at, parts.api_version);
        at = kind;
        put_text(&at, parts.kind);
        *ret_rc = find_kind(object, kinds, api_version, kind, err);
        plain = *ret_rc != 0 || !needs_tree(object, &parts, default_namespace);
    }
    if (plain && *ret_rc == 0)
        pack_plain(object, &parts, text, default_namespace);
    object_parts_done(&parts);
    return plain;
}

static struct object *new_object(void)
{
    struct object *object = xcalloc(1, sizeof(*object));
    object->references = 1;
    object->file = NOWHERE;
    return object;
}

struct object *object_of_checked(const struct store_kind *kind, struct json_span text, struct json_span metadata,
                                 const char *default_namespace)
{
    if (text.length > OBJECT_BYTES_MAX)
        return NULL;
    AUTO(object) struct object *object = new_object();
    struct object_parts parts = {0};
    object->kind = kind;
    bool plain = object_parts_scan_metadata(&parts, text, metadata) && !needs_tree(object, &parts, default_namespace);
    if (plain)
        pack_plain(object, &parts, text, default_namespace);
    object_parts_done(&parts);
    return plain ? TAKE(object) : NULL;
}

int object_parse(const struct store_kinds *kinds, const char *text, size_t length, const char *default_namespace,
                 struct object **ret_object, struct err *err)
{
    if (length > OBJECT_BYTES_MAX)
        return err_set(err, ERR_TOO_BIG, "the object has %zu bytes, more than %u", length, OBJECT_BYTES_MAX);
    AUTO(object) struct object *object = new_object();
    struct json_span span = {text, length};
    int rc = 0;
    if (!parse_plain(object, kinds, span, default_namespace, &rc, err))
        rc = parse_by_tree(object, kinds, span, default_namespace, err);
    if (rc != 0)
        return rc;
    *ret_object = TAKE(object);
    return 0;
}

void object_set_place(struct object *object, const char *file, int line)
{
    if (object->file != NOWHERE)
        shared_text_unref(object->file);
    object->file = shared_text_ref(file);
    object->line = line;
}

struct object *object_ref(struct object *object)
{
    atomic_fetch_add(&object->references, 1);
    return object;
}

void object_unref(struct object *object)
{
    if (object == NULL || atomic_fetch_sub(&object->references, 1) != 1)
        return;
    free(object->labels); /* all other texts stand behind them */
    if (object->file != NOWHERE)
        shared_text_unref(object->file);
    free(object);
}

const char *object_label(const struct object *object, const char *name)
{
    for (size_t i = 0; i < object->label_count; i++) {
        if (strcmp(object->labels[i].name, name) == 0)
            return object->labels[i].value;
    }
    return NULL;
}
