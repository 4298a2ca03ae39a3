/* crud.h - creating, replacing, changing and deleting entities.
 * Owns:    nothing.
 * Thread:  one owner.
 * Errors:  false, and the answer says why. */
#pragma once

#include "state.h"

enum crud_mode { CRUD_INSERT, CRUD_UPSERT, CRUD_UPDATE };

/* Stores call->body (taken) under `id` (or a new one: NULL) as `mode` says; `present` is the entity that is replaced or
 * changed. On success the answer shows the entity with `status`. */
bool crud_write(struct call *call, struct table *table, enum crud_mode mode, struct entity *present, const char *id,
                int status);

/* Checks only, for /schemas/…/validate: errors by field (to free), or NULL. */
struct json *crud_validate(struct sandbox *sandbox, struct table *table, struct json *body);

/* With all that it takes along; false when something refers to it. */
bool crud_delete(struct call *call, struct table *table, struct entity *entity);

/* certificate_names.c: the server names that a certificate's "snis" stands for. */
bool names_check(struct call *call, const struct json *names, const char *certificate_id);
void names_replace(struct call *call, const struct json *names, const char *certificate_id);
struct json *names_of(struct sandbox *sandbox, const char *certificate_id); /* sorted */
