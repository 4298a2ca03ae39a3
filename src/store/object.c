/* One Kubernetes object: its text as received, and what the engine asks for most often parsed out. */
#include "store/object.h"

#include <string.h>

#include "base/json.h"
#include "base/shared_text.h"

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

/* The texts of an object before they are put into its block; borrowed from the tree. */
struct parts {
    const char *namespace, *name, *uid, *resource_version, *creation;
    const struct json *labels;
};

static int take_identity(struct object *object, const struct json *metadata, const char *default_namespace,
                         struct parts *parts, struct err *err)
{
    if (!json_is(metadata, JSON_OBJECT))
        return err_set(err, ERR_INVALID, "%s without metadata", object->kind->kind);
    const char *name = json_find_text(metadata, "name");
    if (name == NULL || name[0] == '\0')
        return err_set(err, ERR_INVALID, "%s without metadata.name", object->kind->kind);
    const char *namespace = text_or(metadata, "namespace", default_namespace != NULL ? default_namespace : "");
    parts->name = name;
    parts->namespace = object->kind->namespaced ? namespace : "";
    parts->uid = text_or(metadata, "uid", "");
    parts->resource_version = text_or(metadata, "resourceVersion", "");
    parts->creation = text_or(metadata, "creationTimestamp", "");
    parts->labels = json_find(metadata, "labels");
    object->generation = json_integer(json_find(metadata, "generation"), 0);
    int rc = check_annotations(json_find(metadata, "annotations"), err);
    return rc != 0 ? rc : check_labels(parts->labels, err);
}

static char *put_text(char **at, const char *text, size_t length)
{
    char *start = *at;
    memcpy(start, text, length);
    start[length] = '\0';
    *at += length + 1;
    return start;
}

/* Everything in one block: a hundred thousand objects cost their texts and little more. */
static void pack(struct object *object, const struct parts *parts, const char *text, size_t length)
{
    const char *const texts[] = {parts->namespace, parts->name, parts->uid, parts->resource_version, parts->creation};
    char **const targets[] = {&object->namespace, &object->name, &object->uid, &object->resource_version,
                              &object->creation};
    size_t total = length + 1, count = json_count(parts->labels);
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        total += strlen(texts[i]) + 1;
    json_each (label, parts->labels)
        total += strlen(json_name(label)) + strlen(json_text(label)) + 2;
    object->labels = xmalloc(count * sizeof(*object->labels) + total);
    char *at = (char *)(object->labels + count);
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        *targets[i] = put_text(&at, texts[i], strlen(texts[i]));
    json_each (label, parts->labels) {
        const char *name = put_text(&at, json_name(label), strlen(json_name(label)));
        const char *value = put_text(&at, json_text(label), strlen(json_text(label)));
        object->labels[object->label_count++] = (struct object_label){name, value};
    }
    if (count > 1)
        qsort(object->labels, count, sizeof(*object->labels), by_label);
    object->text = put_text(&at, text, length);
    object->length = length;
}

static int parse_tree(struct object *object, const struct store_kinds *kinds, struct json *tree, const char *text,
                      size_t length, const char *default_namespace, struct err *err)
{
    const char *api_version = json_find_text(tree, "apiVersion");
    const char *kind = json_find_text(tree, "kind");
    if (api_version == NULL || kind == NULL)
        return err_set(err, ERR_INVALID, "no Kubernetes object: apiVersion and kind are needed");
    object->kind = store_kinds_find_object(kinds, api_version, kind);
    if (object->kind == NULL)
        return err_set(err, ERR_UNSUPPORTED, "no rule reads %s/%s", api_version, kind);
    struct json *metadata = json_find(tree, "metadata");
    struct parts parts = {0};
    int rc = take_identity(object, metadata, default_namespace, &parts, err);
    if (rc != 0)
        return rc;
    bool adds_namespace =
        default_namespace != NULL && object->kind->namespaced && json_find(metadata, "namespace") == NULL;
    if (!adds_namespace && json_find(metadata, "managedFields") == NULL) {
        pack(object, &parts, text, length);
        return 0;
    }
    json_remove(metadata, "managedFields");
    if (adds_namespace && parts.namespace[0] != '\0')
        json_set_text(metadata, "namespace", parts.namespace);
    AUTO(text) char *rewritten = json_print_text(tree);
    pack(object, &parts, rewritten, strlen(rewritten));
    return 0;
}

int object_parse(const struct store_kinds *kinds, const char *text, size_t length, const char *default_namespace,
                 struct object **ret_object, struct err *err)
{
    if (length > OBJECT_BYTES_MAX)
        return err_set(err, ERR_TOO_BIG, "the object has %zu bytes, more than %u", length, OBJECT_BYTES_MAX);
    AUTO(json) struct json *tree = NULL;
    int rc = json_parse(text, length, &tree, err);
    if (rc != 0)
        return rc;
    AUTO(object) struct object *object = xcalloc(1, sizeof(*object));
    object->references = 1;
    object->file = NOWHERE;
    rc = parse_tree(object, kinds, tree, text, length, default_namespace, err);
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
