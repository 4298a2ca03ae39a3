/* What the methods of ctx share: who may call them, how much a run may collect, and objects that rules name. */
#include <lauxlib.h>
#include <string.h>

#include "ctx.h"
#include "lua/read.h"
#include "lua/view.h"

RAISES struct ctx *ctx_check(lua_State *L)
{
    struct ctx *ctx = *(struct ctx **)luaL_checkudata(L, 1, CTX_NAME);
    if (ctx->run.node == NULL)
        luaL_error(L, "ctx is valid only while its rule runs");
    return ctx;
}

RAISES void ctx_may_collect(const struct ctx *ctx, lua_State *L, size_t bytes)
{
    size_t most = ctx->host->budget.limits.result;
    if (bytes > most - ctx->run.collected)
        luaL_error(
            L, "what the rule reads, emits, contributes and reports is over the limit of %d MiB (--rule-result-limit)",
            (int)(most >> 20));
}

RAISES void ctx_collect(struct ctx *ctx, lua_State *L, size_t bytes)
{
    ctx_may_collect(ctx, L, bytes);
    ctx->run.collected += bytes;
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

RAISES void ctx_remember(struct ctx *ctx, lua_State *L, enum ctx_names sort, int index, const void *found)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, ctx->names_refs[sort]);
    lua_pushvalue(L, index);
    lua_pushlightuserdata(L, (void *)(uintptr_t)found);
    lua_rawset(L, -3);
    lua_pop(L, 1);
}

void ctx_node_source(const struct node *node, struct kong_source *ret_source)
{
    const struct origin *origin = &node->origin;
    kong_source_make(ret_source, origin->kind, origin->namespace, origin->name, origin->uid);
}

/* Pushes a member that is a text, or nil; anything else is as good as absent. */
static RAISES const char *push_text(lua_State *L, int index, const char *name)
{
    if (lua_read_member(L, index, name) != LUA_TSTRING)
        return NULL;
    return lua_read_check(L, -1, "about", name);
}

RAISES void ctx_source_of(lua_State *L, int index, struct kong_source *ret_source)
{
    luaL_checkstack(L, 10, "an object");
    lua_pushvalue(L, index);
    int object = lua_gettop(L);
    lua_view_open(L, object);
    if (!lua_istable(L, object))
        luaL_error(L, "about: an object (or a contribution's 'from') is expected, not %s", luaL_typename(L, object));
    const char *kind = push_text(L, object, "kind");
    const char *api_version = push_text(L, object, "apiVersion");
    lua_read_member(L, object, "metadata");
    lua_view_open(L, -1);
    int from = lua_istable(L, -1) ? lua_gettop(L) : object; /* an object, or a `from` of a contribution */
    const char *name = push_text(L, from, "name");
    lua_read_member(L, from, "namespace"); /* may be empty */
    const char *namespace =
        lua_type(L, -1) == LUA_TSTRING && lua_rawlen(L, -1) > 0 ? lua_read_check(L, -1, "about", "namespace") : NULL;
    const char *uid = push_text(L, from, "uid");
    if (kind == NULL || name == NULL)
        luaL_error(L, "an object (or a contribution's 'from') is expected: it has no kind or no name");
    const char *id = api_version != NULL ? lua_pushfstring(L, "%s/%s", api_version, kind) : kind;
    kong_source_make(ret_source, id, namespace, name, uid);
    lua_settop(L, object - 1);
}
