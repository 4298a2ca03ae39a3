/* Decides how custom entities are found: what can carry our tags by them, all else by the ids that we know. */
#include <string.h>

#include "mirror_parts.h"
#include "net/http.h"

struct type_read {
    struct mirror *mirror;
    struct kong_type *type;
    int attempt; /* of places where the Admin API may serve it */
};

static void look_for_list(struct type_read *read);

static void on_entity(void *user, const struct json *object)
{
    struct type_read *read = user;
    mirror_hold(read->mirror, &read->type->kind, object);
}

static void on_found(void *user, const struct kong_answer *answer)
{
    struct type_read *read = user;
    if (!mirror_fails(read->mirror, answer)) {
        if (answer->class == KONG_DONE && json_find_text(answer->body, "id") != NULL)
            on_entity(read, answer->body);
        else if (answer->class != KONG_MISSING)
            read->mirror->listed[KONG_CUSTOM] = false;
    }
    mirror_step(read->mirror);
}

static void get_entity(struct type_read *read, const struct kong_item *item, const char *id)
{
    const struct kong_kind *kind = &read->type->kind;
    const struct kong_item *parent = item->links[0].target;
    const char *parent_id = parent != NULL && parent->actual != NULL ? parent->actual->id
                            : item->actual != NULL                   ? item->actual->foreign_ids[0]
                                                                     : NULL;
    if (kind->nested_path != NULL && parent_id == NULL)
        return;
    const char *nested = kind->nested_path != NULL ? kind->nested_path : "";
    size_t head = strcspn(nested, "%");
    AUTO(text)
    char *path = kind->nested_path != NULL
                     ? xasprintf("/%.*s%s%s/%s", (int)head, nested, parent_id, nested + head + strlen("%s"), id)
                     : xasprintf("/%s/%s", kind->collection, id);
    read->mirror->waits++;
    kong_admin_send(read->mirror->options.admin, "GET", path, NULL, on_found, read);
}

/* Nothing shows whose the others are, and there may be very many of them. */
static void get_known(struct type_read *read)
{
    const struct kong_state *state = kong_plan_state(read->mirror->options.plan);
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&state->items[KONG_CUSTOM], &position)) != NULL) {
        const struct kong_item *item = entry->value;
        const char *wanted = item->entity != NULL ? item->entity->id : NULL;
        const char *id = item->actual != NULL ? item->actual->id : wanted;
        if (item->kind == &read->type->kind && id != NULL)
            get_entity(read, item, id);
    }
}

static void on_listed(void *user, const struct kong_answer *answer)
{
    struct type_read *read = user;
    if (!mirror_fails(read->mirror, answer) && answer->class != KONG_DONE)
        read->mirror->listed[KONG_CUSTOM] = false;
    mirror_step(read->mirror);
}

/* Asks the Admin API; counted in mirror->waits already. */
static void list_entities(struct type_read *read)
{
    AUTO(text) char *tags = mirror_tag_query(read->mirror);
    AUTO(text) char *path = xasprintf("/%s?tags=%s", read->type->kind.collection, tags);
    kong_admin_list(read->mirror->options.admin, path, on_entity, on_listed, read);
}

static void on_read(void *user, bool complete)
{
    struct type_read *read = user;
    if (complete)
        mirror_step(read->mirror);
    else
        list_entities(read);
}

static void read_tagged(struct type_read *read)
{
    struct mirror *mirror = read->mirror;
    const struct kong_session_callbacks *callbacks = mirror->options.callbacks;
    mirror->waits++;
    if (callbacks->read_kind == NULL ||
        !callbacks->read_kind(callbacks->user, &read->type->kind, on_entity, on_read, read))
        list_entities(read);
}

static void on_place(void *user, const struct kong_answer *answer)
{
    struct type_read *read = user;
    struct mirror *mirror = read->mirror;
    if (!mirror_fails(mirror, answer)) {
        if (answer->class == KONG_MISSING && kong_type_place(read->type, ++read->attempt))
            look_for_list(read);
        else if (answer->class == KONG_MISSING)
            kong_plan_learn_type(mirror->options.plan, read->type, NULL);
        else if (answer->class != KONG_DONE)
            mirror->listed[KONG_CUSTOM] = false;
        else if (read->type->kind.tagged)
            read_tagged(read);
        else
            get_known(read);
    }
    mirror_step(mirror);
}

/* Where the Admin API serves the type: writes go there, too. */
static void look_for_list(struct type_read *read)
{
    struct mirror *mirror = read->mirror;
    mirror->waits++;
    AUTO(text) char *path = xasprintf("/%s?size=1", read->type->kind.collection);
    kong_admin_send(mirror->options.admin, "GET", path, NULL, on_place, read);
}

static void read_entities(struct type_read *read, const struct json *schema)
{
    kong_plan_learn_type(read->mirror->options.plan, read->type, schema);
    if (read->type->kind.nested_path != NULL)
        get_known(read);
    else if (kong_type_place(read->type, 0))
        look_for_list(read);
}

static void on_schema(void *user, const struct kong_answer *answer)
{
    struct type_read *read = user;
    struct mirror *mirror = read->mirror;
    struct kong_schemas *schemas = mirror->options.schemas;
    struct err err = ERR_INIT;
    if (!mirror_fails(mirror, answer)) {
        bool usable =
            answer->class == KONG_DONE && kong_schemas_put(schemas, read->type->name, answer->body, &err) == 0;
        if (usable)
            read_entities(read, kong_schemas_find(schemas, read->type->name));
        else
            kong_plan_learn_type(mirror->options.plan, read->type, NULL);
        if (!usable && answer->class != KONG_MISSING)
            mirror->listed[KONG_CUSTOM] = false;
    }
    mirror_step(mirror);
}

void mirror_types(struct mirror *mirror)
{
    const struct kong_types *types = kong_plan_state(mirror->options.plan)->types;
    mirror->listed[KONG_CUSTOM] = true;
    size_t position = 0;
    struct kong_type *type;
    while ((type = kong_types_next(types, &position)) != NULL) {
        struct type_read *read = mirror_note(mirror, sizeof(*read));
        *read = (struct type_read){.mirror = mirror, .type = type};
        const struct json *schema = kong_schemas_find(mirror->options.schemas, type->name);
        if (schema != NULL) {
            read_entities(read, schema);
            continue;
        }
        mirror->waits++;
        AUTO(text) char *path = xasprintf("/schemas/%s", type->name);
        kong_admin_send(mirror->options.admin, "GET", path, NULL, on_schema, read);
    }
}
