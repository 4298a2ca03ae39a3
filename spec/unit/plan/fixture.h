/* fixture.h - a plan with a clock of its own, and a gateway that answers every operation as Kong would. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "patched.h"
#include "plan/body.h"
#include "wanted.h"

static const char *const owner[] = {"mine"};
static const char *const verbs[] = {"create", "park", "withdraw", "update", "yield", "delete", "read"};

struct fixture {
    struct kong_schemas *schemas;
    struct kong_plan *plan;
    uint64_t now;
};

static inline int setup_with(void **state, struct kong_plan_options options)
{
    struct fixture *fixture = xcalloc(1, sizeof(*fixture));
    fixture->schemas = kong_schemas_new();
    fixture->plan = kong_plan_new(fixture->schemas, (struct kong_tags){owner, 1}, &options);
    fixture->now = 1000000;
    *state = fixture;
    return 0;
}

static inline int setup(void **state)
{
    return setup_with(state, (struct kong_plan_options){.policy = KONG_POLICY_SYNC});
}

static inline int teardown(void **state)
{
    struct fixture *fixture = *state;
    kong_plan_free(fixture->plan);
    kong_schemas_free(fixture->schemas);
    free(fixture);
    return 0;
}

static inline void guard(struct kong_entity *entity, const char *key)
{
    entity->guards = xrealloc(entity->guards, (entity->guard_count + 1) * sizeof(char *));
    entity->guards[entity->guard_count++] = xstrdup(key);
}

static inline void want(struct fixture *fixture, struct kong_entity *entity)
{
    kong_plan_want(fixture->plan, entity->kind, entity->key, entity);
    kong_entity_unref(entity);
}

static inline void unwant(struct fixture *fixture, enum kong_kind_id kind, const char *key)
{
    kong_plan_want(fixture->plan, kong_kind_get(kind), key, NULL);
}

static inline void commit(struct fixture *fixture)
{
    kong_plan_commit(fixture->plan, fixture->now);
}

/* What a gateway would answer: the body, with its id. */
static inline void land(struct fixture *fixture, const struct kong_op *op)
{
    if (op->verb == KONG_DELETE) {
        kong_plan_landed(fixture->plan, op, NULL, fixture->now);
        return;
    }
    struct json *body = kong_op_body(kong_plan_state(fixture->plan), op);
    if (op->verb == KONG_WITHDRAW)
        body = patched(op->item->actual, body, owner[0]);
    if (json_find(body, "id") == NULL)
        json_set_text(body, "id", op->item->actual->id);
    kong_plan_landed(fixture->plan, op, body, fixture->now);
    json_free(body);
}

static inline bool next(struct fixture *fixture, struct kong_op *op)
{
    return kong_plan_next(fixture->plan, fixture->now, op);
}

static inline bool is(const struct kong_op *op, const char *text)
{
    AUTO(text) char *own = xasprintf("%s %s %s", verbs[op->verb], op->item->kind->name, op->item->key);
    return strcmp(own, text) == 0;
}

static inline void assert_next(struct fixture *fixture, const char *text, struct kong_op *op)
{
    assert_true(next(fixture, op));
    AUTO(text) char *own = xasprintf("%s %s %s", verbs[op->verb], op->item->kind->name, op->item->key);
    assert_string_equal(own, text);
}

static inline void assert_none(struct fixture *fixture)
{
    struct kong_op op;
    if (next(fixture, &op))
        fail_msg("unexpected: %s %s %s", verbs[op.verb], op.item->kind->name, op.item->key);
}

static inline void nobody_listens(void *user, const struct kong_item *item)
{
}

/* Carries out everything one by one; the operations as text. */
static inline char *run(struct fixture *fixture)
{
    struct buf log = BUF_OWN;
    struct kong_op op;
    while (next(fixture, &op)) {
        buf_printf(&log, "%s%s %s %s", log.length > 0 ? "; " : "", verbs[op.verb], op.item->kind->name, op.item->key);
        land(fixture, &op);
    }
    kong_plan_tell(fixture->plan, nobody_listens, NULL);
    return buf_take(&log);
}

static inline void assert_run(struct fixture *fixture, const char *expected)
{
    AUTO(text) char *log = run(fixture);
    assert_string_equal(log, expected);
}

static inline struct kong_entity *service(const char *name, const char *host)
{
    AUTO(text) char *text = xasprintf("{\"name\":\"%s\",\"host\":\"%s\"}", name, host);
    return wanted(KONG_SERVICE, text, NULL);
}
