/* wanted.h - short-hand for wanted entities in tests. */
#pragma once

#include <string.h>

#include "kong/entity.h"

/* `foreign` is comma-separated natural keys in the order of the kind's table; empty parts are not set. */
static inline struct kong_entity *wanted(enum kong_kind_id id, const char *text, const char *foreign)
{
    struct kong_entity *entity = kong_entity_new(kong_kind_get(id));
    struct err err = ERR_INIT;
    struct json *fields = NULL;
    require_that(json_parse(text, strlen(text), &fields, &err) == 0);
    for (size_t i = 0; i < KONG_FOREIGN_MAX && foreign != NULL; i++) {
        const char *comma = strchr(foreign, ',');
        size_t length = comma != NULL ? (size_t)(comma - foreign) : strlen(foreign);
        if (length > 0)
            entity->foreign_keys[i] = xstrndup(foreign, length);
        foreign = comma != NULL ? comma + 1 : NULL;
    }
    entity->text = json_print_text(fields);
    entity->key = kong_kind_key(entity->kind, fields, (const char *const *)entity->foreign_keys);
    require_that(entity->key != NULL);
    entity->id = xcalloc(1, 37);
    kong_kind_make_id(entity->kind, NULL, entity->key, entity->id);
    json_free(fields);
    return entity;
}
