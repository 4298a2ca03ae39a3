/* The engine: changes mark nodes, a wave runs them level by level, and what was published differently is the delta. */
#include "rules/rules.h"

#include <lauxlib.h>
#include <string.h>

#include "base/clock.h"
#include "convert.h"
#include "ctx.h"
#include "graph.h"
#include "kong/problem_codes.h"
#include "loader.h"
#include "lua_host.h"
#include "rules/bundle.h"
#include "wanted.h"

struct rules {
    struct lua_host host;
    struct loader loader;
    struct graph graph;
    struct wanted_set wanted;
    struct ctx ctx;
    struct store_kinds *kinds;
    struct store *store;
    const struct store_kind **watched; /* ends with NULL */
    char *bundle, *overrides;
    int ctx_ref;
    int last_level;
    uint64_t lua_us, run_us;
};

static int take_settings(struct rules *rules, const struct json *settings, struct err *err)
{
    lua_State *L = rules->host.L;
    char *text = settings != NULL ? json_print_text(settings) : xstrdup("{}");
    const char *problem = NULL;
    bool good = convert_push(L, text, strlen(text), false, &problem);
    free(text);
    if (!good)
        return err_set(err, ERR_INVALID, "the settings cannot be read: %s", problem);
    luaL_unref(L, LUA_REGISTRYINDEX, rules->ctx.settings_ref);
    rules->ctx.settings_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    free(rules->ctx.workspace);
    const char *workspace = json_find_text(settings, "workspace");
    rules->ctx.workspace = xstrdup(workspace != NULL ? workspace : "");
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
    rc = lua_host_open(&rules->host, &options->limits, err);
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
                              .key = BUF_OWN,
                              .text = BUF_OWN};
    rc = take_settings(rules, options->settings, err);
    if (rc == 0)
        rc = loader_load(&rules->loader, options, rules->bundle, err);
    if (rc != 0)
        return rc;
    ctx_open(&rules->ctx, rules->host.L);
    rules->ctx_ref = luaL_ref(rules->host.L, LUA_REGISTRYINDEX);
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
    wanted_init(&rules->wanted);
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

static void announce(struct rules *rules)
{
    graph_announce(&rules->graph, rules->ctx.key.data, rules->ctx.key.length);
}

static void announce_labels(struct rules *rules, const struct object *object)
{
    struct buf *key = &rules->ctx.key;
    for (size_t i = 0; object != NULL && i < object->label_count; i++) {
        const char *name = object->labels[i].name, *value = object->labels[i].value;
        const char *const namespaces[] = {object->namespace, "*"};
        for (size_t n = 0; n < COUNT_OF(namespaces); n++) {
            graph_key_label(key, object->kind, namespaces[n], name, value);
            announce(rules);
            graph_key_label(key, object->kind, namespaces[n], name, NULL);
            announce(rules);
        }
    }
}

static void announce_status(struct rules *rules, const struct object *object)
{
    graph_key_status(&rules->ctx.key, object->kind, object->namespace, object->name);
    announce(rules);
}

/* Everything that reads the object, its lists or its labels is dirty now. */
static void announce_object(struct rules *rules, const struct object *object, const struct object *old)
{
    struct buf *key = &rules->ctx.key;
    graph_key_object(key, object->kind, object->namespace, object->name);
    announce(rules);
    graph_key_list(key, object->kind, object->namespace);
    announce(rules);
    graph_key_list(key, object->kind, "*");
    announce(rules);
    announce_labels(rules, object);
    announce_labels(rules, old);
}

static struct rule *rule_of_kind(const struct rules *rules, const struct store_kind *kind)
{
    for (int i = 0; i < rules->graph.rule_count; i++) {
        if (rules->graph.rules[i]->kind == kind)
            return rules->graph.rules[i];
    }
    return NULL;
}

static char *node_key(const char *namespace, const char *name)
{
    return namespace[0] != '\0' ? xasprintf("%s/%s", namespace, name) : xstrdup(name);
}

void rules_put(struct rules *rules, struct object *object)
{
    struct object *old = store_put(rules->store, object_ref(object));
    enum object_change change = old == NULL ? OBJECT_CHANGED : object_compare(old, object);
    if (change != OBJECT_SAME)
        announce_status(rules, object);
    if (change == OBJECT_CHANGED) {
        announce_object(rules, object, old);
        struct rule *rule = rule_of_kind(rules, object->kind);
        if (rule != NULL) {
            AUTO(text) char *key = node_key(object->namespace, object->name);
            graph_mark(&rules->graph, graph_node(&rules->graph, rule, key));
        }
    }
    object_unref(old);
    object_unref(object);
}

static void remove_node(struct rules *rules, struct node *node)
{
    struct entity_list none = {0};
    wanted_set_emissions(&rules->wanted, node, &none);
    graph_remove(&rules->graph, node);
}

void rules_remove(struct rules *rules, const struct store_kind *kind, const char *namespace, const char *name)
{
    struct object *old = store_take(rules->store, kind, namespace, name);
    if (old == NULL)
        return;
    announce_status(rules, old);
    announce_object(rules, old, NULL);
    struct rule *rule = rule_of_kind(rules, kind);
    AUTO(text) char *key = node_key(namespace, name);
    struct node *node = rule != NULL ? graph_find(rule, key) : NULL;
    if (node != NULL)
        remove_node(rules, node);
    object_unref(old);
}

static void mark_all(struct rules *rules)
{
    for (int i = 0; i < rules->graph.rule_count; i++) {
        struct rule *rule = rules->graph.rules[i];
        struct map_entry *entry;
        for (size_t at = 0; !rule->topic && (entry = map_next(&rule->nodes, &at)) != NULL;)
            graph_mark(&rules->graph, entry->value);
    }
}

void rules_set_settings(struct rules *rules, const struct json *settings)
{
    struct err err = ERR_INIT;
    AUTO(text) char *workspace = xstrdup(rules->ctx.workspace);
    if (take_settings(rules, settings, &err) != 0)
        return;
    graph_announce(&rules->graph, GRAPH_OPTIONS, strlen(GRAPH_OPTIONS));
    if (strcmp(workspace, rules->ctx.workspace) != 0)
        mark_all(rules); /* every id is made with the workspace, whatever the rule reads */
}

static const struct object *object_of(const struct rules *rules, const struct node *node)
{
    const char *slash = strchr(node->key, '/');
    AUTO(text) char *namespace = xstrndup(node->key, slash != NULL ? (size_t)(slash - node->key) : 0);
    return store_find(rules->store, node->rule->kind, namespace, slash != NULL ? slash + 1 : node->key);
}

/* A shared node speaks for its oldest contributor. */
static bool set_origin(const struct rules *rules, struct node *node)
{
    if (node->rule->kind != NULL) {
        const struct object *object = object_of(rules, node);
        require_that(object != NULL);
        return graph_set_origin(node, object->kind->id, object->namespace, object->name, object->uid, object->creation);
    }
    const struct origin *oldest = &graph_contributions(node)->items[0]->from->origin;
    return graph_set_origin(node, oldest->kind, oldest->namespace, oldest->name, oldest->uid, oldest->creation);
}

/* translate(rule, ctx, object) or translate(rule, ctx, key, contributions); runs inside the host's gate. */
static int translate(lua_State *L)
{
    struct rules *rules = lua_touserdata(L, 1);
    struct node *node = rules->ctx.run.node;
    lua_settop(L, 0);
    lua_rawgeti(L, LUA_REGISTRYINDEX, node->rule->lua_ref);
    lua_getfield(L, 1, "translate");
    lua_pushvalue(L, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, rules->ctx_ref);
    if (node->rule->kind != NULL) {
        ctx_push_object(&rules->ctx, L, object_of(rules, node));
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
    lua_State *L = rules->host.L;
    uint64_t start = rules->ctx.measure ? clock_monotonic_us() : 0;
    lua_pushcfunction(L, translate);
    lua_pushlightuserdata(L, rules);
    int rc = lua_host_call(&rules->host, 1, 0, err);
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
        vec_push(&conditions, node->reports->conditions.items[i]);
    if (node->reports != NULL)
        node->reports->conditions.count = 0;
    graph_set_reports(&rules->graph, node, &problems, &conditions);
}

static void run_node(struct rules *rules, struct node *node)
{
    struct ctx *ctx = &rules->ctx;
    if (set_origin(rules, node)) {
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

/* A topic has no rule: its readers are told, all of them or those that asked only whether there is any. */
static void run_topic(struct rules *rules, struct node *node)
{
    struct buf *key = &rules->ctx.key;
    graph_key_topic(key, 't', node->rule, node->key);
    announce(rules);
    bool filled = node->in.count != 0;
    if (filled != node->was_filled) {
        graph_key_topic(key, 'e', node->rule, node->key);
        announce(rules);
    }
    node->was_filled = filled;
}

static void run_dirty(struct rules *rules)
{
    for (int level = 0; level <= rules->last_level; level++) {
        for (struct node *node; (node = graph_pop(&rules->graph, level)) != NULL;) {
            if (node->rule->topic)
                run_topic(rules, node);
            if (node->rule->kind == NULL && node->in.count == 0)
                remove_node(rules, node);
            else if (!node->rule->topic)
                run_node(rules, node);
        }
    }
}

/* An object that was named without its uid is the same object. */
static bool says_the_same(const struct problem *left, const struct problem *right)
{
    const struct kong_source *a = &left->about;
    const struct kong_source *b = &right->about;
    return strcmp(a->kind, b->kind) == 0 && strcmp(a->namespace, b->namespace) == 0 && strcmp(a->name, b->name) == 0 &&
           strcmp(left->code, right->code) == 0 && strcmp(left->text, right->text) == 0;
}

static void push_problems(struct problem_list *all, const struct problem_list *some)
{
    for (size_t i = 0; i < some->count; i++)
        vec_push(all, some->items[i]);
}

struct problem **rules_problems(const struct rules *rules, size_t *ret_count)
{
    struct problem_list all = {0};
    struct map_entry *entry;
    for (size_t at = 0; (entry = map_next(&rules->graph.reporters, &at)) != NULL;)
        push_problems(&all, &((const struct node *)entry->value)->reports->problems);
    for (size_t at = 0; (entry = map_next(&rules->wanted.troubled, &at)) != NULL;)
        push_problems(&all, &((const struct wanted *)entry->value)->problems);
    problem_sort(all.items, all.count);
    size_t kept = 0;
    for (size_t i = 0; i < all.count; i++) {
        if (kept == 0 || !says_the_same(all.items[kept - 1], all.items[i]))
            kept++;
        all.items[kept - 1] = all.items[i];
    }
    *ret_count = kept;
    return all.items;
}

static int by_condition(const void *left, const void *right)
{
    const struct rules_condition *a = left;
    const struct rules_condition *b = right;
    const char *const pairs[][2] = {{a->about.kind, b->about.kind},
                                    {a->about.namespace, b->about.namespace},
                                    {a->about.name, b->about.name},
                                    {a->subject, b->subject},
                                    {a->type, b->type},
                                    {a->reason, b->reason},
                                    {a->message, b->message}};
    int order = 0;
    for (size_t i = 0; order == 0 && i < COUNT_OF(pairs); i++)
        order = strcmp(pairs[i][0], pairs[i][1]);
    return order;
}

static void copy_conditions(struct rules *rules, struct rules_delta *delta)
{
    struct condition_list all = {0};
    struct map_entry *entry;
    for (size_t at = 0; (entry = map_next(&rules->graph.reporters, &at)) != NULL;) {
        const struct node *node = entry->value;
        for (size_t i = 0; i < node->reports->conditions.count; i++) {
            struct rules_condition copy;
            rules_condition_copy(&copy, &node->reports->conditions.items[i]);
            vec_push(&all, copy);
        }
    }
    if (all.count > 1)
        qsort(all.items, all.count, sizeof(*all.items), by_condition);
    delta->conditions = all.items;
    delta->condition_count = all.count;
    delta->conditions_changed = true;
}

static int by_kind_and_key(const void *left, const void *right)
{
    const struct rules_change *a = left;
    const struct rules_change *b = right;
    return a->kind->id != b->kind->id ? (int)a->kind->id - (int)b->kind->id : strcmp(a->key, b->key);
}

static void fill_delta(struct rules *rules, struct rules_delta *delta)
{
    size_t count = rules->wanted.changed.count;
    delta->changes = xcalloc(count, sizeof(*delta->changes));
    delta->change_count = count;
    for (size_t i = 0; i < count; i++) {
        const struct wanted *wanted = rules->wanted.changed.items[i];
        struct kong_entity *entity = wanted->published != NULL ? kong_entity_ref(wanted->published) : NULL;
        delta->changes[i] =
            (struct rules_change){wanted->kind, entity != NULL ? entity->key : xstrdup(wanted->key), entity};
    }
    if (count > 1)
        qsort(delta->changes, count, sizeof(*delta->changes), by_kind_and_key);
    rules->graph.counters.entities_changed += count;
    if (rules->graph.problems_changed || rules->wanted.problems_changed) {
        delta->problems = rules_problems(rules, &delta->problem_count);
        for (size_t i = 0; i < delta->problem_count; i++)
            problem_ref(delta->problems[i]);
        delta->problems_changed = true;
    }
    if (rules->graph.conditions_changed)
        copy_conditions(rules, delta);
    rules->graph.problems_changed = rules->wanted.problems_changed = rules->graph.conditions_changed = false;
}

void rules_run(struct rules *rules, struct rules_delta *ret_delta)
{
    uint64_t start = clock_monotonic_us();
    *ret_delta = (struct rules_delta){0};
    lua_budget_watch(&rules->host.budget, rules->host.L);
    run_dirty(rules);
    lua_budget_unwatch(&rules->host.budget);
    wanted_settle(&rules->wanted);
    fill_delta(rules, ret_delta);
    rules->graph.counters.waves++;
    rules->run_us += clock_monotonic_us() - start;
}

static int by_entity(const void *left, const void *right)
{
    const struct kong_entity *a = *(struct kong_entity *const *)left;
    const struct kong_entity *b = *(struct kong_entity *const *)right;
    if (a->kind->id != b->kind->id)
        return (int)a->kind->id - (int)b->kind->id;
    int order = strcmp(a->key, b->key);
    return order != 0 ? order : strcmp(a->text, b->text);
}

/* What lost against the winner, unless other nodes made exactly the same. */
static void push_losers(struct entity_list *list, const struct wanted *wanted)
{
    for (size_t i = 0; i < wanted->emissions.count; i++) {
        const struct emission *emission = wanted->emissions.items[i];
        if (emission != wanted->winner &&
            (emission->node == wanted->winner->node || !kong_entity_equal(emission->entity, wanted->winner->entity)))
            vec_push(list, emission->entity);
    }
}

static struct kong_entity **list_entities(const struct rules *rules, bool losers, size_t *ret_count)
{
    struct entity_list all = {0};
    for (int i = 0; i < KONG_KIND_COUNT; i++) {
        struct map_entry *entry;
        for (size_t at = 0; (entry = map_next(&rules->wanted.entities[i], &at)) != NULL;) {
            const struct wanted *wanted = entry->value;
            bool lone = losers && (i == KONG_MEMBERSHIP ? wanted->winner != NULL : wanted_is_robbed(wanted));
            if (wanted->published != NULL)
                vec_push(&all, wanted->published);
            else if (lone)
                vec_push(&all, wanted->winner->entity);
            if (losers && (wanted->published != NULL || lone))
                push_losers(&all, wanted);
        }
    }
    if (all.count > 1)
        qsort(all.items, all.count, sizeof(*all.items), by_entity);
    *ret_count = all.count;
    return all.items;
}

struct kong_entity **rules_entities(const struct rules *rules, size_t *ret_count)
{
    return list_entities(rules, false, ret_count);
}

struct kong_entity **rules_emitted(const struct rules *rules, size_t *ret_count)
{
    return list_entities(rules, true, ret_count);
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

void rules_measure(struct rules *rules, bool on)
{
    rules->ctx.measure = on;
}

size_t rules_files(const struct rules *rules, const struct rules_file **ret_files)
{
    *ret_files = rules->loader.files.items;
    return rules->loader.files.count;
}
