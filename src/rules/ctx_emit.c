/* ctx:emit(kind, fields, links, options): a rule's table becomes an immutable entity. */
#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#include "convert.h"
#include "ctx.h"
#include "loader_near.h"

#define SOURCES_MAX  16 /* objects named as the origin of one entity */
#define STACK_LOOKED 6  /* call levels searched for the step that emits */

typedef int nresults;

static const struct kong_kind *entity_kind(struct ctx *ctx, lua_State *L, int index)
{
    const char *name = luaL_checkstring(L, index);
    const struct kong_kind *kind = ctx_recall(ctx, L, CTX_ENTITY_KINDS, index);
    if (kind != NULL)
        return kind;
    kind = kong_kind_find(name);
    if (kind != NULL) {
        ctx_remember(ctx, L, CTX_ENTITY_KINDS, index, kind);
        return kind;
    }
    const char *names[KONG_KIND_COUNT];
    for (int i = 0; i < KONG_KIND_COUNT; i++)
        names[i] = kong_kind_get((enum kong_kind_id)i)->name;
    const char *near = loader_near(name, names, KONG_KIND_COUNT);
    luaL_error(L, "there is no entity kind '%s'%s%s%s", name, near != NULL ? "; did you mean '" : "",
               near != NULL ? near : "", near != NULL ? "'?" : "");
    return NULL;
}

/* Runs the adjusters of the kind over the fields at index 3; false when one of them dropped the entity.  Their files are noted on the
 * stack as one string, which is left on top. */
static bool adjust(struct ctx *ctx, lua_State *L, const struct kong_kind *kind)
{
    lua_pushliteral(L, "");
    for (size_t i = 0; i < ctx->loader->adjusters.count; i++) {
        const struct adjuster *adjuster = &ctx->loader->adjusters.items[i];
        if (adjuster->kind != kind)
            continue;
        lua_rawgeti(L, LUA_REGISTRYINDEX, adjuster->lua_ref);
        lua_pushvalue(L, 1);
        lua_pushvalue(L, 3);
        lua_getfield(L, 5, "about");
        lua_call(L, 3, 1);
        if (lua_isnil(L, -1))
            return false;
        if (!lua_istable(L, -1))
            luaL_error(L, "%s: adjust must return the entity or nil", adjuster->file);
        lua_replace(L, 3);
        lua_pushfstring(L, lua_rawlen(L, -1) > 0 ? "%s,%s" : "%s%s", lua_tostring(L, -1), adjuster->file);
        lua_replace(L, -2);
    }
    return true;
}

/* The links at index 4 as natural keys; borrowed from the Lua strings, which the table keeps. */
static void read_links(lua_State *L, const struct kong_kind *kind, const char *foreign_keys[KONG_FOREIGN_MAX])
{
    memset(foreign_keys, 0, KONG_FOREIGN_MAX * sizeof(*foreign_keys));
    if (lua_isnil(L, 4))
        return;
    luaL_checktype(L, 4, LUA_TTABLE);
    size_t found = 0, given = 0;
    for (int i = 0; i < KONG_FOREIGN_MAX && kind->foreign[i].field != NULL; i++) {
        lua_getfield(L, 4, kind->foreign[i].field);
        foreign_keys[i] = lua_tostring(L, -1);
        found += foreign_keys[i] != NULL;
        lua_pop(L, 1);
    }
    lua_pushnil(L);
    while (lua_next(L, 4) != 0) {
        given++;
        lua_pop(L, 1);
    }
    if (found != given)
        luaL_error(L, "a %s has no such link, or its key is no string: check the fields of 'links'", kind->name);
}

/* Custom entities are named by options.type and options.name; without a name the gateway is asked for the type's schema. */
static char *custom_key(lua_State *L, const char *const foreign_keys[KONG_FOREIGN_MAX])
{
    lua_getfield(L, 5, "type");
    lua_getfield(L, 5, "name");
    if (lua_type(L, -2) != LUA_TSTRING || (!lua_isnil(L, -1) && lua_type(L, -1) != LUA_TSTRING))
        luaL_error(L, "a custom entity needs options.type, and options.name where it is one");
    const char *name = lua_isnil(L, -1) ? KONG_CUSTOM_QUESTION : lua_tostring(L, -1);
    char *key = kong_custom_key(lua_tostring(L, -2), name, foreign_keys);
    lua_pop(L, 2);
    return key;
}

/* The natural key, pushed as a Lua string.  The fields' canonical text is in ctx->text. */
static const char *push_key(struct ctx *ctx, lua_State *L, const struct kong_kind *kind,
                            const char *const foreign_keys[KONG_FOREIGN_MAX])
{
    if (kind->key_of == NULL && !kind->key_is_secret) {
        for (int i = 0; i < KONG_FIELDS_MAX && kind->key_fields[i] != NULL; i++) {
            if (lua_getfield(L, 3, kind->key_fields[i]) == LUA_TSTRING)
                return lua_tostring(L, -1);
            lua_pop(L, 1);
        }
    } else {
        struct json *fields = NULL;
        struct err err = ERR_INIT;
        char *key = kind->id == KONG_CUSTOM ? custom_key(L, foreign_keys) : NULL;
        if (key == NULL && json_parse(ctx->text.data, ctx->text.length, &fields, &err) == 0)
            key = kong_kind_key(kind, fields, foreign_keys);
        json_free(fields);
        /* a copy in a fixed buffer: pushing may raise, and the key must not be lost then */
        if (key != NULL) {
            buf_clear(&ctx->key);
            buf_append_text(&ctx->key, key);
            free(key);
            return lua_pushlstring(L, ctx->key.data, ctx->key.length);
        }
    }
    luaL_error(L, "a %s without the fields of its natural key (%s …)", kind->name,
               kind->key_fields[0] != NULL ? kind->key_fields[0] : "links");
    return NULL;
}

static bool has_source(const struct kong_origin *origin, const struct kong_source *source)
{
    for (size_t i = 0; i < origin->source_count; i++) {
        const struct kong_source *present = &origin->sources[i];
        if (strcmp(present->name, source->name) == 0 && strcmp(present->namespace, source->namespace) == 0 &&
            strcmp(present->kind, source->kind) == 0)
            return true;
    }
    return false;
}

/* Takes the source. */
static void add_source(struct kong_origin *origin, struct kong_source *source)
{
    if (origin->source_count == SOURCES_MAX || has_source(origin, source)) {
        kong_source_done(source);
        return;
    }
    origin->sources = xrealloc(origin->sources, (origin->source_count + 1) * sizeof(*origin->sources));
    origin->sources[origin->source_count++] = *source;
}

/* Objects named in options.about come first, then the node's own: its object, or its contributors'. */
static void collect_sources(struct ctx *ctx, lua_State *L, struct kong_origin *origin)
{
    struct kong_source source;
    lua_getfield(L, 5, "about");
    if (lua_istable(L, -1)) {
        bool list = lua_rawlen(L, -1) > 0;
        lua_Integer count = list ? (lua_Integer)lua_rawlen(L, -1) : 1;
        for (lua_Integer i = 1; i <= count && i <= SOURCES_MAX; i++) {
            if (list)
                lua_rawgeti(L, -1, i);
            else
                lua_pushvalue(L, -1);
            ctx_source_of(L, -1, &source);
            add_source(origin, &source);
            lua_pop(L, 1);
        }
    }
    lua_pop(L, 1);
    struct node *node = ctx->run.node;
    const struct contribution_list *list = graph_contributions(node);
    for (size_t i = 0; i < list->count && i < SOURCES_MAX; i++) {
        ctx_node_source(list->items[i]->from, &source);
        add_source(origin, &source);
    }
    if (list->count == 0) {
        ctx_node_source(node, &source);
        add_source(origin, &source);
    }
}

/* The innermost step on the call stack, and the file and line that called emit. */
static void find_step(struct ctx *ctx, lua_State *L, struct kong_origin *origin, const char *given)
{
    origin->step = given != NULL ? shared_texts_find(ctx->texts, given) : NULL;
    origin->line = 0;
    lua_Debug activation;
    for (int level = 1; level <= STACK_LOOKED && lua_getstack(L, level, &activation) != 0; level++) {
        if (origin->file == NULL) {
            lua_getinfo(L, "Sl", &activation);
            if (activation.currentline > 0) {
                origin->file = shared_texts_find(ctx->texts, activation.source + (activation.source[0] == '@'));
                origin->line = activation.currentline;
            }
        }
        if (origin->step != NULL)
            continue;
        lua_getinfo(L, "f", &activation);
        loader_push_step_name(L, -1);
        if (lua_isstring(L, -1))
            origin->step = shared_texts_find(ctx->texts, lua_tostring(L, -1));
        lua_pop(L, 2);
    }
    if (origin->step == NULL)
        origin->step = shared_texts_find(ctx->texts, "");
    if (origin->file == NULL)
        origin->file = shared_texts_find(ctx->texts, "");
}

static void read_guards(lua_State *L, struct kong_entity *entity)
{
    lua_getfield(L, 5, "guards");
    size_t count = lua_istable(L, -1) ? lua_rawlen(L, -1) : 0;
    entity->guards = count != 0 ? xcalloc(count, sizeof(*entity->guards)) : NULL;
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, -1, (lua_Integer)i + 1);
        const char *guard = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
        if (guard != NULL)
            entity->guards[entity->guard_count++] = xstrdup(guard);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

/* The id that the rule gave, left on the stack, or the one that follows from the natural key. */
static const char *push_id(struct ctx *ctx, lua_State *L, const struct kong_kind *kind, const char *key, char uuid[37])
{
    if (lua_getfield(L, 3, "id") == LUA_TSTRING)
        return lua_tostring(L, -1);
    char *space = ctx->id_spaces[kind->id];
    if (space[0] == '\0')
        kong_kind_make_space(kind, space);
    kong_kind_make_id_in(space, ctx->workspace, key, uuid);
    return uuid;
}

/* Everything that may raise has been done: the rest only copies. */
static void build(struct ctx *ctx, lua_State *L, const struct kong_kind *kind, const char *key,
                  const char *const *foreign_keys, const char *overrides)
{
    char uuid[37];
    const struct kong_entity_texts texts = {.key = key,
                                            .id = push_id(ctx, L, kind, key, uuid),
                                            .text = ctx->text.data,
                                            .length = ctx->text.length,
                                            .foreign_keys = foreign_keys};
    struct kong_entity *entity = kong_entity_make(kind, &texts);
    lua_pop(L, 1);
    vec_push(&ctx->run.entities, entity);
    read_guards(L, entity);
    entity->origin.rule = shared_texts_find(ctx->texts, ctx->run.node->rule->name);
    entity->origin.overrides = shared_texts_find(ctx->texts, overrides);
    lua_getfield(L, 5, "step");
    find_step(ctx, L, &entity->origin, lua_tostring(L, -1));
    lua_pop(L, 1);
    collect_sources(ctx, L, &entity->origin);
}

int ctx_emit(lua_State *L)
{
    struct ctx *ctx = ctx_check(L);
    const struct kong_kind *kind = entity_kind(ctx, L, 2);
    luaL_checktype(L, 3, LUA_TTABLE);
    lua_settop(L, 5);
    if (lua_isnil(L, 5)) {
        lua_newtable(L);
        lua_replace(L, 5);
    }
    luaL_checktype(L, 5, LUA_TTABLE);
    luaL_checkstack(L, 20, "an entity");
    bool kept = adjust(ctx, L, kind); /* leaves the adjusters' files at index 6 */
    lua_settop(L, 6);
    const char *foreign_keys[KONG_FOREIGN_MAX];
    read_links(L, kind, foreign_keys);
    buf_clear(&ctx->text);
    /* where entities cannot carry a tag it must stay known that somebody has chosen the id */
    convert_print(L, 3, kind->id == KONG_CUSTOM ? NULL : "id", &ctx->text);
    const char *key = push_key(ctx, L, kind, foreign_keys);
    if (kept)
        build(ctx, L, kind, key, foreign_keys, lua_tostring(L, 6));
    lua_settop(L, 7);
    return 1;
}
