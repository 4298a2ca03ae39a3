/* Objects by kind, namespace and name, with an index for every label pair. */
#include "store/store.h"

#include <string.h>

#include "base/map.h"
#include "base/vec.h"

struct shelf {
    struct map objects; /* "namespace\0name" -> struct object, which it owns a reference to */
    struct map labels;  /* "label\0value" and "label" -> struct map of "namespace\0name" -> struct object, borrowed */
};

struct store {
    const struct store_kinds *kinds;
    struct shelf *shelves[STORE_KIND_MAX];
    size_t count;
};

static void label_index_free(void *value)
{
    map_done(value);
    free(value);
}

struct store *store_new(const struct store_kinds *kinds)
{
    struct store *store = xcalloc(1, sizeof(*store));
    store->kinds = kinds;
    return store;
}

static void unref_object(void *value)
{
    object_unref(value);
}

void store_free(struct store *store)
{
    if (store == NULL)
        return;
    for (size_t i = 0; i < STORE_KIND_MAX; i++) {
        if (store->shelves[i] == NULL)
            continue;
        map_done(&store->shelves[i]->labels);
        map_done(&store->shelves[i]->objects);
        free(store->shelves[i]);
    }
    free(store);
}

static struct shelf *shelf_of(struct store *store, const struct store_kind *kind)
{
    struct shelf *shelf = store->shelves[kind->index];
    if (shelf == NULL) {
        shelf = xcalloc(1, sizeof(*shelf));
        map_init(&shelf->objects, unref_object);
        map_init(&shelf->labels, label_index_free);
        store->shelves[kind->index] = shelf;
    }
    return shelf;
}

/* Two texts with a NUL between them, which neither can hold: names from files may hold anything else.  Kubernetes names are at most 253
 * characters; longer ones cost an allocation. */
static char *object_key(char *small, size_t small_size, const char *namespace, const char *name, size_t *ret_length)
{
    size_t namespace_length = strlen(namespace), name_length = strlen(name);
    size_t length = namespace_length + 1 + name_length;
    char *key = length < small_size ? small : xmalloc(length + 1);
    memcpy(key, namespace, namespace_length + 1);
    memcpy(key + namespace_length + 1, name, name_length + 1);
    *ret_length = length;
    return key;
}

static void index_one(struct shelf *shelf, const char *label, size_t label_length, const char *key, size_t key_length,
                      struct object *object, bool add)
{
    struct map *members = map_find_bytes(&shelf->labels, label, label_length);
    if (members == NULL) {
        if (!add)
            return;
        members = xcalloc(1, sizeof(*members));
        map_put_bytes(&shelf->labels, label, label_length, members);
    }
    if (add) {
        map_put_bytes(members, key, key_length, object);
        return;
    }
    map_take_bytes(members, key, key_length);
    if (members->count == 0)
        label_index_free(map_take_bytes(&shelf->labels, label, label_length));
}

static void index_labels(struct shelf *shelf, const char *key, size_t key_length, struct object *object, bool add)
{
    for (size_t i = 0; i < object->label_count; i++) {
        const struct object_label *label = &object->labels[i];
        char small[600];
        size_t length;
        char *pair = object_key(small, sizeof(small), label->name, label->value, &length);
        index_one(shelf, pair, length, key, key_length, object, add);
        index_one(shelf, label->name, strlen(label->name), key, key_length, object, add);
        if (pair != small)
            free(pair);
    }
}

struct object *store_take(struct store *store, const struct store_kind *kind, const char *namespace, const char *name)
{
    struct shelf *shelf = shelf_of(store, kind);
    char small[600];
    size_t length;
    char *key = object_key(small, sizeof(small), namespace, name, &length);
    struct object *old = map_find_bytes(&shelf->objects, key, length);
    if (old != NULL) {
        index_labels(shelf, key, length, old, false);
        map_take_bytes(&shelf->objects, key, length);
        store->count--;
    }
    if (key != small)
        free(key);
    return old;
}

struct object *store_put(struct store *store, struct object *object)
{
    struct object *old = store_take(store, object->kind, object->namespace, object->name);
    struct shelf *shelf = shelf_of(store, object->kind);
    char small[600];
    size_t length;
    char *key = object_key(small, sizeof(small), object->namespace, object->name, &length);
    map_put_bytes(&shelf->objects, key, length, object);
    index_labels(shelf, key, length, object, true);
    store->count++;
    if (key != small)
        free(key);
    return old;
}

struct object *store_find(const struct store *store, const struct store_kind *kind, const char *namespace,
                          const char *name)
{
    const struct shelf *shelf = store->shelves[kind->index];
    if (shelf == NULL)
        return NULL;
    char small[600];
    size_t length;
    char *key = object_key(small, sizeof(small), namespace, name, &length);
    struct object *object = map_find_bytes(&shelf->objects, key, length);
    if (key != small)
        free(key);
    return object;
}

static int by_name(const void *left, const void *right)
{
    const struct object *a = *(struct object *const *)left;
    const struct object *b = *(struct object *const *)right;
    int order = strcmp(a->namespace, b->namespace);
    return order != 0 ? order : strcmp(a->name, b->name);
}

struct object **store_list(const struct store *store, const struct store_kind *kind, const char *namespace,
                           const char *label, const char *value, size_t *ret_count)
{
    struct {
        VEC(struct object *);
    } found = {0};
    const struct shelf *shelf = store->shelves[kind->index];
    const struct map *members = shelf != NULL ? &shelf->objects : NULL;
    if (members != NULL && label != NULL) {
        char small[600];
        size_t length = strlen(label);
        char *pair = value != NULL ? object_key(small, sizeof(small), label, value, &length) : NULL;
        members = map_find_bytes(&shelf->labels, pair != NULL ? pair : label, length);
        if (pair != small)
            free(pair);
    }
    struct map_entry *entry;
    for (size_t i = 0; members != NULL && (entry = map_next(members, &i)) != NULL;) {
        struct object *object = entry->value;
        if (namespace == NULL || strcmp(object->namespace, namespace) == 0)
            vec_push(&found, object);
    }
    if (found.count > 1)
        qsort(found.items, found.count, sizeof(*found.items), by_name);
    *ret_count = found.count;
    return found.items;
}

size_t store_count(const struct store *store, const struct store_kind *kind)
{
    if (kind == NULL)
        return store->count;
    return store->shelves[kind->index] != NULL ? store->shelves[kind->index]->objects.count : 0;
}
