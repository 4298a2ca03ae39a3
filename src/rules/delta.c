/* The end of what a wave told. */
#include "graph.h"

void rules_change_done(struct rules_change *change)
{
    if (change->entity == NULL)
        free((char *)change->key);
    kong_entity_unref(change->entity);
}

void rules_delta_done(struct rules_delta *delta)
{
    for (size_t i = 0; i < delta->change_count; i++)
        rules_change_done(&delta->changes[i]);
    for (size_t i = 0; i < delta->problem_count; i++)
        problem_unref(delta->problems[i]);
    for (size_t i = 0; i < delta->condition_count; i++)
        rules_condition_done(&delta->conditions[i]);
    free(delta->changes);
    free(delta->problems);
    free(delta->conditions);
    *delta = (struct rules_delta){0};
}
