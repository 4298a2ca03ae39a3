/* What can be read of a census. */
#include <string.h>

#include "census_parts.h"

bool census_kind(const struct census *census, size_t ordinal, const struct store_kind **ret_kind,
                 struct census_object *const **ret_objects, size_t *ret_count)
{
    if (ordinal >= census->kind_count)
        return false;
    int index = census->order[ordinal];
    *ret_kind = store_kinds_at(census->options.kinds, index);
    *ret_objects = census->kinds[index].objects.items;
    *ret_count = census->kinds[index].objects.count;
    return true;
}

void census_troubled(const struct census *census, const struct store_kind *kind,
                     struct census_object *const **ret_objects, size_t *ret_count)
{
    *ret_objects = census->kinds[kind->index].troubled.items;
    *ret_count = census->kinds[kind->index].troubled.count;
}

bool census_entity_kind(const struct census *census, size_t ordinal, const struct kong_kind **ret_kind,
                        struct census_entity *const **ret_entities, size_t *ret_count)
{
    if (ordinal >= KONG_KIND_COUNT)
        return false;
    *ret_kind = kong_kind_get((enum kong_kind_id)ordinal);
    *ret_entities = census->entity_kinds[ordinal].entities.items;
    *ret_count = census->entity_kinds[ordinal].entities.count;
    return true;
}

struct census_object *census_find(const struct census *census, const char *kind, const char *namespace,
                                  const char *name)
{
    const struct kong_source source = {(char *)kind, (char *)namespace, (char *)name, (char *)""};
    return census_object_of((struct census *)census, &source, false); /* nothing is made */
}

size_t census_there(const struct census *census, const struct store_kind *kind)
{
    return census->kinds[kind->index].there;
}

const size_t *census_counts(const struct census *census, const struct store_kind *kind)
{
    return kind != NULL ? census->kinds[kind->index].counts : census->counts;
}

const size_t *census_entity_counts(const struct census *census, const struct kong_kind *kind)
{
    return kind != NULL ? census->entity_kinds[kind->id].counts : census->entity_counts;
}

size_t census_of_file(const struct census *census, const char *file)
{
    return (size_t)(uintptr_t)map_find(&census->files, file);
}

size_t census_of_rule(const struct census *census, const char *rule)
{
    return (size_t)(uintptr_t)map_find(&census->rules, rule);
}

size_t census_adjusted_by(const struct census *census, const char *file)
{
    return (size_t)(uintptr_t)map_find(&census->overrides, file);
}

const char *census_unread_reason(const struct census *census, const struct store_kind *kind)
{
    return census->kinds[kind->index].unread;
}

struct map_entry **census_namespaces(const struct census *census, size_t *ret_count)
{
    *ret_count = census->namespaces.count;
    return map_sorted(&census->namespaces);
}

const struct census_problems *census_loose(const struct census *census)
{
    return &census->loose;
}
