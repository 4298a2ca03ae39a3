/* Keeps the records of objects: by kind, in the order of their names. */
#include "tell/census.h"

#include <stdlib.h>
#include <string.h>

#include "census_parts.h"

void census_changed(struct census *census)
{
    if (census->options.changed != NULL)
        census->options.changed(census->options.user);
}

void census_count(struct map *map, const char *key, int by)
{
    uintptr_t count = (uintptr_t)map_find(map, key) + (uintptr_t)by;
    if (count == 0)
        map_take(map, key);
    else
        map_put(map, key, (void *)count);
}

static int by_name(const struct census_object *object, const char *namespace, const char *name)
{
    int order = strcmp(object->namespace, namespace);
    return order != 0 ? order : strcmp(object->name, name);
}

/* Where it is, or would be. */
static size_t place_of(const struct census_objects *objects, const char *namespace, const char *name, bool *ret_there)
{
    size_t low = 0, high = objects->count;
    /* Lists come sorted: most often it is the last one. */
    if (high != 0 && by_name(objects->items[high - 1], namespace, name) < 0)
        low = high;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (by_name(objects->items[middle], namespace, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_there = low < objects->count && by_name(objects->items[low], namespace, name) == 0;
    return low;
}

static void insert(struct census_objects *objects, size_t at, struct census_object *object)
{
    vec_push(objects, object);
    memmove(objects->items + at + 1, objects->items + at, (objects->count - 1 - at) * sizeof(*objects->items));
    objects->items[at] = object;
}

static void take_out(struct census_objects *objects, size_t at)
{
    objects->count--;
    memmove(objects->items + at, objects->items + at + 1, (objects->count - at) * sizeof(*objects->items));
}

static struct census_object *find(struct census *census, const struct store_kind *kind, const char *namespace,
                                  const char *name, bool make)
{
    struct census_objects *objects = &census->kinds[kind->index].objects;
    bool there;
    size_t at = place_of(objects, namespace, name, &there);
    if (there || !make)
        return there ? objects->items[at] : NULL;
    size_t first = strlen(namespace) + 1, second = strlen(name) + 1;
    struct census_object *object =
        xcalloc(1, sizeof(*object) + first + second); /* names stand behind it: lists look at both */
    object->kind = kind;
    object->namespace = memcpy((char *)(object + 1), namespace, first);
    object->name = memcpy(object->namespace + first, name, second);
    object->state = census_state_of_object(census, object);
    insert(objects, at, object);
    census->counts[object->state]++;
    census->kinds[kind->index].counts[object->state]++;
    census_count(&census->namespaces, namespace, 1);
    return object;
}

struct census_object *census_object_of(struct census *census, const struct kong_source *source, bool make)
{
    const struct store_kind *kind = store_kinds_find(census->options.kinds, source->kind);
    return kind != NULL && source->name[0] != '\0' ? find(census, kind, source->namespace, source->name, make) : NULL;
}

static void object_free(struct census_object *object)
{
    object_unref(object->object);
    vec_done(&object->entities);
    vec_done(&object->problems);
    free(object);
}

static void note(struct census *census, struct census_object *object)
{
    if (!object->noted && census->noted.count < CENSUS_CHANGES_MAX) {
        object->noted = true;
        vec_push(&census->noted, object);
    } else if (!object->noted) {
        census->more = true;
    }
    census_changed(census);
}

static bool is_needed(const struct census_object *object)
{
    return object->object != NULL || object->entities.count != 0 || object->problems.count != 0 ||
           object->conditions != 0;
}

static void forget(struct census *census, struct census_object *object)
{
    struct census_objects *objects = &census->kinds[object->kind->index].objects;
    bool there;
    size_t at = place_of(objects, object->namespace, object->name, &there);
    if (!there || objects->items[at] != object)
        return; /* it is out of the list already */
    take_out(objects, at);
    census->counts[object->state]--;
    census->kinds[object->kind->index].counts[object->state]--;
    census_count(&census->namespaces, object->namespace, -1);
}

void census_look(struct census *census, struct census_object *object)
{
    enum census_state state = census_state_of_object(census, object);
    if (state != object->state) {
        census->counts[object->state]--;
        census->kinds[object->kind->index].counts[object->state]--;
        object->state = state;
        census->counts[state]++;
        census->kinds[object->kind->index].counts[state]++;
    }
    note(census, object);
    if (is_needed(object))
        return;
    forget(census, object);
    if (!object->noted) /* else whoever takes the changes is told of it once more */
        object_free(object);
}

void census_put(struct census *census, const struct object *object)
{
    if (census == NULL)
        return;
    struct census_object *record = find(census, object->kind, object->namespace, object->name, true);
    census->kinds[object->kind->index].there += record->object == NULL;
    object_unref(record->object);
    record->object = object_ref((struct object *)object);
    census_look(census, record);
}

void census_gone(struct census *census, const struct store_kind *kind, const char *namespace, const char *name)
{
    struct census_object *record = census != NULL ? find(census, kind, namespace, name, false) : NULL;
    if (record == NULL)
        return;
    census->kinds[kind->index].there -= record->object != NULL;
    object_unref(TAKE(record->object));
    census_look(census, record);
}

void census_said(struct census *census, const struct rules_said *said)
{
    struct census_object *record =
        census != NULL ? census_object_of(census, &said->about, said->condition_count != 0) : NULL;
    if (record == NULL || record->conditions == said->condition_count)
        return;
    record->conditions = (uint32_t)said->condition_count;
    census_look(census, record);
}

static void set_problem(struct census_problems *problems, struct problem *problem, bool stands)
{
    size_t kept = 0;
    for (size_t i = 0; !stands && i < problems->count; i++)
        if (problems->items[i] != problem)
            problems->items[kept++] = problems->items[i];
    if (stands)
        vec_push(problems, problem);
    else
        problems->count = kept;
}

static void set_troubled(struct census *census, struct census_object *object)
{
    struct census_objects *troubled = &census->kinds[object->kind->index].troubled;
    bool there;
    size_t at = place_of(troubled, object->namespace, object->name, &there);
    if (!there && object->problems.count != 0)
        insert(troubled, at, object);
    else if (there && object->problems.count == 0)
        take_out(troubled, at);
}

void census_problem(struct census *census, struct problem *problem, bool stands)
{
    if (census == NULL)
        return;
    struct census_object *record = census_object_of(census, &problem->about, stands);
    set_problem(record != NULL ? &record->problems : &census->loose, problem, stands);
    if (record != NULL) {
        set_troubled(census, record);
        census_look(census, record);
    }
    census_changed(census);
}

void census_unread(struct census *census, const struct store_kind *kind, const char *reason)
{
    char **unread = census != NULL ? &census->kinds[kind->index].unread : NULL;
    if (unread == NULL || (*unread == NULL && reason == NULL))
        return;
    bool same = *unread != NULL && reason != NULL;
    free(*unread);
    *unread = xstrdup(reason);
    if (same)
        return;
    struct census_objects *objects = &census->kinds[kind->index].objects;
    for (size_t i = objects->count; i-- > 0;)
        census_look(census, objects->items[i]);
}

static void set_order(struct census *census)
{
    const struct store_kind *kind;
    for (; (kind = store_kinds_at(census->options.kinds, (int)census->kind_count)) != NULL; census->kind_count++)
        census->order[census->kind_count] = kind->index;
    for (size_t i = 1; i < census->kind_count; i++) {
        int moved = census->order[i];
        size_t at = i;
        for (; at > 0; at--) {
            int before = census->order[at - 1];
            bool ruled = census->kinds[before].has_rule, moved_ruled = census->kinds[moved].has_rule;
            int names = strcmp(store_kinds_at(census->options.kinds, before)->kind,
                               store_kinds_at(census->options.kinds, moved)->kind);
            if (ruled != moved_ruled ? ruled : names <= 0)
                break;
            census->order[at] = before;
        }
        census->order[at] = moved;
    }
}

struct census *census_new(const struct census_options *options)
{
    struct census *census = xcalloc(1, sizeof(*census));
    census->options = *options;
    map_init(&census->files, NULL);
    map_init(&census->rules, NULL);
    map_init(&census->overrides, NULL);
    map_init(&census->namespaces, NULL);
    for (size_t i = 0; i < options->file_count; i++) {
        const struct store_kind *kind = store_kinds_find(options->kinds, options->files[i].target);
        if (kind != NULL && strcmp(options->files[i].verb, "adjusts") != 0)
            census->kinds[kind->index].has_rule = true;
    }
    set_order(census);
    return census;
}

static void bury(struct census *census)
{
    for (size_t i = 0; i < census->dead.count; i++)
        object_free(census->dead.items[i]);
    census->dead.count = 0;
}

void census_free(struct census *census)
{
    if (census == NULL)
        return;
    bury(census);
    for (size_t i = 0; i < census->noted.count; i++)
        if (!is_needed(census->noted.items[i]))
            object_free(census->noted.items[i]);
    for (size_t kind = 0; kind < STORE_KIND_MAX; kind++) {
        for (size_t i = 0; i < census->kinds[kind].objects.count; i++)
            object_free(census->kinds[kind].objects.items[i]);
        vec_done(&census->kinds[kind].objects);
        vec_done(&census->kinds[kind].troubled);
        free(census->kinds[kind].unread);
    }
    for (size_t kind = 0; kind < KONG_KIND_COUNT; kind++) {
        for (size_t i = 0; i < census->entity_kinds[kind].entities.count; i++) {
            struct census_entity *entity = census->entity_kinds[kind].entities.items[i];
            if (entity->entity == NULL)
                free((char *)entity->key);
            kong_entity_unref(entity->entity);
            free(entity->links);
            free(entity);
        }
        vec_done(&census->entity_kinds[kind].entities);
    }
    for (size_t i = census->waiting_at; i < census->waiting.count; i++)
        free(census->waiting.items[i].key);
    vec_done(&census->waiting);
    vec_done(&census->noted);
    vec_done(&census->dead);
    vec_done(&census->loose);
    map_done(&census->files);
    map_done(&census->rules);
    map_done(&census->overrides);
    map_done(&census->namespaces);
    free(census);
}

size_t census_take_changes(struct census *census, struct census_object **ret_objects, bool *ret_more)
{
    size_t count = census->noted.count;
    bury(census);
    for (size_t i = 0; i < count; i++) {
        ret_objects[i] = census->noted.items[i];
        ret_objects[i]->noted = false;
        if (!is_needed(ret_objects[i]))
            vec_push(&census->dead, ret_objects[i]);
    }
    *ret_more = census->more;
    census->noted.count = 0;
    census->more = false;
    return count;
}
