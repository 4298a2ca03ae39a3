/* Keeps how much is wanted of each Kubernetes object. */
#include "parts.h"

struct plan_object *plan_object_find(const struct kong_plan *plan, const struct kong_source *source)
{
    AUTO(text) char *key = kong_source_key(source);
    return map_find(&plan->objects, key);
}

struct plan_object *plan_object_get(struct kong_plan *plan, const struct kong_source *source)
{
    AUTO(text) char *key = kong_source_key(source);
    struct plan_object *object = map_find(&plan->objects, key);
    if (object == NULL) {
        object = xcalloc(1, sizeof(*object));
        object->key = map_put(&plan->objects, key, object)->key;
    }
    return object;
}

void plan_object_release(struct kong_plan *plan, struct plan_object *object)
{
    if (object->standing == 0 && object->loss == NULL && object->settling == NULL) {
        map_take(&plan->objects, object->key);
        free(object);
    }
}

static void stand(struct kong_plan *plan, struct plan_object *object)
{
    if (object->standing++ != 0)
        return;
    plan->standing++;
    if (object->loss != NULL)
        plan->object_returned = plan->brake_due = true;
}

void plan_object_count(struct kong_plan *plan, const struct kong_entity *entity, int by)
{
    if (entity == NULL || !kong_entity_is_principal(entity))
        return;
    for (size_t i = 0; i < entity->origin.source_count; i++) {
        struct plan_object *object = plan_object_get(plan, &entity->origin.sources[i]);
        if (by > 0)
            stand(plan, object);
        else if (--object->standing == 0)
            plan->standing--;
        plan_object_release(plan, object);
    }
}
