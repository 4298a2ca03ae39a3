/* Decides what a custom type is like. */
#include "kong/types.h"

#include <string.h>

#include "base/buf.h"
#include "base/map.h"

struct kong_types {
    struct map by_name;
};

/* Types that the Admin API serves below a service only. */
static const char *const nested[][2] = {
    {"degraphql_routes", "services/%s/degraphql/routes"},
    {"graphql_ratelimiting_advanced_cost_decoration", "services/%s/graphql-rate-limiting-advanced/costs"},
};

static void type_free(void *value)
{
    struct kong_type *type = value;
    json_free(type->references);
    for (size_t i = 0; i < KONG_FOREIGN_MAX; i++)
        free(type->fields[i]);
    free(type->name);
    free(type->path);
    free(type);
}

struct kong_types *kong_types_new(void)
{
    struct kong_types *types = xcalloc(1, sizeof(*types));
    map_init(&types->by_name, type_free);
    return types;
}

void kong_types_free(struct kong_types *types)
{
    if (types == NULL)
        return;
    map_done(&types->by_name);
    free(types);
}

static bool may_be_type(const char *name)
{
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");
    if (length == 0 || length > KONG_TYPE_NAME_MAX || name[length] != '\0')
        return false;
    for (int id = 0; id < KONG_CUSTOM; id++) {
        const struct kong_kind *kind = kong_kind_get((enum kong_kind_id)id);
        if (strcmp(name, kind->table) == 0 || strcmp(name, kind->collection) == 0 || strcmp(name, kind->deck) == 0)
            return false;
    }
    return true;
}

static struct kong_type *type_new(const char *name)
{
    struct kong_type *type = xcalloc(1, sizeof(*type));
    type->name = xstrdup(name);
    type->kind = *kong_kind_get(KONG_CUSTOM);
    type->kind.table = type->kind.deck = type->name;
    type->kind.tagged = false;
    kong_type_place(type, 0);
    return type;
}

struct kong_type *kong_types_find(struct kong_types *types, const char *name)
{
    struct kong_type *type = map_find(&types->by_name, name);
    if (type != NULL || types->by_name.count >= KONG_TYPES_MAX || !may_be_type(name))
        return type;
    type = type_new(name);
    map_put(&types->by_name, name, type);
    return type;
}

struct kong_type *kong_types_next(const struct kong_types *types, size_t *position)
{
    const struct map_entry *entry = map_next(&types->by_name, position);
    return entry != NULL ? entry->value : NULL;
}

const struct kong_type *kong_type_of(const struct kong_kind *kind)
{
    bool own = kind->id == KONG_CUSTOM && kind != kong_kind_get(KONG_CUSTOM);
    return own ? (const struct kong_type *)kind : NULL;
}

/* The link that leads to what a field refers to, or -1. */
static int link_of(const struct kong_kind *kind, const char *reference)
{
    for (int i = 0; i < KONG_FOREIGN_MAX && kind->foreign[i].field != NULL; i++)
        if (strcmp(kong_kind_get(kind->foreign[i].kind)->table, reference) == 0)
            return i;
    return -1;
}

static void learn_reference(struct kong_type *type, const struct json *field)
{
    const char *reference = json_find_text(field, "reference");
    const char *on_delete = json_find_text(field, "on_delete");
    if (reference == NULL)
        return;
    json_set_text(type->references, json_name(field), reference);
    int link = link_of(&type->kind, reference);
    if (link < 0)
        return;
    free(type->fields[link]);
    type->fields[link] = xstrdup(json_name(field));
    bool cascade = on_delete != NULL && strcmp(on_delete, "cascade") == 0;
    type->kind.foreign[link].field = type->fields[link];
    type->kind.foreign[link].on_delete = cascade ? KONG_CASCADE : KONG_RESTRICT;
}

void kong_type_learn(struct kong_type *type, const struct json *schema)
{
    type->state = schema != NULL ? KONG_TYPE_KNOWN : KONG_TYPE_ABSENT;
    if (schema == NULL)
        return;
    json_free(type->references);
    type->references = json_new_object();
    type->kind.tagged = false;
    json_each (definition, json_find(schema, "fields")) {
        const struct json *field = json_first(definition);
        const char *kind = field != NULL ? json_find_text(field, "type") : NULL;
        if (kind != NULL && strcmp(kind, "foreign") == 0)
            learn_reference(type, field);
        else if (field != NULL && strcmp(json_name(field), "tags") == 0)
            type->kind.tagged = true;
    }
}

static const char *nested_path(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(nested); i++)
        if (strcmp(nested[i][0], name) == 0)
            return nested[i][1];
    return NULL;
}

bool kong_type_place(struct kong_type *type, int attempt)
{
    bool dashed = strchr(type->name, '_') != NULL;
    type->kind.nested_path = nested_path(type->name);
    if (attempt > (dashed && type->kind.nested_path == NULL ? 1 : 0))
        return false;
    free(type->path);
    type->path = xstrdup(type->name);
    for (char *at = type->path; attempt == 0 && *at != '\0'; at++)
        *at = (char)(*at == '_' ? '-' : *at);
    type->kind.collection = type->path;
    return true;
}

bool kong_types_unread(const struct kong_types *types)
{
    size_t position = 0;
    const struct kong_type *type;
    while ((type = kong_types_next(types, &position)) != NULL)
        if (type->state == KONG_TYPE_UNREAD)
            return true;
    return false;
}

bool kong_types_asked(const struct kong_types *types)
{
    size_t position = 0;
    const struct kong_type *type;
    while ((type = kong_types_next(types, &position)) != NULL)
        if (type->asked)
            return true;
    return false;
}

struct json *kong_types_references(const struct kong_types *types)
{
    struct json *all = json_new_object();
    struct map_entry **sorted = map_sorted(&types->by_name);
    for (size_t i = 0; i < types->by_name.count; i++) {
        const struct kong_type *type = sorted[i]->value;
        if (type->state != KONG_TYPE_UNREAD || type->references != NULL)
            json_set(all, type->name, type->references != NULL ? json_copy(type->references) : json_new_object());
    }
    free(sorted);
    return all;
}
