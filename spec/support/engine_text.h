/* engine_text.h - all that an engine says, as lines of text that can be compared.
 * Owns:    a struct engine_state owns what the deltas told so far; freed with engine_state_done. */
#pragma once

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/vec.h"
#include "rules/rules.h"

/* What whoever only hears deltas knows. */
struct engine_state {
    struct map entities; /* "kind key" -> line */
    struct map said;     /* kong_source_key -> struct engine_said */
};

/* Lines about one object. */
struct engine_said {
    struct buf problems, conditions;
};

static inline void engine_said_free(void *value)
{
    struct engine_said *said = value;
    buf_done(&said->problems);
    buf_done(&said->conditions);
    free(said);
}

static inline void engine_state_init(struct engine_state *state)
{
    map_init(&state->entities, free);
    map_init(&state->said, engine_said_free);
}

static inline void engine_state_done(struct engine_state *state)
{
    map_done(&state->entities);
    map_done(&state->said);
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
    for (size_t i = 0; i < delta->said_count; i++) {
        const struct rules_said *told = &delta->said[i];
        struct engine_said *said = xcalloc(1, sizeof(*said));
        said->problems = said->conditions = (struct buf)BUF_OWN;
        engine_print_problems(&said->problems, told->problems, told->problem_count);
        for (size_t c = 0; c < told->condition_count; c++)
            engine_print_condition(&said->conditions, told->conditions[c]);
        AUTO(text) char *key = kong_source_key(&told->about);
        if (told->problem_count != 0 || told->condition_count != 0) {
            map_put(&state->said, key, said);
        } else {
            map_remove(&state->said, key);
            engine_said_free(said);
        }
    }
}

static inline int engine_by_line(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* The lines of a text in the order of the alphabet. */
static inline void engine_print_sorted(struct buf *out, const char *text)
{
    struct {
        VEC(char *);
    } lines = {0};
    for (const char *end; (end = strchr(text, '\n')) != NULL; text = end + 1)
        vec_push(&lines, xstrndup(text, (size_t)(end - text) + 1));
    if (lines.count > 1)
        qsort(lines.items, lines.count, sizeof(char *), engine_by_line);
    for (size_t i = 0; i < lines.count; i++) {
        buf_append_text(out, lines.items[i]);
        free(lines.items[i]);
    }
    vec_done(&lines);
}

static inline void engine_print_said(struct buf *out, const struct engine_state *state, bool problems, bool conditions)
{
    AUTO(buf) struct buf text = BUF_OWN;
    struct map_entry *entry;
    for (size_t at = 0; (entry = map_next(&state->said, &at)) != NULL;) {
        const struct engine_said *said = entry->value;
        if (problems)
            buf_append_text(&text, buf_text(&said->problems));
        if (conditions)
            buf_append_text(&text, buf_text(&said->conditions));
    }
    engine_print_sorted(out, buf_text(&text));
}

/* What the deltas told. */
static inline void engine_print_heard(struct buf *out, const struct engine_state *state)
{
    struct map_entry **entries = map_sorted(&state->entities);
    for (size_t i = 0; i < state->entities.count; i++)
        buf_append_text(out, entries[i]->value);
    free(entries);
    engine_print_said(out, state, true, false);
    engine_print_said(out, state, false, true);
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
    AUTO(buf) struct buf lines = BUF_OWN;
    engine_print_problems(&lines, problems, count);
    engine_print_sorted(out, buf_text(&lines));
    free(problems);
    engine_print_said(out, state, false, true);
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
