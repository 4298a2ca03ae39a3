/* Reads, contributions and reports of a running rule. */
#include "ctx.h"

#include <lauxlib.h>
#include <string.h>

#include "base/clock.h"
#include "convert.h"
#include "graph_key.h"
#include "loader_near.h"
#include "lua_read.h"
#include "lua_view.h"

typedef int nresults;

#define READ_COST  128 /* bytes that a note of a read takes beside its key */
#define OFFER_COST 64

void ctx_run_begin(struct ctx *ctx, struct node *node)
{
    ctx->run.node = node;
    ctx->run.id++;
    ctx->run.collected = 0;
    ctx->run.slots.count = 0;
}

void ctx_run_drop(struct ctx *ctx)
{
    struct run *run = &ctx->run;
    for (size_t i = 0; i < run->entities.count; i++)
        kong_entity_unref(run->entities.items[i]);
    for (size_t i = 0; i < run->conditions.count; i++)
        rules_condition_unref(run->conditions.items[i]);
    graph_offers_clear(&run->offers);
    vec_done(&run->entities);
    problem_list_done(&run->problems);
    vec_done(&run->conditions);
}

/* Notes that the run reads the slot whose key is in ctx->key. */
static RAISES void note_read(struct ctx *ctx, lua_State *L)
{
    ctx_may_collect(ctx, L, READ_COST + ctx->key.length); /* a slot that is made must be noted */
    struct slot *slot = graph_slot(ctx->graph, ctx->key.data, ctx->key.length);
    if (slot->seen == ctx->run.id)
        return;
    slot->seen = ctx->run.id;
    vec_push(&ctx->run.slots, slot);
    ctx->graph->counters.reads++;
    ctx->run.collected += READ_COST + ctx->key.length;
}

static RAISES void push_whole(struct ctx *ctx, lua_State *L, const struct object *object)
{
    uint64_t start = ctx->measure ? clock_monotonic_us() : 0;
    const char *problem = NULL;
    ctx->graph->counters.objects_decoded++;
    if (!convert_push(L, object->text, object->length, false, &problem))
        luaL_error(L, "%s %s/%s: broken JSON: %s", object->kind->kind, object->namespace, object->name, problem);
    if (ctx->measure)
        ctx->json_us += clock_monotonic_us() - start;
}

static RAISES void remove_member(lua_State *L, int index, const char *name)
{
    lua_pushnil(L);
    lua_setfield(L, index - 1, name);
}

/* Status and version change without a meaning for Kong, so rules do not see them: what was not read needs no run. */
RAISES void ctx_push_object(struct ctx *ctx, lua_State *L, const struct object *object)
{
    push_whole(ctx, L, object);
    remove_member(L, -1, "status");
    if (lua_getfield(L, -1, "metadata") == LUA_TTABLE)
        remove_member(L, -1, "resourceVersion");
    lua_pop(L, 1);
}

static RAISES const struct store_kind *readable_kind(struct ctx *ctx, lua_State *L, int index)
{
    const char *id = luaL_checkstring(L, index);
    const struct store_kind *kind = ctx_recall(ctx, L, CTX_STORE_KINDS, index);
    if (kind == NULL && (kind = store_kinds_find(ctx->kinds, id)) != NULL)
        ctx_remember(ctx, L, CTX_STORE_KINDS, index, kind);
    if (kind == NULL || !ctx->run.node->rule->may_read[kind->index])
        luaL_error(L, "'%s' is not among what the rule '%s' reads: list it in 'reads'", id, ctx->run.node->rule->name);
    return kind;
}

typedef void key_fn(struct buf *key, const struct store_kind *kind, const char *namespace, const char *name);

/* The object that arguments 2 to 4 name; what is read of it has that key. */
static RAISES const struct object *named_object(struct ctx *ctx, lua_State *L, key_fn *make_key)
{
    const struct store_kind *kind = readable_kind(ctx, L, 2);
    const char *namespace = kind->namespaced ? lua_read_argument(L, 3, "namespace") : "";
    const char *name = lua_read_argument(L, 4, "name");
    make_key(&ctx->key, kind, namespace, name);
    note_read(ctx, L);
    return store_find(ctx->store, kind, namespace, name);
}

/* ctx:lookup(kind, namespace, name) */
static RAISES nresults ctx_lookup(lua_State *L)
{
    struct ctx *ctx = ctx_check(L);
    const struct object *object = named_object(ctx, L, graph_key_object);
    if (object == NULL)
        lua_pushnil(L);
    else
        ctx_push_object(ctx, L, object);
    return 1;
}

/* ctx:status(kind, namespace, name) */
static RAISES nresults ctx_status(lua_State *L)
{
    struct ctx *ctx = ctx_check(L);
    const struct object *object = named_object(ctx, L, graph_key_status);
    if (object == NULL) {
        lua_pushnil(L);
        return 1;
    }
    push_whole(ctx, L, object);
    lua_getfield(L, -1, "status");
    return 1;
}

/* ctx:list(kind, namespace, label, value) */
static RAISES nresults ctx_list(lua_State *L)
{
    struct ctx *ctx = ctx_check(L);
    const struct store_kind *kind = readable_kind(ctx, L, 2);
    const char *namespace = lua_read_optional_argument(L, 3, "namespace");
    const char *label = lua_read_optional_argument(L, 4, "label");
    const char *value = lua_read_optional_argument(L, 5, "value");
    if (label != NULL)
        graph_key_label(&ctx->key, kind, namespace != NULL ? namespace : "*", label, value);
    else
        graph_key_list(&ctx->key, kind, namespace != NULL ? namespace : "*");
    note_read(ctx, L);

    size_t count;
    struct object **objects = store_list(ctx->store, kind, namespace, label, value, &count);
    /* the array moves into Lua's memory before anything can raise */
    void *copy = count != 0 ? lua_newuserdatauv(L, count * sizeof(*objects), 0) : NULL;
    if (copy != NULL)
        memcpy(copy, objects, count * sizeof(*objects));
    free(objects);
    lua_budget_charge(&ctx->host->budget, L, count);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        ctx_push_object(ctx, L, ((struct object **)copy)[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static RAISES struct rule *named_rule(struct ctx *ctx, lua_State *L, int index, const bool *allowed, const char *list)
{
    const char *name = luaL_checkstring(L, index);
    struct rule *rule = ctx_recall(ctx, L, CTX_RULES, index);
    if (rule == NULL && (rule = loader_find(ctx->loader, name)) != NULL)
        ctx_remember(ctx, L, CTX_RULES, index, rule);
    if (rule == NULL || !allowed[rule->index])
        luaL_error(L, "'%s' is not in the list '%s' of the rule '%s'", name, list, ctx->run.node->rule->name);
    return rule;
}

/* ctx:contribute(rule, key, data) */
static RAISES nresults ctx_contribute(lua_State *L)
{
    static const struct convert_print_options options = {.what = "data"};
    struct ctx *ctx = ctx_check(L);
    struct rule *rule = named_rule(ctx, L, 2, ctx->run.node->rule->may_contribute, "contributes");
    const char *key = lua_read_check(L, 3, "key", NULL);
    luaL_checkany(L, 4);
    buf_clear(&ctx->text);
    convert_print(L, 4, &options, &ctx->text);
    ctx_collect(ctx, L, OFFER_COST + strlen(key) + ctx->text.length);
    graph_offer(&ctx->run.offers, rule, key, &ctx->text);
    lua_settop(L, 3);
    return 1;
}

static RAISES void set_text(lua_State *L, const char *name, const char *value)
{
    if (value == NULL || value[0] == '\0')
        return;
    lua_pushstring(L, value);
    lua_setfield(L, -2, name);
}

static RAISES void push_contribution(struct ctx *ctx, lua_State *L, const struct contribution *contribution)
{
    lua_createtable(L, 0, 4);
    const char *problem = NULL;
    uint64_t start = ctx->measure ? clock_monotonic_us() : 0;
    if (!convert_push(L, contribution->data, strlen(contribution->data), true, &problem))
        luaL_error(L, "a contribution cannot be read: %s", problem);
    if (ctx->measure)
        ctx->json_us += clock_monotonic_us() - start;
    lua_setfield(L, -2, "data");
    const struct origin *origin = &contribution->from->origin;
    lua_createtable(L, 0, 5);
    set_text(L, "kind", origin->kind);
    lua_pushstring(L, origin->namespace != NULL ? origin->namespace : "");
    lua_setfield(L, -2, "namespace");
    set_text(L, "name", origin->name);
    set_text(L, "uid", origin->uid);
    set_text(L, "creationTimestamp", origin->creation);
    lua_setfield(L, -2, "from");
    lua_pushstring(L, contribution->from->rule->name);
    lua_setfield(L, -2, "rule");
    lua_pushstring(L, contribution->from->key);
    lua_setfield(L, -2, "key");
}

RAISES void ctx_push_contributions(struct ctx *ctx, lua_State *L, struct node *node)
{
    const struct contribution_list *list = node != NULL ? graph_contributions(node) : NULL;
    size_t count = list != NULL ? list->count : 0;
    ctx->graph->counters.contributions_read += count;
    lua_createtable(L, (int)count, 0);
    luaL_checkstack(L, 8, "contributions");
    for (size_t i = 0; i < count; i++) {
        push_contribution(ctx, L, list->items[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

/* ctx:consult(topic, key) */
static RAISES nresults ctx_consult(lua_State *L)
{
    struct ctx *ctx = ctx_check(L);
    const struct rule *rule = named_rule(ctx, L, 2, ctx->run.node->rule->may_consult, "consults");
    const char *key = lua_read_argument(L, 3, "key");
    graph_key_topic(&ctx->key, 't', rule, key);
    note_read(ctx, L);
    ctx_push_contributions(ctx, L, graph_find(rule, key));
    return 1;
}

/* How many contributions the topic of arguments 2 and 3 has; what is read of it is of that sort. */
static RAISES size_t topic_count(struct ctx *ctx, lua_State *L, char sort)
{
    const struct rule *rule = named_rule(ctx, L, 2, ctx->run.node->rule->may_consult, "consults");
    const char *key = lua_read_argument(L, 3, "key");
    graph_key_topic(&ctx->key, sort, rule, key);
    note_read(ctx, L);
    const struct node *node = graph_find(rule, key);
    return node != NULL ? node->in.count : 0;
}

/* ctx:count(topic, key) */
static RAISES nresults ctx_count(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)topic_count(ctx_check(L), L, 'n'));
    return 1;
}

/* ctx:consulted(topic, key) */
static RAISES nresults ctx_consulted(lua_State *L)
{
    lua_pushboolean(L, topic_count(ctx_check(L), L, 'e') != 0);
    return 1;
}

/* ctx:option(name): the whole name first, then level by level at its dots. */
static RAISES nresults ctx_option(lua_State *L)
{
    struct ctx *ctx = ctx_check(L);
    const char *name = lua_read_argument(L, 2, "name");
    buf_clear(&ctx->key);
    buf_append_text(&ctx->key, GRAPH_OPTIONS);
    note_read(ctx, L);
    lua_rawgeti(L, LUA_REGISTRYINDEX, ctx->settings_ref);
    int settings = lua_gettop(L);
    lua_view_open(L, settings);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, settings) != LUA_TNIL)
        return 1;
    lua_pop(L, 1);
    while (lua_istable(L, settings)) {
        size_t length = strcspn(name, ".");
        lua_pushlstring(L, name, length);
        lua_rawget(L, settings);
        if (name[length] == '\0')
            return 1;
        lua_view_open(L, -1);
        lua_replace(L, settings);
        name += length + 1;
    }
    lua_pushnil(L);
    return 1;
}

static RAISES nresults ctx_unknown(lua_State *L)
{
    static const char *const names[] = {"lookup", "status", "list",    "contribute", "consult", "consulted",
                                        "count",  "emit",   "problem", "condition",  "option"};
    const char *name = luaL_checkstring(L, 2);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
        return 1;
    const char *near = loader_near(name, names, COUNT_OF(names));
    return luaL_error(L, "ctx has no '%s'%s%s%s", name, near != NULL ? "; did you mean '" : "",
                      near != NULL ? near : "", near != NULL ? "'?" : "");
}

RAISES void ctx_open(struct ctx *ctx, lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"lookup", ctx_lookup},   {"status", ctx_status},       {"list", ctx_list},     {"contribute", ctx_contribute},
        {"consult", ctx_consult}, {"consulted", ctx_consulted}, {"count", ctx_count},   {"emit", ctx_emit},
        {"problem", ctx_problem}, {"condition", ctx_condition}, {"option", ctx_option}, {NULL, NULL},
    };
    for (int i = 0; i < CTX_NAMES_COUNT; i++) {
        lua_newtable(L);
        ctx->names_refs[i] = luaL_ref(L, LUA_REGISTRYINDEX);
    }
    *(struct ctx **)lua_newuserdatauv(L, sizeof(ctx), 0) = ctx;
    if (luaL_newmetatable(L, CTX_NAME)) {
        luaL_newlib(L, methods);
        lua_pushcclosure(L, ctx_unknown, 1);
        lua_setfield(L, -2, "__index");
        lua_pushliteral(L, "ctx");
        lua_setfield(L, -2, "__metatable");
    }
    lua_setmetatable(L, -2);
}
