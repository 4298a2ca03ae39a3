/* kong/declarative.h - wanted entities in decK's state format.
 * Owns:    nothing.
 * Thread:  any.
 * Errors:  none (the entities are ours). Routes stand in their services, SNIs in certificates, targets in upstreams,
 *          credentials and groups in consumers; plugins at the top, with what they apply to by name. A child whose
 *          parent is not among the entities stands at the top as well. Equal entities give equal bytes, in whatever
 *          order they come. */
#pragma once

#include "base/buf.h"
#include "kong/entity.h"

struct kong_declarative_options {
    bool json;                      /* else YAML */
    const char *const *select_tags; /* for _info; NULL: none */
    size_t select_tag_count;
    bool unnamed_members; /* consumers without a username are listed in groups with an empty name, as KIC does */
    /* Called when `out` has grown, between entities; may empty it.  NULL: all of it stays in `out`. */
    void (*part)(void *user, struct buf *out);
    void *user;
};

void kong_declarative_print(struct kong_entity *const *entities, size_t count,
                            const struct kong_declarative_options *options, struct buf *out);
