/* show.h - one object, entity or problem as JSON: a row of a list, or all of it.
 * Owns:    nothing.
 * Thread:  loop thread.
 * Errors:  none.  No field of a Kubernetes object or of an entity is shown beside its names: so no secret is. */
#pragma once

#include "sync/overview.h"
#include "writer.h"

#define SHOW_REASON_MAX   400 /* bytes of a row's reason */
#define SHOW_ENTITIES_MAX 500 /* of one object at a time */

struct show {
    struct sync_controller *controller;
    const struct census *census;
    struct kong_plan *plan;
};

struct show show_of(struct sync_controller *controller);

/* "route shop.page", with secret keys shortened; the caller frees. */
char *show_item_title(const struct kong_item *item);
/* In one sentence, why the object is in its state; cut at SHOW_REASON_MAX. */
void show_object_reason(const struct show *show, const struct census_object *object, struct buf *out);

void show_object_row(const struct show *show, const struct census_object *object, struct writer *writer);
void show_object(const struct show *show, const struct census_object *object, size_t offset, size_t limit,
                 struct writer *writer);
void show_entity_row(const struct show *show, const struct census_entity *entity, struct writer *writer);
void show_problem_row(const struct show *show, const struct problem *problem, struct writer *writer);
/* "Ingress" of "networking.k8s.io/v1/Ingress"; shared rules have no slash. */
const char *show_rule_name(const char *target);
/* Entities that a rule file made, or that it changes: wrapping a step, or adjusting. */
size_t show_made_by(const struct census *census, const struct rules_file *file);
size_t show_changed_by(const struct census *census, const struct rules_file *file);
/* What of an entity is not in the gateway as it is wanted: the names of fields, never their values. */
void show_difference(const struct show *show, const struct census_entity *entity, struct writer *writer);
