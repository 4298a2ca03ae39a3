/* Decides the life of a wanted entity and how it is named to people. */
#include "kong/entity.h"

#include "base/alloc.h"
#include "base/buf.h"

#define SECRET_KEY_SHOWN 8 /* characters of a hashed key: enough to tell two apart, nothing to guess from */

static bool same_text(const char *left, const char *right)
{
    if (left == NULL || right == NULL)
        return left == right;
    return strcmp(left, right) == 0;
}

void kong_source_copy(struct kong_source *target, const struct kong_source *source)
{
    target->kind = xstrdup(source->kind != NULL ? source->kind : "");
    target->namespace = xstrdup(source->namespace != NULL ? source->namespace : "");
    target->name = xstrdup(source->name != NULL ? source->name : "");
    target->uid = xstrdup(source->uid != NULL ? source->uid : "");
}

void kong_source_done(struct kong_source *source)
{
    free(source->kind);
    free(source->namespace);
    free(source->name);
    free(source->uid);
    *source = (struct kong_source){0};
}

char *kong_source_title(const struct kong_source *source)
{
    const char *slash = strrchr(source->kind, '/');
    const char *kind = slash != NULL ? slash + 1 : source->kind;
    if (source->namespace[0] == '\0')
        return xasprintf("%s %s", kind, source->name);
    return xasprintf("%s %s/%s", kind, source->namespace, source->name);
}

struct kong_entity *kong_entity_new(const struct kong_kind *kind)
{
    struct kong_entity *entity = xcalloc(1, sizeof(*entity));
    atomic_init(&entity->references, 1);
    entity->kind = kind;
    return entity;
}

struct kong_entity *kong_entity_ref(struct kong_entity *entity)
{
    atomic_fetch_add_explicit(&entity->references, 1, memory_order_relaxed);
    return entity;
}

static void origin_done(struct kong_origin *origin)
{
    for (size_t i = 0; i < origin->source_count; i++)
        kong_source_done(&origin->sources[i]);
    free(origin->sources);
    free(origin->rule);
    free(origin->step);
    free(origin->file);
    free(origin->overrides);
}

void kong_entity_unref(struct kong_entity *entity)
{
    if (entity == NULL || atomic_fetch_sub_explicit(&entity->references, 1, memory_order_acq_rel) != 1)
        return;
    free(entity->key);
    free(entity->id);
    free(entity->text);
    for (size_t i = 0; i < KONG_FOREIGN_MAX; i++)
        free(entity->foreign_keys[i]);
    for (size_t i = 0; i < entity->guard_count; i++)
        free(entity->guards[i]);
    free(entity->guards);
    origin_done(&entity->origin);
    free(entity);
}

bool kong_entity_equal(const struct kong_entity *left, const struct kong_entity *right)
{
    if (left == right)
        return true;
    if (left->kind != right->kind || left->guard_count != right->guard_count || !same_text(left->key, right->key) ||
        !same_text(left->id, right->id) || !same_text(left->text, right->text))
        return false;
    for (size_t i = 0; i < KONG_FOREIGN_MAX; i++)
        if (!same_text(left->foreign_keys[i], right->foreign_keys[i]))
            return false;
    for (size_t i = 0; i < left->guard_count; i++)
        if (strcmp(left->guards[i], right->guards[i]) != 0)
            return false;
    return true;
}

char *kong_entity_title(const struct kong_entity *entity)
{
    if (entity->kind->key_is_secret)
        return xasprintf("%s %.*s…", entity->kind->name, SECRET_KEY_SHOWN, entity->key);
    return xasprintf("%s %s", entity->kind->name, entity->key);
}
