/* The engine's parts: what is loaded for it to run, and what can be read of it. */
#include "rules/rules.h"

#include <lauxlib.h>
#include <stdatomic.h>
#include <string.h>

#include "lua/convert.h"
#include "lua/freeze.h"
#include "lua/sandbox.h"
#include "rules/bundle.h"
#include "rules_parts.h"

struct settings_text {
    struct ctx *ctx;
    const char *text;
    const char *problem; /* NULL: it is taken */
};

/* Within the gate: what rules see of the settings is a view, and nobody's own. */
static RAISES int take_text(lua_State *L)
{
    struct settings_text *settings = lua_touserdata(L, 1);
    if (!convert_push(L, settings->text, strlen(settings->text), false, &settings->problem))
        return 0;
    lua_freeze(L, "settings");
    luaL_unref(L, LUA_REGISTRYINDEX, settings->ctx->settings_ref);
    settings->ctx->settings_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

int rules_take_settings(struct rules *rules, const struct json *settings, struct err *err)
{
    AUTO(text) char *text = settings != NULL ? json_print_text(settings) : xstrdup("{}");
    struct settings_text work = {&rules->ctx, text, NULL};
    int rc = lua_host_enter(&rules->host, take_text, &work, err);
    if (rc == 0 && work.problem != NULL)
        rc = err_set(err, ERR_INVALID, "%s", work.problem);
    if (rc != 0)
        return err_wrap(err, "the settings cannot be read");
    free(rules->ctx.workspace);
    const char *workspace = json_find_text(settings, "workspace");
    rules->ctx.workspace = xstrdup(workspace != NULL ? workspace : "");
    return 0;
}

static RAISES int open_ctx(lua_State *L)
{
    struct rules *rules = lua_touserdata(L, 1);
    ctx_open(&rules->ctx, L);
    rules->ctx_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

static void collect_watched(struct rules *rules)
{
    rules->watched = xcalloc(STORE_KIND_MAX + 1, sizeof(*rules->watched));
    size_t count = 0;
    const struct store_kind *kind;
    for (int i = 0; (kind = store_kinds_at(rules->kinds, i)) != NULL; i++) {
        bool read = false;
        for (int r = 0; r < rules->graph.rule_count; r++)
            read = read || rules->graph.rules[r]->may_read[i];
        if (read)
            rules->watched[count++] = kind;
    }
    for (int r = 0; r < rules->graph.rule_count; r++) {
        if (rules->graph.rules[r]->level > rules->last_level)
            rules->last_level = rules->graph.rules[r]->level;
    }
}

static int load(struct rules *rules, const struct rules_options *options, struct err *err)
{
    int rc = options->bundle == NULL ? rules_bundle_find(&rules->bundle, err) : 0;
    if (rc != 0)
        return rc;
    if (rules->bundle == NULL)
        rules->bundle = xstrdup(options->bundle);
    rules->overrides = xstrdup(options->overrides);
    rules->host.library = rules->bundle;
    rules->host.overrides = rules->overrides;
    rc = lua_sandbox_open(&rules->host, &options->limits, err);
    if (rc != 0)
        return rc;
    rules->loader = (struct loader){.host = &rules->host, .kinds = rules->kinds, .graph = &rules->graph};
    rules->ctx = (struct ctx){.host = &rules->host,
                              .loader = &rules->loader,
                              .graph = &rules->graph,
                              .store = rules->store,
                              .kinds = rules->kinds,
                              .texts = shared_texts_new(),
                              .settings_ref = LUA_NOREF,
                              .kong_judges = options->pack != NULL,
                              .key = BUF_OWN,
                              .text = BUF_OWN};
    rc = rules_take_settings(rules, options->settings, err);
    if (rc == 0)
        rc = loader_load(&rules->loader, options, rules->bundle, err);
    if (rc == 0)
        rc = lua_host_enter(&rules->host, open_ctx, rules, err);
    if (rc != 0)
        return rc;
    lua_gc(rules->host.L, LUA_GCGEN, 0, 0); /* what a run makes is garbage after it */
    collect_watched(rules);
    return 0;
}

int rules_load(const struct rules_options *options, struct rules **ret_rules, struct err *err)
{
    AUTO(rules) struct rules *rules = xcalloc(1, sizeof(*rules));
    rules->kinds = store_kinds_new();
    rules->store = store_new(rules->kinds);
    graph_init(&rules->graph);
    wanted_init(&rules->wanted, &rules->graph.said);
    int rc = load(rules, options, err);
    if (rc != 0)
        return rc;
    *ret_rules = TAKE(rules);
    return 0;
}

void rules_free(struct rules *rules)
{
    if (rules == NULL)
        return;
    for (int i = 0; i < rules->graph.rule_count; i++) {
        struct map_entry *entry;
        for (size_t at = 0; (entry = map_next(&rules->graph.rules[i]->nodes, &at)) != NULL;) {
            struct entity_list none = {0};
            wanted_set_emissions(&rules->wanted, entry->value, &none);
        }
    }
    graph_done(&rules->graph);
    wanted_done(&rules->wanted);
    loader_done(&rules->loader);
    lua_host_close(&rules->host);
    store_free(rules->store);
    store_kinds_free(rules->kinds);
    vec_done(&rules->ctx.run.slots);
    vec_done(&rules->ctx.run.offers);
    buf_done(&rules->ctx.run.offers.texts);
    buf_done(&rules->ctx.key);
    buf_done(&rules->ctx.text);
    shared_texts_free(rules->ctx.texts);
    free(rules->ctx.workspace);
    free(rules->watched);
    free(rules->bundle);
    free(rules->overrides);
    free(rules);
}

const struct store_kind *const *rules_kinds(const struct rules *rules)
{
    return rules->watched;
}

struct store_kinds *rules_kind_table(struct rules *rules)
{
    return rules->kinds;
}

const struct store *rules_store(const struct rules *rules)
{
    return rules->store;
}

struct rules_counters rules_counters(const struct rules *rules)
{
    struct rules_counters counters = rules->graph.counters;
    counters.heap_bytes = rules->host.budget.heap;
    counters.json_us = rules->ctx.json_us;
    counters.lua_us = rules->lua_us > counters.json_us ? rules->lua_us - counters.json_us : 0;
    counters.engine_us = rules->run_us > rules->lua_us ? rules->run_us - rules->lua_us : 0;
    return counters;
}

struct rules_pulse rules_pulse(const struct rules *rules)
{
    return (struct rules_pulse){atomic_load(&rules->nodes_run), atomic_load(&rules->running_since_ms)};
}

void rules_measure(struct rules *rules, bool on)
{
    rules->ctx.measure = on;
}

size_t rules_files(const struct rules *rules, const struct rules_file **ret_files)
{
    *ret_files = rules->loader.files.items;
    return rules->loader.files.count;
}
