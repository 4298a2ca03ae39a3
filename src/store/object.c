/* One Kubernetes object: its text as received, and what the engine asks for most often parsed out. */
#include "store/object.h"

#include <string.h>

#include "base/json.h"

static const char *text_or(const struct json *object, const char *name, const char *otherwise)
{
    const char *text = json_find_text(object, name);
    return text != NULL ? text : otherwise;
}

static int by_label(const void *left, const void *right)
{
    return strcmp(((const struct object_label *)left)->name, ((const struct object_label *)right)->name);
}

static int take_labels(struct object *object, const struct json *labels, struct err *err)
{
    size_t count = json_count(labels);
    object->labels = xcalloc(count, sizeof(*object->labels));
    json_each (label, labels) {
        if (json_text(label) == NULL)
            return err_set(err, ERR_INVALID, "metadata.labels.%s: expected a string", json_name(label));
        object->labels[object->label_count++] =
            (struct object_label){xstrdup(json_name(label)), xstrdup(json_text(label))};
    }
    qsort(object->labels, object->label_count, sizeof(*object->labels), by_label);
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

static int take_identity(struct object *object, const struct json *metadata, const char *default_namespace,
                         struct err *err)
{
    if (!json_is(metadata, JSON_OBJECT))
        return err_set(err, ERR_INVALID, "%s without metadata", object->kind->kind);
    const char *name = json_find_text(metadata, "name");
    if (name == NULL || name[0] == '\0')
        return err_set(err, ERR_INVALID, "%s without metadata.name", object->kind->kind);
    const char *namespace = text_or(metadata, "namespace", default_namespace != NULL ? default_namespace : "");
    object->name = xstrdup(name);
    object->namespace = xstrdup(object->kind->namespaced ? namespace : "");
    object->uid = xstrdup(text_or(metadata, "uid", ""));
    object->resource_version = xstrdup(text_or(metadata, "resourceVersion", ""));
    object->creation = xstrdup(text_or(metadata, "creationTimestamp", ""));
    object->generation = json_integer(json_find(metadata, "generation"), 0);
    int rc = check_annotations(json_find(metadata, "annotations"), err);
    return rc != 0 ? rc : take_labels(object, json_find(metadata, "labels"), err);
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
    int rc = take_identity(object, metadata, default_namespace, err);
    if (rc != 0)
        return rc;
    bool rewrite = json_find(metadata, "managedFields") != NULL ||
                   (default_namespace != NULL && object->kind->namespaced && json_find(metadata, "namespace") == NULL);
    if (!rewrite) {
        object->text = xstrndup(text, length);
        object->length = length;
        return 0;
    }
    json_remove(metadata, "managedFields");
    if (object->namespace[0] != '\0')
        json_set_text(metadata, "namespace", object->namespace);
    object->text = json_print_text(tree);
    object->length = strlen(object->text);
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
    object->file = xstrdup("");
    rc = parse_tree(object, kinds, tree, text, length, default_namespace, err);
    if (rc != 0)
        return rc;
    *ret_object = TAKE(object);
    return 0;
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
    for (size_t i = 0; i < object->label_count; i++) {
        free((char *)object->labels[i].name);
        free((char *)object->labels[i].value);
    }
    free(object->labels);
    free(object->namespace);
    free(object->name);
    free(object->uid);
    free(object->resource_version);
    free(object->creation);
    free(object->text);
    free(object->file);
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
