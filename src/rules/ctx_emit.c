/* ctx:emit(kind, fields, links, options): a rule's table becomes an immutable entity. */
#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "convert.h"
#include "ctx.h"
#include "entity_check.h"
#include "loader_near.h"
#include "loader_steps.h"
#include "lua_read.h"
#include "lua_thaw.h"
#include "lua_view.h"

#define SOURCES_MAX  16   /* objects named as the origin of one entity */
#define STACK_LOOKED 6    /* call levels searched for the step that emits */
#define ENTITY_COST  1024 /* bytes that an entity takes beside its texts */
#define GUARD_COST   32

typedef int nresults;

/* Where things stand on the Lua stack of ctx:emit(kind, fields, links, options).  The texts that the entity is made of stay there until it is. */
enum { AT_CTX = 1, AT_KIND, AT_FIELDS, AT_LINKS, AT_OPTIONS, AT_FILES, AT_LINK_KEYS };

/* The texts of an entity, all of them on the stack or in ctx->text. */
struct emission_texts {
    const struct kong_kind *kind;
    const char *foreign_keys[KONG_FOREIGN_MAX];
    const char *key, *id, *step, *files;
    char derived_id[37];
};

static RAISES const struct kong_kind *entity_kind(struct ctx *ctx, lua_State *L, int index)
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

/* Runs the adjusters of the kind over the fields; false when one of them dropped the entity.  Their files are noted on the stack as one
 * string, which is left on top. */
static RAISES bool adjust(struct ctx *ctx, lua_State *L, const struct kong_kind *kind)
{
    lua_pushliteral(L, "");
    for (size_t i = 0; i < ctx->loader->adjusters.count; i++) {
        const struct adjuster *adjuster = &ctx->loader->adjusters.items[i];
        if (adjuster->kind != kind)
            continue;
        lua_thaw(L, AT_FIELDS);
        lua_rawgeti(L, LUA_REGISTRYINDEX, adjuster->lua_ref);
        lua_pushvalue(L, AT_CTX);
        lua_pushvalue(L, AT_FIELDS);
        lua_read_member(L, AT_OPTIONS, "about");
        lua_call(L, 3, 1);
        if (lua_isnil(L, -1))
            return false;
        if (!lua_istable(L, -1))
            luaL_error(L, "%s: adjust must return the entity or nil", adjuster->file);
        lua_replace(L, AT_FIELDS);
        lua_pushfstring(L, lua_rawlen(L, -1) > 0 ? "%s,%s" : "%s%s", lua_tostring(L, -1), adjuster->file);
        lua_replace(L, -2);
    }
    return true;
}

/* The name of a foreign field that is no such field's, for the message. */
static RAISES void refuse_links(lua_State *L, const struct kong_kind *kind)
{
    for (lua_pushnil(L); lua_next(L, AT_LINKS) != 0; lua_pop(L, 1)) {
        bool known = false;
        for (int i = 0; i < KONG_FOREIGN_MAX && kind->foreign[i].field != NULL && lua_type(L, -2) == LUA_TSTRING; i++)
            known = known || strcmp(lua_tostring(L, -2), kind->foreign[i].field) == 0;
        if (!known)
            luaL_error(L, "links: a %s has no link '%s'", kind->name, luaL_tolstring(L, -2, NULL));
    }
}

/* The links as natural keys, which are pushed. */
static RAISES void push_links(lua_State *L, struct emission_texts *texts)
{
    const struct kong_kind *kind = texts->kind;
    size_t found = 0, given = 0;
    if (lua_isnil(L, AT_LINKS))
        return;
    luaL_checktype(L, AT_LINKS, LUA_TTABLE);
    lua_view_open(L, AT_LINKS);
    for (int i = 0; i < KONG_FOREIGN_MAX && kind->foreign[i].field != NULL; i++) {
        if (lua_read_member(L, AT_LINKS, kind->foreign[i].field) == LUA_TNIL)
            continue;
        texts->foreign_keys[i] = lua_read_check(L, -1, "links", kind->foreign[i].field);
        found++;
    }
    for (lua_pushnil(L); lua_next(L, AT_LINKS) != 0; lua_pop(L, 1))
        given++;
    if (found != given)
        refuse_links(L, kind);
}

/* Custom entities are named by options.type and options.name; without a name the gateway is asked for the type's schema. */
static RAISES void custom_key(struct ctx *ctx, lua_State *L, const struct emission_texts *texts)
{
    lua_read_member(L, AT_OPTIONS, "type");
    const char *type = lua_read_check(L, -1, "options", "type");
    const char *name = lua_read_member(L, AT_OPTIONS, "name") != LUA_TNIL ? lua_read_check(L, -1, "options", "name")
                                                                          : KONG_CUSTOM_QUESTION;
    char *key = kong_custom_key(type, name, texts->foreign_keys);
    buf_append_text(&ctx->key, key);
    free(key);
}

/* Computes the natural key from the fields' text into ctx->key; nothing when a field that it needs is missing. */
static void computed_key(struct ctx *ctx, const struct emission_texts *texts)
{
    struct err err = ERR_INIT;
    AUTO(json) struct json *fields = NULL;
    if (json_parse(ctx->text.data, ctx->text.length, &fields, &err) != 0)
        return;
    AUTO(text) char *key = kong_kind_key(texts->kind, fields, texts->foreign_keys);
    if (key != NULL)
        buf_append_text(&ctx->key, key);
}

/* The natural key, pushed.  The fields' canonical text is in ctx->text. */
static RAISES const char *push_key(struct ctx *ctx, lua_State *L, const struct emission_texts *texts)
{
    const struct kong_kind *kind = texts->kind;
    buf_clear(&ctx->key);
    if (kind->id == KONG_CUSTOM) {
        custom_key(ctx, L, texts);
    } else if (kind->key_of == NULL && !kind->key_is_secret) {
        for (int i = 0; i < KONG_FIELDS_MAX && kind->key_fields[i] != NULL; i++) {
            int type = lua_read_member(L, AT_FIELDS, kind->key_fields[i]);
            if (ctx->kong_judges && type == LUA_TSTRING && lua_rawlen(L, -1) == 0)
                return lua_tostring(L, -1); /* Kong Ingress Controller's credentials may have empty keys */
            if (type != LUA_TNIL)
                return lua_read_check(L, -1, kind->name, kind->key_fields[i]);
        }
    } else {
        computed_key(ctx, texts);
    }
    if (ctx->key.length == 0)
        luaL_error(L, "a %s without the fields of its natural key (%s …)", kind->name,
                   kind->key_fields[0] != NULL ? kind->key_fields[0] : "links");
    return lua_pushlstring(L, ctx->key.data, ctx->key.length);
}

/* The id that the rule gave, pushed, or the one that follows from the natural key. */
static RAISES const char *push_id(struct ctx *ctx, lua_State *L, struct emission_texts *texts)
{
    if (lua_read_member(L, AT_FIELDS, "id") != LUA_TNIL) {
        size_t length = 0;
        const char *id = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &length) : "";
        bool is_text = lua_type(L, -1) == LUA_TSTRING && lua_read_fault(id, length, false) == NULL;
        if (!is_text || (!hash_uuid_valid(id) && !ctx->kong_judges))
            luaL_error(L, "%s.id: a UUID is expected", texts->kind->name);
        return id;
    }
    char *space = ctx->id_spaces[texts->kind->id];
    if (space[0] == '\0')
        kong_kind_make_space(texts->kind, space);
    kong_kind_make_id_in(space, ctx->workspace, texts->key, texts->derived_id);
    return texts->derived_id;
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

/* Objects named in options.about; the entity already belongs to the run. */
static RAISES void collect_named_sources(lua_State *L, struct kong_origin *origin)
{
    struct kong_source source;
    if (lua_read_member(L, AT_OPTIONS, "about") == LUA_TNIL)
        return;
    lua_view_open(L, -1);
    lua_Integer count = lua_istable(L, -1) ? (lua_Integer)lua_rawlen(L, -1) : 0;
    if (count == 0) {
        ctx_source_of(L, -1, &source);
        add_source(origin, &source);
    }
    for (lua_Integer i = 1; i <= count && i <= SOURCES_MAX; i++) {
        lua_rawgeti(L, -1, i);
        ctx_source_of(L, -1, &source);
        add_source(origin, &source);
        lua_pop(L, 1);
    }
}

/* Behind those that were named come the node's own: its object, or its contributors'. */
static void collect_own_sources(struct node *node, struct kong_origin *origin)
{
    struct kong_source source;
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
        loader_steps_push_name(L, -1);
        if (lua_type(L, -1) == LUA_TSTRING)
            origin->step = shared_texts_find(ctx->texts, lua_tostring(L, -1));
        lua_pop(L, 2);
    }
    if (origin->step == NULL)
        origin->step = shared_texts_find(ctx->texts, "");
    if (origin->file == NULL)
        origin->file = shared_texts_find(ctx->texts, "");
}

/* The entity already belongs to the run: an error in between leaves it to that. */
static RAISES void read_guards(struct ctx *ctx, lua_State *L, struct kong_entity *entity)
{
    if (lua_read_member(L, AT_OPTIONS, "guards") == LUA_TNIL)
        return;
    if (!lua_istable(L, -1))
        luaL_error(L, "options.guards: a list is expected, not %s", luaL_typename(L, -1));
    lua_view_open(L, -1);
    char name[40];
    size_t count = lua_rawlen(L, -1);
    ctx_collect(ctx, L, count * GUARD_COST);
    entity->guards = count != 0 ? xcalloc(count, sizeof(*entity->guards)) : NULL;
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, -1, (lua_Integer)i + 1);
        snprintf(name, sizeof(name), "guards[%zu]", i + 1);
        const char *guard = lua_read_check(L, -1, "options", name);
        ctx_collect(ctx, L, strlen(guard));
        entity->guards[entity->guard_count++] = xstrdup(guard);
        lua_pop(L, 1);
    }
}

static RAISES void build(struct ctx *ctx, lua_State *L, const struct emission_texts *texts)
{
    const struct kong_entity_texts all = {.key = texts->key,
                                          .id = texts->id,
                                          .text = ctx->text.data,
                                          .length = ctx->text.length,
                                          .foreign_keys = texts->foreign_keys};
    ctx_collect(ctx, L, ENTITY_COST + ctx->text.length + strlen(texts->key));
    struct kong_entity *entity = kong_entity_make(texts->kind, &all);
    vec_push(&ctx->run.entities, entity);
    entity->origin.rule = shared_texts_find(ctx->texts, ctx->run.node->rule->name);
    entity->origin.overrides = shared_texts_find(ctx->texts, texts->files);
    find_step(ctx, L, &entity->origin, texts->step);
    read_guards(ctx, L, entity);
    collect_named_sources(L, &entity->origin);
    collect_own_sources(ctx->run.node, &entity->origin);
}

/* The arguments as a table each, views opened; the adjusters have seen them. */
static RAISES bool take_arguments(struct ctx *ctx, lua_State *L, const struct kong_kind *kind)
{
    luaL_checktype(L, AT_FIELDS, LUA_TTABLE);
    lua_settop(L, AT_OPTIONS);
    if (lua_isnil(L, AT_OPTIONS)) {
        lua_newtable(L);
        lua_replace(L, AT_OPTIONS);
    }
    luaL_checktype(L, AT_OPTIONS, LUA_TTABLE);
    luaL_checkstack(L, 40, "an entity");
    lua_view_open(L, AT_OPTIONS);
    bool kept = adjust(ctx, L, kind);
    lua_settop(L, AT_FILES);
    lua_view_open(L, AT_FIELDS);
    return kept;
}

RAISES nresults ctx_emit(lua_State *L)
{
    struct ctx *ctx = ctx_check(L);
    struct emission_texts texts = {.kind = entity_kind(ctx, L, AT_KIND)};
    bool kept = take_arguments(ctx, L, texts.kind);
    texts.files = lua_tostring(L, AT_FILES);
    push_links(L, &texts);
    /* where entities cannot carry a tag it must stay known that somebody has chosen the id */
    const struct convert_print_options options = {
        .what = texts.kind->name, .skip = texts.kind->id == KONG_CUSTOM ? NULL : "id", .storable = true};
    buf_clear(&ctx->text);
    convert_print(L, AT_FIELDS, &options, &ctx->text);
    entity_check(L, AT_FIELDS, texts.kind, !ctx->kong_judges);
    texts.key = push_key(ctx, L, &texts);
    int key = lua_gettop(L);
    if (kept) {
        texts.id = push_id(ctx, L, &texts);
        texts.step =
            lua_read_member(L, AT_OPTIONS, "step") != LUA_TNIL ? lua_read_check(L, -1, "options", "step") : NULL;
        build(ctx, L, &texts);
    }
    lua_pushvalue(L, key);
    return 1;
}
