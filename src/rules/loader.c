/* Loading: every file returns one table with one verb; nothing is kept of a set in which one file is wrong. */
#include "loader.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "loader_near.h"

typedef int nresults;

static const char STEPS_KEY; /* registry: function -> step name */

static const char *const WORDS[] = {"api",      "kind",    "shared",   "reads",  "contributes",
                                    "consults", "extends", "replaces", "adjusts"};

struct load {
    struct loader *loader;
    const char *folder; /* cut off the path that people see */
    const char *prefix; /* put in front of it: "rules/", or "" */
    bool override;
    struct err *err;
};

void loader_push_step_name(lua_State *L, int index)
{
    index = lua_absindex(L, index);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &STEPS_KEY);
    lua_pushvalue(L, index);
    lua_rawget(L, -2);
    lua_remove(L, -2);
}

struct rule *loader_find(const struct loader *loader, const char *target)
{
    const struct store_kind *kind = store_kinds_find(loader->kinds, target);
    for (int i = 0; i < loader->graph->rule_count; i++) {
        struct rule *rule = loader->graph->rules[i];
        if (kind != NULL ? rule->kind == kind : strcmp(rule->name, target) == 0)
            return rule;
    }
    return NULL;
}

static int wrong(struct load *load, const char *shown, const char *text, const char *word)
{
    return err_set(load->err, ERR_RULE, "%s: %s%s%s%s", shown, text, word != NULL ? " '" : "", word != NULL ? word : "",
                   word != NULL ? "'" : "");
}

static int unknown(struct load *load, const char *shown, const char *what, const char *word, const char *const *words,
                   size_t count)
{
    const char *near = loader_near(word, words, count);
    return err_set(load->err, ERR_RULE, "%s: unknown %s '%s'%s%s%s", shown, what, word,
                   near != NULL ? "; did you mean '" : "", near != NULL ? near : "", near != NULL ? "'?" : "");
}

static int unknown_rule(struct load *load, const char *shown, const char *what, const char *word)
{
    const char *words[2 * GRAPH_RULES_MAX];
    size_t count = 0;
    for (int i = 0; i < load->loader->graph->rule_count; i++) {
        words[count++] = load->loader->graph->rules[i]->name;
        if (load->loader->graph->rules[i]->kind != NULL)
            words[count++] = load->loader->graph->rules[i]->kind->id;
    }
    return unknown(load, shown, what, word, words, count);
}

/* A text field of the table on top, or NULL; borrowed while the table lives. */
static const char *field(lua_State *L, const char *name)
{
    lua_getfield(L, -1, name);
    const char *text = lua_tostring(L, -1);
    lua_pop(L, 1);
    return text;
}

static int check_words(struct load *load, lua_State *L, const char *shown)
{
    lua_pushnil(L);
    while (lua_next(L, -2) != 0) {
        bool step = lua_isfunction(L, -1);
        lua_pop(L, 1);
        if (lua_type(L, -1) != LUA_TSTRING)
            return wrong(load, shown, "the table must have named members only", NULL);
        const char *name = lua_tostring(L, -1);
        bool known = step;
        for (size_t i = 0; i < COUNT_OF(WORDS); i++)
            known = known || strcmp(name, WORDS[i]) == 0;
        if (!known)
            return unknown(load, shown, "key", name, WORDS, COUNT_OF(WORDS));
    }
    lua_getfield(L, -1, "api");
    bool good = lua_isinteger(L, -1) && lua_tointeger(L, -1) == 1;
    lua_pop(L, 1);
    return good ? 0 : wrong(load, shown, "'api = 1' is needed: no other version is known", NULL);
}

typedef int list_fn(struct load *load, struct rule *rule, const char *shown, const char *word);

static int each_word(struct load *load, lua_State *L, struct rule *rule, const char *shown, const char *name,
                     list_fn *take)
{
    int rc = 0;
    lua_getfield(L, -1, name);
    if (!lua_isnil(L, -1) && !lua_istable(L, -1))
        rc = wrong(load, shown, "a list is expected for", name);
    lua_Integer count = lua_istable(L, -1) ? (lua_Integer)lua_rawlen(L, -1) : 0;
    for (lua_Integer i = 1; rc == 0 && i <= count; i++) {
        lua_rawgeti(L, -1, i);
        const char *word = lua_tostring(L, -1);
        rc = word != NULL ? take(load, rule, shown, word)
                          : wrong(load, shown, "a list of strings is expected for", name);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return rc;
}

static int take_read(struct load *load, struct rule *rule, const char *shown, const char *word)
{
    const struct store_kind *kind = store_kinds_add(load->loader->kinds, word, load->err);
    if (kind == NULL)
        return err_wrap(load->err, "%s: reads", shown);
    rule->may_read[kind->index] = true;
    return 0;
}

static int take_target(struct load *load, struct rule *rule, const char *shown, const char *word)
{
    const struct rule *target = loader_find(load->loader, word);
    if (target == NULL)
        return unknown_rule(load, shown, "rule in contributes:", word);
    if (target->kind != NULL)
        return wrong(load, shown, "contributions go to shared rules only, not to", word);
    rule->may_contribute[target->index] = true;
    return 0;
}

static int take_topic(struct load *load, struct rule *rule, const char *shown, const char *word)
{
    const struct rule *topic = loader_find(load->loader, word);
    if (topic == NULL)
        return unknown_rule(load, shown, "topic in consults:", word);
    if (!topic->topic)
        return wrong(load, shown, "only shared rules without 'translate' can be consulted, not", word);
    rule->may_consult[topic->index] = true;
    return 0;
}

/* Notes the functions of the table on top as steps, by name. */
static void note_steps(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &STEPS_KEY);
    lua_pushnil(L);
    while (lua_next(L, -3) != 0) {
        if (lua_isfunction(L, -1)) {
            lua_pushvalue(L, -1);
            lua_pushvalue(L, -3);
            lua_rawset(L, -5);
        }
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

static int by_text(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void note_file(struct load *load, lua_State *L, const char *shown, const char *verb, const char *target)
{
    struct rules_file file = {xstrdup(shown), verb, xstrdup(target), NULL, 0};
    const char **steps = xcalloc(LOADER_STEPS_MAX + 1, sizeof(*steps));
    size_t count = 0;
    lua_pushnil(L);
    while (lua_next(L, -2) != 0) {
        if (lua_isfunction(L, -1) && count < LOADER_STEPS_MAX)
            steps[count++] = xstrdup(lua_tostring(L, -2));
        lua_pop(L, 1);
    }
    qsort(steps, count, sizeof(*steps), by_text);
    file.steps = steps;
    vec_push(&load->loader->files, file);
}

/* The table on top becomes a rule; the table stays in the registry. */
static int add_rule(struct load *load, lua_State *L, const char *shown, const char *kind_id, const char *shared)
{
    struct graph *graph = load->loader->graph;
    const struct store_kind *kind = NULL;
    if (kind_id != NULL && (kind = store_kinds_add(load->loader->kinds, kind_id, load->err)) == NULL)
        return err_wrap(load->err, "%s: kind", shown);
    const char *name = kind != NULL ? kind->kind : shared;
    if (loader_find(load->loader, kind != NULL ? kind->id : shared) != NULL)
        return wrong(load, shown, "there is a rule already ('replaces' or 'extends' it) for",
                     kind != NULL ? kind->id : shared);
    if (graph->rule_count == GRAPH_RULES_MAX)
        return wrong(load, shown, "too many rules", NULL);
    lua_getfield(L, -1, "translate");
    bool translates = lua_isfunction(L, -1);
    lua_pop(L, 1);
    if (kind != NULL && !translates)
        return wrong(load, shown, "an object rule needs a function 'translate'", NULL);

    struct rule *rule = xcalloc(1, sizeof(*rule));
    rule->index = graph->rule_count;
    rule->name = xstrdup(name);
    rule->file = xstrdup(shown);
    rule->kind = kind;
    rule->topic = kind == NULL && !translates;
    if (kind != NULL)
        rule->may_read[kind->index] = true;
    map_init(&rule->nodes, NULL);
    lua_pushvalue(L, -1);
    rule->lua_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    graph->rules[graph->rule_count++] = rule;
    note_steps(L);
    note_file(load, L, shown, kind != NULL ? "kind" : "shared", kind != NULL ? kind->id : shared);
    return 0;
}

/* super(ctx, …) for an override: upvalues are the step before it and the rule's table. */
static nresults call_super(lua_State *L)
{
    int arguments = lua_gettop(L);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushvalue(L, lua_upvalueindex(2));
    lua_rotate(L, 1, 2);
    lua_call(L, arguments + 1, LUA_MULTRET);
    return lua_gettop(L);
}

/* A wrapped step, called as self:step(…): upvalues are the override and its super. */
static nresults call_override(lua_State *L)
{
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushvalue(L, lua_upvalueindex(2));
    lua_rotate(L, 1, 2);
    lua_remove(L, 3); /* self: overrides are given what the step is given, with super in its place */
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    return lua_gettop(L);
}

/* Wraps the step `name` of the rule (its table is at `rule_at`) with the function on top, which is popped. */
static void wrap_step(lua_State *L, int rule_at, const char *name)
{
    lua_getfield(L, rule_at, name);
    lua_pushvalue(L, rule_at);
    lua_pushcclosure(L, call_super, 2);
    lua_pushcclosure(L, call_override, 2);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &STEPS_KEY);
    lua_pushvalue(L, -2);
    lua_pushstring(L, name);
    lua_rawset(L, -3);
    lua_pop(L, 1);
    lua_setfield(L, rule_at, name);
}

static int unknown_step(struct load *load, lua_State *L, int rule_at, const char *shown, const char *name)
{
    const char *steps[LOADER_STEPS_MAX];
    size_t count = 0;
    lua_pushnil(L);
    while (lua_next(L, rule_at) != 0) {
        if (lua_isfunction(L, -1) && count < LOADER_STEPS_MAX)
            steps[count++] = lua_tostring(L, -2);
        lua_pop(L, 1);
    }
    return unknown(load, shown, "step", name, steps, count);
}

static int extend_rule(struct load *load, lua_State *L, const char *shown, const char *target)
{
    struct rule *rule = loader_find(load->loader, target);
    if (rule == NULL)
        return unknown_rule(load, shown, "rule in extends:", target);
    int table = lua_gettop(L);
    lua_rawgeti(L, LUA_REGISTRYINDEX, rule->lua_ref);
    int rule_at = lua_gettop(L);
    int rc = 0;
    lua_pushnil(L);
    while (rc == 0 && lua_next(L, table) != 0) {
        if (lua_isfunction(L, -1)) {
            const char *name = lua_tostring(L, -2);
            lua_getfield(L, rule_at, name);
            bool present = lua_isfunction(L, -1);
            lua_pop(L, 1);
            if (present) {
                lua_pushvalue(L, -1);
                wrap_step(L, rule_at, name);
            } else {
                rc = unknown_step(load, L, rule_at, shown, name);
            }
        }
        if (rc == 0)
            lua_pop(L, 1);
    }
    lua_settop(L, table);
    if (rc == 0)
        rc = each_word(load, L, rule, shown, "reads", take_read);
    if (rc == 0)
        rc = each_word(load, L, rule, shown, "contributes", take_target);
    if (rc == 0)
        rc = each_word(load, L, rule, shown, "consults", take_topic);
    if (rc == 0)
        note_file(load, L, shown, "extends", target);
    return rc;
}

static int replace_rule(struct load *load, lua_State *L, const char *shown, const char *target)
{
    struct rule *rule = loader_find(load->loader, target);
    if (rule == NULL)
        return unknown_rule(load, shown, "rule in replaces:", target);
    luaL_unref(L, LUA_REGISTRYINDEX, rule->lua_ref);
    lua_pushvalue(L, -1);
    rule->lua_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    free(rule->file);
    rule->file = xstrdup(shown);
    memset(rule->may_read, 0, sizeof(rule->may_read));
    if (rule->kind != NULL)
        rule->may_read[rule->kind->index] = true;
    lua_getfield(L, -1, "translate");
    rule->topic = rule->kind == NULL && !lua_isfunction(L, -1);
    lua_pop(L, 1);
    note_steps(L);
    note_file(load, L, shown, "replaces", target);
    return 0;
}

static int add_adjuster(struct load *load, lua_State *L, const char *shown, const char *target)
{
    const struct kong_kind *kind = kong_kind_find(target);
    if (kind == NULL) {
        const char *names[KONG_KIND_COUNT];
        for (int i = 0; i < KONG_KIND_COUNT; i++)
            names[i] = kong_kind_get((enum kong_kind_id)i)->name;
        return unknown(load, shown, "entity kind in adjusts:", target, names, KONG_KIND_COUNT);
    }
    if (lua_getfield(L, -1, "adjust") != LUA_TFUNCTION) {
        lua_pop(L, 1);
        return wrong(load, shown, "'adjusts' needs a function 'adjust(ctx, entity, object)'", NULL);
    }
    struct adjuster adjuster = {kind, luaL_ref(L, LUA_REGISTRYINDEX), xstrdup(shown)};
    vec_push(&load->loader->adjusters, adjuster);
    note_file(load, L, shown, "adjusts", target);
    return 0;
}

/* The file's table is on top. */
static int take_table(struct load *load, lua_State *L, const char *shown)
{
    if (!lua_istable(L, -1))
        return wrong(load, shown, "the file must return a table", NULL);
    int rc = check_words(load, L, shown);
    if (rc != 0)
        return rc;
    const char *kind = field(L, "kind"), *shared = field(L, "shared"), *extends = field(L, "extends"),
               *replaces = field(L, "replaces"), *adjusts = field(L, "adjusts");
    int verbs = (kind != NULL) + (shared != NULL) + (extends != NULL) + (replaces != NULL) + (adjusts != NULL);
    if (verbs != 1)
        return wrong(load, shown, "exactly one of 'kind', 'shared', 'extends', 'replaces', 'adjusts' is needed", NULL);
    if (!load->override && kind == NULL && shared == NULL)
        return wrong(load, shown, "a bundled rule has 'kind' or 'shared'", NULL);
    if (kind != NULL || shared != NULL)
        return add_rule(load, L, shown, kind, shared);
    if (extends != NULL)
        return extend_rule(load, L, shown, extends);
    return replaces != NULL ? replace_rule(load, L, shown, replaces) : add_adjuster(load, L, shown, adjusts);
}

static int load_file(void *user, const char *path, struct err *err)
{
    struct load *load = user;
    size_t length = strlen(path), folder = strlen(load->folder);
    const char *rest = path + folder + (path[folder] == '/');
    if (length < 4 || strcmp(path + length - 4, ".lua") != 0 || strchr(rest, '/') != NULL)
        return 0;
    AUTO(text) char *shown = xasprintf("%s%s", load->prefix, load->override && load->prefix[0] == '\0' ? path : rest);
    load->err = err;
    struct lua_host *host = load->loader->host;
    int rc = lua_host_run_file(host, path, shown, err);
    if (rc != 0)
        return rc;
    rc = take_table(load, host->L, shown);
    lua_settop(host->L, 0);
    return rc;
}

static int load_folder(struct loader *loader, const char *folder, const char *prefix, bool override, struct err *err)
{
    struct load load = {loader, folder, prefix, override, err};
    return file_walk(folder, load_file, &load, err);
}

/* Lists may name rules that are loaded later, so they are read when all files are there. */
static int read_lists(struct loader *loader, struct err *err)
{
    lua_State *L = loader->host->L;
    struct load load = {loader, "", "", false, err};
    int rc = 0;
    for (int i = 0; rc == 0 && i < loader->graph->rule_count; i++) {
        struct rule *rule = loader->graph->rules[i];
        lua_rawgeti(L, LUA_REGISTRYINDEX, rule->lua_ref);
        rc = each_word(&load, L, rule, rule->file, "reads", take_read);
        if (rc == 0)
            rc = each_word(&load, L, rule, rule->file, "contributes", take_target);
        if (rc == 0)
            rc = each_word(&load, L, rule, rule->file, "consults", take_topic);
        lua_settop(L, 0);
    }
    return rc;
}

/* Longest path from a rule that nobody gives to; `depth` over the number of rules means a circle. */
static bool raise_level(struct graph *graph, struct rule *rule, int level, int depth)
{
    if (depth > graph->rule_count || level >= GRAPH_LEVELS_MAX)
        return false;
    if (rule->level > level)
        level = rule->level;
    rule->level = level;
    for (int i = 0; i < graph->rule_count; i++) {
        struct rule *next = graph->rules[i];
        bool follows = rule->may_contribute[i] || (rule->topic && next->may_consult[rule->index]);
        if (follows && next->level <= level && !raise_level(graph, next, level + 1, depth + 1))
            return false;
    }
    return true;
}

static int set_levels(struct loader *loader, struct err *err)
{
    for (int i = 0; i < loader->graph->rule_count; i++) {
        struct rule *rule = loader->graph->rules[i];
        if (!raise_level(loader->graph, rule, rule->level, 0))
            return err_set(err, ERR_RULE, "%s: what '%s' contributes to and consults leads back to itself", rule->file,
                           rule->name);
    }
    for (size_t i = 0; i < loader->files.count; i++) {
        const struct rule *rule = loader_find(loader, loader->files.items[i].target);
        loader->files.items[i].level = rule != NULL ? rule->level : -1;
    }
    return 0;
}

int loader_load(struct loader *loader, const struct rules_options *options, const char *bundle, struct err *err)
{
    lua_State *L = loader->host->L;
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &STEPS_KEY);
    AUTO(text) char *rules = xasprintf("%s/rules", bundle);
    int rc = load_folder(loader, rules, "rules/", false, err);
    if (rc == 0 && options->pack != NULL) {
        AUTO(text) char *pack = xasprintf("%s/packs/%s", bundle, options->pack);
        AUTO(text) char *prefix = xasprintf("packs/%s/", options->pack);
        rc = load_folder(loader, pack, prefix, true, err);
    }
    if (rc == 0 && options->overrides != NULL)
        rc = load_folder(loader, options->overrides, "", true, err);
    if (rc == 0)
        rc = read_lists(loader, err);
    return rc == 0 ? set_levels(loader, err) : rc;
}

void loader_done(struct loader *loader)
{
    for (size_t i = 0; i < loader->files.count; i++) {
        struct rules_file *file = &loader->files.items[i];
        for (const char *const *step = file->steps; *step != NULL; step++)
            free((char *)*step);
        free((void *)file->steps);
        free((char *)file->path);
        free((char *)file->target);
    }
    for (size_t i = 0; i < loader->adjusters.count; i++)
        free(loader->adjusters.items[i].file);
    vec_done(&loader->files);
    vec_done(&loader->adjusters);
}
