/* kong/entity.h - one wanted Kong entity: immutable once made, shared between threads by reference count.
 * Owns:    all that it points to.
 * Thread:  any (the count is atomic, nothing else changes).
 * Errors:  none. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "kong/kind.h"
#include "kong/source.h"

/* Which rule made it. */
struct kong_origin {
    struct kong_source *sources;
    size_t source_count;
    const char *rule; /* "Ingress", "backend"; these texts are shared ones (base/shared_text.h) */
    const char *step; /* "route" */
    const char *file; /* "rules/ingress.lua" or the override's path */
    int line;
    const char *overrides; /* files that wrapped a step or adjusted it, comma-separated; "" when none */
};

struct kong_entity {
    atomic_int references;
    const struct kong_kind *kind;
    char *key;  /* natural key; unique among the wanted entities of a kind */
    char *id;   /* UUID that it gets when it is created */
    char *text; /* canonical JSON of its own fields: no id, no foreign fields, no ownership tag */
    char *foreign_keys[KONG_FOREIGN_MAX]; /* natural key per row of kind->foreign, NULL: not set */
    char **guards;                        /* keys of plugins without which it must not be live (routes only) */
    size_t guard_count;
    struct kong_origin origin;
    bool packed; /* by kong_entity_make: key, id, text and foreign keys stand in the entity's own block */
};

struct kong_entity *kong_entity_new(const struct kong_kind *kind); /* empty, one reference, to be filled by its maker */
struct kong_entity *kong_entity_ref(struct kong_entity *entity);
void kong_entity_unref(struct kong_entity *entity); /* NULL is fine */
DEFINE_CLEANUP(kong_entity, kong_entity_unref)

/* One with all of its texts, which are copied; guards and origin are to be filled. */
struct kong_entity_texts {
    const char *key, *id, *text;
    size_t length;                   /* of the text */
    const char *const *foreign_keys; /* KONG_FOREIGN_MAX of them */
};
struct kong_entity *kong_entity_make(const struct kong_kind *kind, const struct kong_entity_texts *texts);

/* Same fields, references, id and guards: sending it again would change nothing.  The origin does not count. */
bool kong_entity_equal(const struct kong_entity *left, const struct kong_entity *right);

/* Whether it stands for what an object means: a route, a consumer, a plugin for everything …  Others are there for the sake
 * of those: services, upstreams, SNIs, credentials, plugins of a route. */
bool kong_entity_is_principal(const struct kong_entity *entity);

/* "route default.shop.app..80", with secret keys shortened to "…"; the caller frees. */
char *kong_entity_title(const struct kong_entity *entity);
