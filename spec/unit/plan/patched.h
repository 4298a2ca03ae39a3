/* patched.h - what a gateway makes of a PATCH, in tests. */
#pragma once

#include <string.h>

#include "plan/state.h"

/* The entity with the members of `patch`, which is freed; null removes one.  `tag` is that of ownership, which canonical texts lack. */
static inline struct json *patched(const struct kong_actual *actual, struct json *patch, const char *tag)
{
    struct err err = ERR_INIT;
    struct json *object = NULL;
    require_that(json_parse(actual->text, strlen(actual->text), &object, &err) == 0);
    json_each (member, patch) {
        json_remove(object, json_name(member));
        if (!json_is(member, JSON_NULL))
            json_set(object, json_name(member), json_copy(member));
    }
    for (size_t i = 0; i < KONG_FOREIGN_MAX && actual->kind->foreign[i].field != NULL; i++) {
        if (actual->foreign_ids[i] == NULL)
            continue;
        struct json *reference = json_new_object();
        json_set_text(reference, "id", actual->foreign_ids[i]);
        json_set(object, actual->kind->foreign[i].field, reference);
    }
    struct json *tags = json_copy(json_find(object, "tags"));
    if (!json_is(tags, JSON_ARRAY)) {
        json_free(tags);
        tags = json_new_array();
    }
    json_append(tags, json_new_text(tag));
    json_set(object, "tags", tags);
    json_set_text(object, "id", actual->id);
    json_free(patch);
    return object;
}
