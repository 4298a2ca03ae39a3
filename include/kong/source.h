/* kong/source.h - a Kubernetes object that an entity came from, or that a problem is about.
 * Owns:    where it is owned, the four texts are one block, made by kong_source_make or kong_source_copy.
 * Thread:  any.
 * Errors:  none; texts may be empty, never NULL.
 * Formula: the tags k8s-kind, k8s-group, k8s-version, k8s-namespace and k8s-name, which Kong Ingress Controller and lua/lib/object/tags.lua write. */
#pragma once

#include <stdbool.h>

#include "base/json.h"

struct kong_source {
    char *kind;      /* "networking.k8s.io/v1/Ingress" */
    char *namespace; /* "" when cluster-scoped */
    char *name;
    char *uid;
};

/* NULL counts as "". */
void kong_source_make(struct kong_source *ret_source, const char *kind, const char *namespace, const char *name,
                      const char *uid);
void kong_source_copy(struct kong_source *target, const struct kong_source *source);
void kong_source_done(struct kong_source *source);

/* The object that an entity's tags name; false when they name none. */
bool kong_source_of_tags(const struct json *tags, struct kong_source *ret_source);

/* The same for every version of the object's kind: "networking.k8s.io/Ingress|shop/web"; the caller frees. */
char *kong_source_key(const struct kong_source *source);
/* "Ingress default/shop"; the caller frees. */
char *kong_source_title(const struct kong_source *source);
