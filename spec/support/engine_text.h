/* engine_text.h - all that an engine says, as lines of text that can be compared.
 * Owns:    a struct engine_state owns what the deltas told so far; freed with engine_state_done. */
#pragma once

#include <stdio.h>

#include "base/buf.h"
#include "base/map.h"
#include "rules/rules.h"

/* What whoever only hears deltas knows. */
struct engine_state {
    struct map entities; /* "kind key" -> line */
    struct buf problems, conditions;
};

static inline void engine_state_init(struct engine_state *state)
{
    map_init(&state->entities, free);
    state->problems = state->conditions = (struct buf)BUF_OWN;
}

static inline void engine_state_done(struct engine_state *state)
{
    map_done(&state->entities);
    buf_done(&state->problems);
    buf_done(&state->conditions);
}

static inline const char *engine_text_or(const char *text)
{
    return text != NULL ? text : "-";
}

static inline void engine_print_source(struct buf *out, const struct kong_source *source)
{
    buf_printf(out, " [%s %s/%s %s]", source->kind, source->namespace, source->name, source->uid);
}

static inline void engine_print_entity(struct buf *out, const struct kong_entity *entity)
{
    buf_printf(out, "%s %s id=%s %s", entity->kind->name, entity->key, engine_text_or(entity->id), entity->text);
    for (int i = 0; i < KONG_FOREIGN_MAX; i++)
        buf_printf(out, " >%s", engine_text_or(entity->foreign_keys[i]));
    for (size_t i = 0; i < entity->guard_count; i++)
        buf_printf(out, " guard=%s", entity->guards[i]);
    for (size_t i = 0; i < entity->origin.source_count; i++)
        engine_print_source(out, &entity->origin.sources[i]);
    buf_append_char(out, '\n');
}

static inline void engine_print_problems(struct buf *out, struct problem *const *problems, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct problem *problem = problems[i];
        buf_printf(out, "problem %d %s %s", (int)problem->severity, problem->code, problem->text);
        engine_print_source(out, &problem->about);
        buf_append_char(out, '\n');
    }
}

static inline void engine_print_condition(struct buf *out, const struct rules_condition *condition)
{
    buf_printf(out, "condition %s %s=%s %s \"%s\" %s", condition->subject, condition->type, condition->status,
               condition->reason, condition->message, condition->detail);
    engine_print_source(out, &condition->about);
    buf_append_char(out, '\n');
}

static inline void engine_state_hear(struct engine_state *state, const struct rules_delta *delta)
{
    for (size_t i = 0; i < delta->change_count; i++) {
        const struct rules_change *change = &delta->changes[i];
        AUTO(text) char *key = xasprintf("%03d %s", (int)change->kind->id, change->key);
        if (change->entity == NULL) {
            map_remove(&state->entities, key);
            continue;
        }
        struct buf line = BUF_OWN;
        engine_print_entity(&line, change->entity);
        map_put(&state->entities, key, buf_take(&line));
    }
    if (delta->problems_changed) {
        buf_clear(&state->problems);
        engine_print_problems(&state->problems, delta->problems, delta->problem_count);
    }
    if (delta->conditions_changed) {
        buf_clear(&state->conditions);
        for (size_t i = 0; i < delta->condition_count; i++)
            engine_print_condition(&state->conditions, &delta->conditions[i]);
    }
}

/* What the deltas told. */
static inline void engine_print_heard(struct buf *out, const struct engine_state *state)
{
    struct map_entry **entries = map_sorted(&state->entities);
    for (size_t i = 0; i < state->entities.count; i++)
        buf_append_text(out, entries[i]->value);
    free(entries);
    buf_append_text(out, buf_text(&state->problems));
    buf_append_text(out, buf_text(&state->conditions));
}

/* What the engine holds; conditions are told by deltas only. */
static inline void engine_print_held(struct buf *out, const struct rules *rules, const struct engine_state *state)
{
    size_t count;
    struct kong_entity **entities = rules_entities(rules, &count);
    for (size_t i = 0; i < count; i++)
        engine_print_entity(out, entities[i]);
    free(entities);
    struct problem **problems = rules_problems(rules, &count);
    engine_print_problems(out, problems, count);
    free(problems);
    buf_append_text(out, buf_text(&state->conditions));
}

/* Also what lost against others of the same key. */
static inline void engine_print_emitted(struct buf *out, const struct rules *rules)
{
    size_t count;
    struct kong_entity **entities = rules_emitted(rules, &count);
    for (size_t i = 0; i < count; i++)
        buf_printf(out, "emitted %s %s id=%s %s\n", entities[i]->kind->name, entities[i]->key, entities[i]->id,
                   entities[i]->text);
    free(entities);
}
