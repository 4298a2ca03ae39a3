/* Reads, contributions and reports of a running rule. */
#include "ctx.h"

#include <lauxlib.h>
#include <string.h>

#include "base/clock.h"
#include "convert.h"
#include "graph_key.h"
#include "kong/problem_codes.h"
#include "loader_near.h"

typedef int nresults;

#define CTX_NAME "kongruent.ctx"

struct ctx *ctx_check(lua_State *L)
{
    struct ctx *ctx = *(struct ctx **)luaL_checkudata(L, 1, CTX_NAME);
    if (ctx->run.node == NULL)
        luaL_error(L, "ctx is valid only while its rule runs");
    return ctx;
}

void ctx_run_begin(struct ctx *ctx, struct node *node)
{
    ctx->run.node = node;
    ctx->run.id++;
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
static void note_read(struct ctx *ctx)
{
    struct slot *slot = graph_slot(ctx->graph, ctx->key.data, ctx->key.length);
    if (slot->seen == ctx->run.id)
        return;
    slot->seen = ctx->run.id;
    vec_push(&ctx->run.slots, slot);
    ctx->graph->counters.reads++;
}

static void push_whole(struct ctx *ctx, lua_State *L, const struct object *object)
{
    uint64_t start = ctx->measure ? clock_monotonic_us() : 0;
    const char *problem = NULL;
    ctx->graph->counters.objects_decoded++;
    if (!convert_push(L, object->text, object->length, false, &problem))
        luaL_error(L, "%s %s/%s: broken JSON: %s", object->kind->kind, object->namespace, object->name, problem);
    if (ctx->measure)
        ctx->json_us += clock_monotonic_us() - start;
}

static void remove_member(lua_State *L, int index, const char *name)
{
    lua_pushnil(L);
    lua_setfield(L, index - 1, name);
}

/* Status and version change without a meaning for Kong, so rules do not see them: what was not read needs no run. */
void ctx_push_object(struct ctx *ctx, lua_State *L, const struct object *object)
{
    push_whole(ctx, L, object);
    remove_member(L, -1, "status");
    if (lua_getfield(L, -1, "metadata") == LUA_TTABLE)
        remove_member(L, -1, "resourceVersion");
    lua_pop(L, 1);
}

void *ctx_recall(struct ctx *ctx, lua_State *L, enum ctx_names sort, int index)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, ctx->names_refs[sort]);
    lua_pushvalue(L, index);
    lua_rawget(L, -2);
    void *found = lua_touserdata(L, -1);
    lua_pop(L, 2);
    return found;
}

void ctx_remember(struct ctx *ctx, lua_State *L, enum ctx_names sort, int index, const void *found)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, ctx->names_refs[sort]);
    lua_pushvalue(L, index);
    lua_pushlightuserdata(L, (void *)(uintptr_t)found);
    lua_rawset(L, -3);
    lua_pop(L, 1);
}

static const struct store_kind *readable_kind(struct ctx *ctx, lua_State *L, int index)
{
    const char *id = luaL_checkstring(L, index);
    const struct store_kind *kind = ctx_recall(ctx, L, CTX_STORE_KINDS, index);
    if (kind == NULL && (kind = store_kinds_find(ctx->kinds, id)) != NULL)
        ctx_remember(ctx, L, CTX_STORE_KINDS, index, kind);
    if (kind == NULL || !ctx->run.node->rule->may_read[kind->index])
        luaL_error(L, "'%s' is not among what the rule '%s' reads: list it in 'reads'", id, ctx->run.node->rule->name);
    return kind;
}

static const char *optional_text(lua_State *L, int index)
{
    return lua_isnoneornil(L, index) ? NULL : luaL_checkstring(L, index);
}

typedef void key_fn(struct buf *key, const struct store_kind *kind, const char *namespace, const char *name);

/* The object that arguments 2 to 4 name; what is read of it has that key. */
static const struct object *named_object(struct ctx *ctx, lua_State *L, key_fn *make_key)
{
    const struct store_kind *kind = readable_kind(ctx, L, 2);
    const char *namespace = kind->namespaced ? luaL_checkstring(L, 3) : "";
    const char *name = luaL_checkstring(L, 4);
    make_key(&ctx->key, kind, namespace, name);
    note_read(ctx);
    return store_find(ctx->store, kind, namespace, name);
}

/* ctx:lookup(kind, namespace, name) */
static nresults ctx_lookup(lua_State *L)
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
static nresults ctx_status(lua_State *L)
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
static nresults ctx_list(lua_State *L)
{
    struct ctx *ctx = ctx_check(L);
    const struct store_kind *kind = readable_kind(ctx, L, 2);
    const char *namespace = optional_text(L, 3);
    const char *label = optional_text(L, 4);
    const char *value = optional_text(L, 5);
    if (label != NULL)
        graph_key_label(&ctx->key, kind, namespace != NULL ? namespace : "*", label, value);
    else
        graph_key_list(&ctx->key, kind, namespace != NULL ? namespace : "*");
    note_read(ctx);

    size_t count;
    struct object **objects = store_list(ctx->store, kind, namespace, label, value, &count);
    /* the array moves into Lua's memory before anything can raise */
    void *copy = count != 0 ? lua_newuserdatauv(L, count * sizeof(*objects), 0) : NULL;
    if (copy != NULL)
        memcpy(copy, objects, count * sizeof(*objects));
    free(objects);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        ctx_push_object(ctx, L, ((struct object **)copy)[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static struct rule *named_rule(struct ctx *ctx, lua_State *L, int index, const bool *allowed, const char *list)
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
static nresults ctx_contribute(lua_State *L)
{
    struct ctx *ctx = ctx_check(L);
    struct rule *rule = named_rule(ctx, L, 2, ctx->run.node->rule->may_contribute, "contributes");
    const char *key = luaL_checkstring(L, 3);
    luaL_checkany(L, 4);
    buf_clear(&ctx->text);
    convert_print(L, 4, NULL, &ctx->text);
    graph_offer(&ctx->run.offers, rule, key, &ctx->text);
    lua_settop(L, 3);
    return 1;
}

static void set_text(lua_State *L, const char *name, const char *value)
{
    if (value == NULL || value[0] == '\0')
        return;
    lua_pushstring(L, value);
    lua_setfield(L, -2, name);
}

static void push_contribution(struct ctx *ctx, lua_State *L, const struct contribution *contribution)
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

void ctx_push_contributions(struct ctx *ctx, lua_State *L, struct node *node)
{
    const struct contribution_list *list = node != NULL ? graph_contributions(node) : NULL;
    size_t count = list != NULL ? list->count : 0;
    lua_createtable(L, (int)count, 0);
    luaL_checkstack(L, 8, "contributions");
    for (size_t i = 0; i < count; i++) {
        push_contribution(ctx, L, list->items[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

/* ctx:consult(topic, key) */
static nresults ctx_consult(lua_State *L)
{
    struct ctx *ctx = ctx_check(L);
    const struct rule *rule = named_rule(ctx, L, 2, ctx->run.node->rule->may_consult, "consults");
    const char *key = luaL_checkstring(L, 3);
    graph_key_topic(&ctx->key, 't', rule, key);
    note_read(ctx);
    ctx_push_contributions(ctx, L, graph_find(rule, key));
    return 1;
}

/* ctx:consulted(topic, key) */
static nresults ctx_consulted(lua_State *L)
{
    struct ctx *ctx = ctx_check(L);
    const struct rule *rule = named_rule(ctx, L, 2, ctx->run.node->rule->may_consult, "consults");
    const char *key = luaL_checkstring(L, 3);
    graph_key_topic(&ctx->key, 'e', rule, key);
    note_read(ctx);
    const struct node *node = graph_find(rule, key);
    lua_pushboolean(L, node != NULL && node->in.count != 0);
    return 1;
}

void ctx_node_source(const struct node *node, struct kong_source *ret_source)
{
    const struct origin *origin = &node->origin;
    kong_source_make(ret_source, origin->kind, origin->namespace, origin->name, origin->uid);
}

static const char *member_text(lua_State *L, int index, const char *name)
{
    lua_getfield(L, index, name);
    const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
    lua_pop(L, 1); /* the table keeps it alive */
    return text;
}

void ctx_source_of(lua_State *L, int index, struct kong_source *ret_source)
{
    index = lua_absindex(L, index);
    luaL_checktype(L, index, LUA_TTABLE);
    const char *kind = member_text(L, index, "kind");
    const char *api_version = member_text(L, index, "apiVersion");
    lua_getfield(L, index, "metadata");
    int from = lua_istable(L, -1) ? lua_gettop(L) : index; /* an object, or a `from` of a contribution */
    const char *namespace = member_text(L, from, "namespace");
    const char *name = member_text(L, from, "name");
    const char *uid = member_text(L, from, "uid");
    if (kind == NULL || name == NULL)
        luaL_error(L, "an object (or a contribution's 'from') is expected: it has no kind or no name");
    const char *id = api_version != NULL ? lua_pushfstring(L, "%s/%s", api_version, kind) : lua_pushstring(L, kind);
    kong_source_make(ret_source, id, namespace, name, uid);
    lua_pop(L, 2);
}

/* ctx:problem(object, code, text) */
static nresults ctx_problem(lua_State *L)
{
    struct ctx *ctx = ctx_check(L);
    const char *code = luaL_checkstring(L, 3);
    const char *text = luaL_checkstring(L, 4);
    struct kong_source about;
    if (lua_isnoneornil(L, 2))
        ctx_node_source(ctx->run.node, &about);
    else
        ctx_source_of(L, 2, &about);
    const struct problem_code *row = problem_code_find(code);
    struct problem *problem = problem_new(row != NULL ? row->severity : PROBLEM_WARN, code, &about, text);
    kong_source_done(&about);
    vec_push(&ctx->run.problems, problem);
    return 0;
}

/* ctx:condition(object, { type, status, reason, message, subject, detail }) */
static nresults ctx_condition(lua_State *L)
{
    struct ctx *ctx = ctx_check(L);
    luaL_checktype(L, 3, LUA_TTABLE);
    const char *type = member_text(L, 3, "type");
    const char *status = member_text(L, 3, "status");
    const char *reason = member_text(L, 3, "reason");
    luaL_argcheck(L, type != NULL && status != NULL && reason != NULL, 3, "type, status and reason are needed");
    buf_clear(&ctx->text);
    if (lua_getfield(L, 3, "detail") != LUA_TNIL)
        convert_print(L, -1, NULL, &ctx->text);
    struct kong_source about;
    if (lua_isnoneornil(L, 2))
        ctx_node_source(ctx->run.node, &about);
    else
        ctx_source_of(L, 2, &about);
    const struct rules_condition_texts texts = {.subject = member_text(L, 3, "subject"),
                                                .type = type,
                                                .status = status,
                                                .reason = reason,
                                                .message = member_text(L, 3, "message"),
                                                .detail = buf_text(&ctx->text)};
    struct rules_condition *condition = rules_condition_new(&about, &texts);
    kong_source_done(&about);
    vec_push(&ctx->run.conditions, condition);
    return 0;
}

/* ctx:option(name): the whole name first, then level by level at its dots. */
static nresults ctx_option(lua_State *L)
{
    struct ctx *ctx = ctx_check(L);
    const char *name = luaL_checkstring(L, 2);
    buf_clear(&ctx->key);
    buf_append_text(&ctx->key, GRAPH_OPTIONS);
    note_read(ctx);
    lua_rawgeti(L, LUA_REGISTRYINDEX, ctx->settings_ref);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, -2) != LUA_TNIL)
        return 1;
    lua_pop(L, 1);
    while (lua_istable(L, -1)) {
        size_t length = strcspn(name, ".");
        lua_pushlstring(L, name, length);
        lua_rawget(L, -2);
        if (name[length] == '\0')
            return 1;
        name += length + 1;
    }
    lua_pushnil(L);
    return 1;
}

static nresults ctx_unknown(lua_State *L)
{
    static const char *const names[] = {"lookup",    "status", "list",    "contribute", "consult",
                                        "consulted", "emit",   "problem", "condition",  "option"};
    const char *name = luaL_checkstring(L, 2);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
        return 1;
    const char *near = loader_near(name, names, COUNT_OF(names));
    return luaL_error(L, "ctx has no '%s'%s%s%s", name, near != NULL ? "; did you mean '" : "",
                      near != NULL ? near : "", near != NULL ? "'?" : "");
}

void ctx_open(struct ctx *ctx, lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"lookup", ctx_lookup},       {"status", ctx_status},       {"list", ctx_list}, {"contribute", ctx_contribute},
        {"consult", ctx_consult},     {"consulted", ctx_consulted}, {"emit", ctx_emit}, {"problem", ctx_problem},
        {"condition", ctx_condition}, {"option", ctx_option},       {NULL, NULL},
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
