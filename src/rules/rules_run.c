/* A wave runs the marked nodes level by level; a rule that fails keeps its last good result. */
#include <lauxlib.h>
#include <stdatomic.h>
#include <string.h>

#include "base/clock.h"
#include "graph_key.h"
#include "kong/problem_codes.h"
#include "rules_parts.h"

/* A shared node speaks for its oldest contributor. */
static bool set_origin(struct node *node)
{
    if (node->rule->kind != NULL) {
        const struct object *object = node->object;
        return graph_set_origin(node, object->kind->id, object->namespace, object->name, object->uid, object->creation);
    }
    const struct origin *oldest = &graph_contributions(node)->items[0]->from->origin;
    return graph_set_origin(node, oldest->kind, oldest->namespace, oldest->name, oldest->uid, oldest->creation);
}

/* translate(rule, ctx, object) or translate(rule, ctx, key, contributions); runs inside the host's gate. */
static RAISES int translate(lua_State *L)
{
    struct rules *rules = lua_touserdata(L, 1);
    struct node *node = rules->ctx.run.node;
    lua_settop(L, 0);
    lua_rawgeti(L, LUA_REGISTRYINDEX, node->rule->lua_ref);
    lua_getfield(L, 1, "translate");
    lua_pushvalue(L, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, rules->ctx_ref);
    if (node->rule->kind != NULL) {
        ctx_push_object(&rules->ctx, L, node->object);
        lua_call(L, 3, 0);
    } else {
        lua_pushstring(L, node->key);
        ctx_push_contributions(&rules->ctx, L, node);
        lua_call(L, 4, 0);
    }
    return 0;
}

static int call_rule(struct rules *rules, struct err *err)
{
    uint64_t start = rules->ctx.measure ? clock_monotonic_us() : 0;
    atomic_store_explicit(&rules->running_since_ms, clock_monotonic_ms(), memory_order_relaxed);
    int rc = lua_host_enter(&rules->host, translate, rules, err);
    atomic_store_explicit(&rules->running_since_ms, 0, memory_order_relaxed);
    atomic_fetch_add_explicit(&rules->nodes_run, 1, memory_order_relaxed);
    if (rules->ctx.measure)
        rules->lua_us += clock_monotonic_us() - start;
    return rc;
}

/* The last good result stays; the object is told. */
static void keep_last_good(struct rules *rules, struct node *node, const struct err *err)
{
    rules->graph.counters.failures++;
    ctx_run_drop(&rules->ctx);
    struct kong_source about;
    ctx_node_source(node, &about);
    const struct problem_code *row = problem_code_find("RuleFailed");
    AUTO(text) char *text = xasprintf("the rule %s failed: %s", node->rule->file, err->text);
    struct problem_list problems = {0};
    vec_push(&problems, problem_new(row != NULL ? row->severity : PROBLEM_ERROR, "RuleFailed", &about, text));
    kong_source_done(&about);
    struct condition_list conditions = {0};
    for (size_t i = 0; node->reports != NULL && i < node->reports->conditions.count; i++)
        vec_push(&conditions, rules_condition_ref(node->reports->conditions.items[i]));
    graph_set_reports(&rules->graph, node, &problems, &conditions);
}

static void run_node(struct rules *rules, struct node *node)
{
    struct ctx *ctx = &rules->ctx;
    if (set_origin(node)) {
        graph_reorder_offers(&rules->graph, node);
        wanted_reorder_emissions(&rules->wanted, node);
    }
    struct err err = ERR_INIT;
    ctx_run_begin(ctx, node);
    int rc = call_rule(rules, &err);
    graph_set_reads(&rules->graph, node, ctx->run.slots.items, ctx->run.slots.count, rc != 0);
    rules->graph.counters.nodes_run++;
    if (rc != 0) {
        keep_last_good(rules, node, &err);
    } else {
        graph_set_offers(&rules->graph, node, &ctx->run.offers);
        wanted_set_emissions(&rules->wanted, node, &ctx->run.entities);
        graph_set_reports(&rules->graph, node, &ctx->run.problems, &ctx->run.conditions);
    }
    ctx->run.node = NULL;
}

static void announce_topic(struct rules *rules, char sort, const struct node *node)
{
    graph_key_topic(&rules->ctx.key, sort, node->rule, node->key);
    rules_announce(rules);
}

/* A topic has no rule: its readers are told, those that asked only for the number, or whether there is any, only when that is another. */
static void run_topic(struct rules *rules, struct node *node)
{
    uint32_t count = (uint32_t)node->in.count;
    announce_topic(rules, 't', node);
    if (count != node->told)
        announce_topic(rules, 'n', node);
    if ((count != 0) != (node->told != 0))
        announce_topic(rules, 'e', node);
    node->told = count;
}

static void run_dirty(struct rules *rules)
{
    for (int level = 0; level <= rules->last_level; level++) {
        for (struct node *node; (node = graph_pop(&rules->graph, level)) != NULL;) {
            if (node->rule->topic)
                run_topic(rules, node);
            if (node->rule->kind == NULL && node->in.count == 0)
                rules_remove_node(rules, node);
            else if (!node->rule->topic)
                run_node(rules, node);
        }
    }
}

void rules_run(struct rules *rules, struct rules_delta *ret_delta)
{
    uint64_t start = clock_monotonic_us();
    *ret_delta = (struct rules_delta){0};
    lua_host_watch(&rules->host);
    run_dirty(rules);
    lua_host_unwatch(&rules->host);
    wanted_settle(&rules->wanted);
    rules_fill_delta(rules, ret_delta);
    rules->graph.counters.waves++;
    rules->run_us += clock_monotonic_us() - start;
}
