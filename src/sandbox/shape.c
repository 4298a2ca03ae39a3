/* The difference between what is stored and what is shown: remaining times, deprecated names, server names. */
#include "shape.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "checks.h"
#include "crud.h"

void shape_ttl_in(const struct table *table, struct json *body)
{
    const struct json *ttl = json_find(body, "ttl");
    if (!table->kind->ttl || !json_is(ttl, JSON_NUMBER))
        return;
    double seconds = json_number(ttl, 0);
    json_set(body, "ttl", seconds > 0 ? json_new_number(clock_wall() + seconds) : json_new_null());
}

void shape_ttl_out(const struct table *table, struct json *fields)
{
    double end = json_number(json_find(fields, "ttl"), -1);
    if (table->kind->ttl && end >= 0)
        json_set_number(fields, "ttl", floor(fmax(end - clock_wall(), 0)));
}

void shape_service_url(const struct table *table, struct json *changes)
{
    if (strcmp(table->kind->table, "services") == 0)
        prepare_service(changes, false);
}

static void apply_shorthands(const struct schema_fields *fields, struct json *object)
{
    if (fields->shorthands != NULL)
        shorthand_apply(fields->shorthands, object);
    for (size_t i = 0; i < fields->count; i++) {
        struct json *value = json_find(object, fields->items[i].name);
        if (fields->items[i].type == SCHEMA_RECORD && json_is(value, JSON_OBJECT))
            apply_shorthands(&fields->items[i].fields, value);
    }
}

void shape_shorthands(const struct schema *schema, struct json *changes)
{
    apply_shorthands(&schema->fields, changes);
}

/* A copy with what has to be added, or NULL when it is shown as it is stored. */
static struct json *dressed(struct sandbox *sandbox, const struct table *table, const struct entity *entity)
{
    const char *name = table->kind->table;
    if (table->kind->ttl) {
        struct json *copy = json_copy(entity->fields);
        shape_ttl_out(table, copy);
        return copy;
    }
    if (strcmp(name, "certificates") == 0) {
        struct json *copy = json_copy(entity->fields);
        json_set(copy, "snis", names_of(sandbox, json_find_text(entity->fields, "id")));
        return copy;
    }
    if (strcmp(name, "plugins") != 0)
        return NULL;
    const struct schema *schema = state_schema_of(sandbox, table, entity->fields);
    if (schema == NULL || !schema_has_shown_shorthands(&schema->fields))
        return NULL;
    struct json *copy = json_copy(entity->fields);
    schema_show_shorthands(&schema->fields, copy);
    return copy;
}

void shape_print(struct sandbox *sandbox, const struct table *table, const struct entity *entity, struct buf *out)
{
    AUTO(json) struct json *copy = dressed(sandbox, table, entity);
    json_print(copy != NULL ? copy : entity->fields, out);
}

void shape_answer(struct sandbox *sandbox, const struct table *table, const struct entity *entity,
                  struct sandbox_answer *answer, int status)
{
    answer_text(answer, status, "application/json; charset=utf-8", "", 0);
    shape_print(sandbox, table, entity, &answer->body);
}
