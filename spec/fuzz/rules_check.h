/* rules_check.h - what must hold of everything that rules make, whatever they were given: sound texts, and a plan that can be made of it. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/json.h"
#include "kong/declarative.h"
#include "lua/read.h"
#include "plan/plan.h"
#include "rules/rules.h"

static inline void check_text(const char *text)
{
    require_that(text != NULL);
    require_that(lua_read_fault(text, strlen(text), false) == NULL);
}

static inline void check_entity(const struct kong_entity *entity)
{
    struct json *fields = NULL;
    struct err err = ERR_INIT;
    check_text(entity->key);
    check_text(entity->text);
    require_that(entity->key[0] != '\0' && hash_uuid_valid(entity->id));
    require_that(json_parse(entity->text, strlen(entity->text), &fields, &err) == 0 && json_is(fields, JSON_OBJECT));
    json_free(fields);
    for (size_t i = 0; i < KONG_FOREIGN_MAX; i++)
        require_that(entity->foreign_keys[i] == NULL || entity->foreign_keys[i][0] != '\0');
    for (size_t i = 0; i < entity->guard_count; i++)
        check_text(entity->guards[i]);
}

/* Everything is wanted, and refused once. */
static inline void check_plan(struct kong_entity *const *entities, size_t count)
{
    static const char *const tags[] = {"mine"};
    struct kong_schemas *schemas = kong_schemas_new();
    struct kong_plan_options options = {.policy = KONG_POLICY_SYNC};
    struct kong_plan *plan = kong_plan_new(schemas, (struct kong_tags){tags, 1}, &options);
    for (size_t i = 0; i < count; i++)
        kong_plan_want(plan, entities[i]->kind, entities[i]->key, entities[i]);
    kong_plan_commit(plan, 1);
    struct kong_op op;
    for (size_t steps = 0; kong_plan_next(plan, 1, &op); steps++) {
        require_that(steps <= 2 * count);
        kong_plan_refused(plan, &op, "KongRefused", "no", 1);
    }
    size_t problem_count;
    struct problem **problems = kong_plan_problems(plan, &problem_count);
    for (size_t i = 0; i < problem_count; i++)
        problem_unref(problems[i]);
    free(problems);
    kong_plan_free(plan);
    kong_schemas_free(schemas);
}

/* Runs a wave. */
static inline void check_wave(struct rules *rules)
{
    struct rules_delta delta;
    rules_run(rules, &delta);
    for (size_t i = 0; i < delta.said_count; i++) {
        const struct rules_said *said = &delta.said[i];
        check_text(said->about.name);
        for (size_t p = 0; p < said->problem_count; p++)
            check_text(said->problems[p]->text);
        for (size_t c = 0; c < said->condition_count; c++) {
            check_text(said->conditions[c]->reason);
            check_text(said->conditions[c]->message);
        }
    }
    rules_delta_done(&delta);
    size_t count;
    struct kong_entity **entities = rules_entities(rules, &count);
    for (size_t i = 0; i < count; i++)
        check_entity(entities[i]);
    struct buf out = BUF_OWN;
    struct kong_declarative_options options = {.json = true};
    kong_declarative_print(entities, count, &options, &out);
    buf_done(&out);
    check_plan(entities, count);
    free(entities);
}
