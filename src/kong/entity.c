/* Decides the life of a wanted entity and how it is named to people. */
#include "kong/entity.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/shared_text.h"

#define SECRET_KEY_SHOWN 8 /* characters of a hashed key: enough to tell two apart, nothing to guess from */

static bool same_text(const char *left, const char *right)
{
    if (left == NULL || right == NULL)
        return left == right;
    return strcmp(left, right) == 0;
}

struct kong_entity *kong_entity_new(const struct kong_kind *kind)
{
    struct kong_entity *entity = xcalloc(1, sizeof(*entity));
    atomic_init(&entity->references, 1);
    entity->kind = kind;
    return entity;
}

/* Copies a text of `size` bytes, its NUL included, to *block and goes behind it; NULL stays NULL. */
static char *pack(char **block, const char *text, size_t size)
{
    if (text == NULL)
        return NULL;
    char *copy = memcpy(*block, text, size - 1);
    copy[size - 1] = '\0';
    *block += size;
    return copy;
}

/* There are tens of thousands: each text on its own would cost as much for its block as for itself. */
struct kong_entity *kong_entity_make(const struct kong_kind *kind, const struct kong_entity_texts *texts)
{
    size_t key = strlen(texts->key) + 1, id = strlen(texts->id) + 1, foreign[KONG_FOREIGN_MAX];
    size_t total = key + id + texts->length + 1;
    for (size_t i = 0; i < KONG_FOREIGN_MAX; i++) {
        foreign[i] = texts->foreign_keys[i] != NULL ? strlen(texts->foreign_keys[i]) + 1 : 0;
        total += foreign[i];
    }
    struct kong_entity *entity = xmalloc(sizeof(*entity) + total);
    *entity = (struct kong_entity){.kind = kind, .packed = true};
    atomic_init(&entity->references, 1);
    char *block = (char *)(entity + 1);
    entity->key = pack(&block, texts->key, key);
    entity->id = pack(&block, texts->id, id);
    entity->text = pack(&block, texts->text, texts->length + 1);
    for (size_t i = 0; i < KONG_FOREIGN_MAX; i++)
        entity->foreign_keys[i] = pack(&block, texts->foreign_keys[i], foreign[i]);
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
    shared_text_unref(origin->rule);
    shared_text_unref(origin->step);
    shared_text_unref(origin->file);
    shared_text_unref(origin->overrides);
}

static void texts_done(struct kong_entity *entity)
{
    if (entity->packed)
        return;
    free(entity->key);
    free(entity->id);
    free(entity->text);
    for (size_t i = 0; i < KONG_FOREIGN_MAX; i++)
        free(entity->foreign_keys[i]);
}

void kong_entity_unref(struct kong_entity *entity)
{
    if (entity == NULL || atomic_fetch_sub_explicit(&entity->references, 1, memory_order_acq_rel) != 1)
        return;
    texts_done(entity);
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

bool kong_entity_is_principal(const struct kong_entity *entity)
{
    for (size_t i = 0; entity->kind->id == KONG_PLUGIN && i < KONG_FOREIGN_MAX; i++)
        if (entity->foreign_keys[i] != NULL)
            return false;
    return entity->kind->principal;
}

char *kong_entity_title(const struct kong_entity *entity)
{
    if (entity->kind->key_is_secret)
        return xasprintf("%s %.*s…", entity->kind->name, SECRET_KEY_SHOWN, entity->key);
    return xasprintf("%s %s", entity->kind->name, entity->key);
}
