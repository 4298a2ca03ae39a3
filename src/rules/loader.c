/* Loading: every file returns one table with one verb; nothing is kept of a set in which one file is wrong. */
#include "loader.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "loader_near.h"
#include "loader_steps.h"
#include "lua/require.h"

struct load {
    struct loader *loader;
    const char *folder; /* cut off the path that people see */
    const char *prefix; /* put in front of it: "rules/", or "" */
    bool override;
};

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

static int refuse_rule(const struct loader *loader, const struct declaration *declaration, const struct word *word,
                       const char *what, struct err *err)
{
    const char *words[2 * GRAPH_RULES_MAX];
    size_t count = 0;
    for (int i = 0; i < loader->graph->rule_count; i++) {
        words[count++] = loader->graph->rules[i]->name;
        if (loader->graph->rules[i]->kind != NULL)
            words[count++] = loader->graph->rules[i]->kind->id;
    }
    return declaration_refuse_word(declaration, word, what, words, count, err);
}

typedef int take_fn(struct loader *loader, const struct declaration *declaration, struct rule *rule,
                    const struct word *word, struct err *err);

static int take_read(struct loader *loader, const struct declaration *declaration, struct rule *rule,
                     const struct word *word, struct err *err)
{
    const struct store_kind *kind = store_kinds_add(loader->kinds, word->text, err);
    if (kind == NULL)
        return err_wrap(err, "%s:%d: reads", declaration->file, word->line);
    rule->may_read[kind->index] = true;
    return 0;
}

static int take_target(struct loader *loader, const struct declaration *declaration, struct rule *rule,
                       const struct word *word, struct err *err)
{
    const struct rule *target = loader_find(loader, word->text);
    if (target == NULL)
        return refuse_rule(loader, declaration, word, "rule in contributes:", err);
    if (target->kind != NULL)
        return declaration_refuse(declaration, word->line, "contributions go to shared rules only, not to", word->text,
                                  err);
    rule->may_contribute[target->index] = true;
    return 0;
}

static int take_topic(struct loader *loader, const struct declaration *declaration, struct rule *rule,
                      const struct word *word, struct err *err)
{
    const struct rule *topic = loader_find(loader, word->text);
    if (topic == NULL)
        return refuse_rule(loader, declaration, word, "topic in consults:", err);
    if (!topic->topic)
        return declaration_refuse(declaration, word->line,
                                  "only shared rules without 'translate' can be consulted, not", word->text, err);
    rule->may_consult[topic->index] = true;
    return 0;
}

static int take_lists(struct loader *loader, const struct declaration *declaration, struct rule *rule, struct err *err)
{
    static take_fn *const takes[] = {take_read, take_target, take_topic};
    int rc = 0;
    for (int i = 0; i < DECLARATION_LIST_COUNT; i++) {
        const struct word_list *list = &declaration->lists[i];
        for (size_t at = 0; rc == 0 && at < list->count; at++)
            rc = takes[i](loader, declaration, rule, &list->items[at], err);
    }
    return rc;
}

static void note_file(struct loader *loader, const struct declaration *declaration)
{
    struct rules_file file = {xstrdup(declaration->file), declaration_verb_name(declaration->verb),
                              xstrdup(declaration->target.text), NULL, 0};
    const char **steps = xcalloc(declaration->steps.count + 1, sizeof(*steps));
    for (size_t i = 0; i < declaration->steps.count; i++)
        steps[i] = xstrdup(declaration->steps.items[i].text);
    file.steps = steps;
    vec_push(&loader->files, file);
}

/* Names of rules stand in messages, and in lists of other rules. */
static bool is_rule_name(const char *name)
{
    return name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")] == '\0';
}

/* What `rule` says is what this declaration says; takes it. */
static int set_declaration(struct loader *loader, struct rule *rule, struct declaration *declaration, struct err *err)
{
    rule->lua_ref = declaration->table_ref;
    rule->topic = rule->kind == NULL && !declaration_has_step(declaration, "translate");
    memset(rule->may_read, 0, sizeof(rule->may_read));
    if (rule->kind != NULL)
        rule->may_read[rule->kind->index] = true;
    free(rule->file);
    rule->file = xstrdup(declaration->file);
    int rc = loader_steps_note(loader->host, declaration, err);
    declaration_done(&loader->rules[rule->index]);
    loader->rules[rule->index] = *declaration;
    *declaration = (struct declaration){0};
    return rc;
}

static int add_rule(struct loader *loader, struct declaration *declaration, struct err *err)
{
    struct graph *graph = loader->graph;
    const struct word *target = &declaration->target;
    const struct store_kind *kind = NULL;
    if (declaration->verb == DECLARATION_KIND) {
        kind = store_kinds_add(loader->kinds, target->text, err);
        if (kind == NULL)
            return err_wrap(err, "%s:%d: kind", declaration->file, target->line);
        if (!declaration_has_step(declaration, "translate"))
            return declaration_refuse(declaration, target->line, "an object rule needs a function 'translate'", NULL,
                                      err);
    } else if (!is_rule_name(target->text)) {
        return declaration_refuse(declaration, target->line,
                                  "the name of a shared rule has letters, digits, '_', '.' and '-' only", NULL, err);
    }
    if (loader_find(loader, target->text) != NULL)
        return declaration_refuse(declaration, target->line, "there is a rule already ('replaces' or 'extends' it) for",
                                  target->text, err);
    if (graph->rule_count == GRAPH_RULES_MAX)
        return declaration_refuse(declaration, 0, "too many rules", NULL, err);
    struct rule *rule = xcalloc(1, sizeof(*rule));
    rule->index = graph->rule_count;
    rule->name = xstrdup(kind != NULL ? kind->kind : target->text);
    rule->kind = kind;
    map_init(&rule->nodes, NULL);
    graph->rules[graph->rule_count++] = rule;
    return set_declaration(loader, rule, declaration, err);
}

static int extend_rule(struct loader *loader, const struct declaration *declaration, struct err *err)
{
    struct rule *rule = loader_find(loader, declaration->target.text);
    if (rule == NULL)
        return refuse_rule(loader, declaration, &declaration->target, "rule in extends:", err);
    const struct declaration *base = &loader->rules[rule->index];
    for (size_t i = 0; i < declaration->steps.count; i++) {
        const struct word *step = &declaration->steps.items[i];
        if (declaration_has_step(base, step->text))
            continue;
        const char *names[DECLARATION_STEPS_MAX];
        for (size_t at = 0; at < base->steps.count; at++)
            names[at] = base->steps.items[at].text;
        return declaration_refuse_word(declaration, step, "step", names, base->steps.count, err);
    }
    int rc = take_lists(loader, declaration, rule, err);
    return rc == 0 ? loader_steps_wrap(loader->host, declaration, rule->lua_ref, err) : rc;
}

static int replace_rule(struct loader *loader, struct declaration *declaration, struct err *err)
{
    struct rule *rule = loader_find(loader, declaration->target.text);
    if (rule == NULL)
        return refuse_rule(loader, declaration, &declaration->target, "rule in replaces:", err);
    return set_declaration(loader, rule, declaration, err);
}

static int add_adjuster(struct loader *loader, const struct declaration *declaration, struct err *err)
{
    const struct kong_kind *kind = kong_kind_find(declaration->target.text);
    if (kind == NULL) {
        const char *names[KONG_KIND_COUNT];
        for (int i = 0; i < KONG_KIND_COUNT; i++)
            names[i] = kong_kind_get((enum kong_kind_id)i)->name;
        return declaration_refuse_word(declaration, &declaration->target, "entity kind in adjusts:", names,
                                       KONG_KIND_COUNT, err);
    }
    if (!declaration_has_step(declaration, "adjust"))
        return declaration_refuse(declaration, declaration->target.line,
                                  "'adjusts' needs a function 'adjust(ctx, entity, object)'", NULL, err);
    struct adjuster adjuster = {kind, LUA_NOREF, NULL};
    int rc = loader_steps_take(loader->host, declaration, "adjust", &adjuster.lua_ref, err);
    if (rc != 0)
        return rc;
    adjuster.file = xstrdup(declaration->file);
    vec_push(&loader->adjusters, adjuster);
    return 0;
}

/* May take the declaration. */
static int take_declaration(struct load *load, struct declaration *declaration, struct err *err)
{
    struct loader *loader = load->loader;
    enum declaration_verb verb = declaration->verb;
    if (!load->override && verb != DECLARATION_KIND && verb != DECLARATION_SHARED)
        return declaration_refuse(declaration, 0, "a bundled rule has 'kind' or 'shared'", NULL, err);
    note_file(loader, declaration);
    switch (verb) {
    case DECLARATION_EXTENDS:
        return extend_rule(loader, declaration, err);
    case DECLARATION_REPLACES:
        return replace_rule(loader, declaration, err);
    case DECLARATION_ADJUSTS:
        return add_adjuster(loader, declaration, err);
    default:
        return add_rule(loader, declaration, err);
    }
}

static int load_file(void *user, const char *path, struct err *err)
{
    struct load *load = user;
    size_t length = strlen(path), folder = strlen(load->folder);
    const char *rest = path + folder + (path[folder] == '/');
    if (length < 4 || strcmp(path + length - 4, ".lua") != 0 || strchr(rest, '/') != NULL)
        return 0;
    AUTO(text) char *shown = xasprintf("%s%s", load->prefix, load->override && load->prefix[0] == '\0' ? path : rest);
    struct declaration declaration;
    int rc = declaration_read(&declaration, load->loader->host, path, shown, err);
    if (rc == 0)
        rc = take_declaration(load, &declaration, err);
    declaration_done(&declaration);
    return rc;
}

static int load_folder(struct loader *loader, const char *folder, const char *prefix, bool override, struct err *err)
{
    struct load load = {loader, folder, prefix, override};
    return file_walk(folder, load_file, &load, err);
}

/* Lists may name rules that are loaded later, so they are looked up when all files are there. */
static int read_lists(struct loader *loader, struct err *err)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < loader->graph->rule_count; i++)
        rc = take_lists(loader, &loader->rules[i], loader->graph->rules[i], err);
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
        const struct declaration *declaration = &loader->rules[i];
        if (!raise_level(loader->graph, rule, rule->level, 0))
            return err_set(err, ERR_RULE, "%s:%d: what '%s' contributes to and consults leads back to itself",
                           declaration->file, declaration->lists[DECLARATION_CONTRIBUTES].line, rule->name);
    }
    for (size_t i = 0; i < loader->files.count; i++) {
        const struct rule *rule = loader_find(loader, loader->files.items[i].target);
        loader->files.items[i].level = rule != NULL ? rule->level : -1;
    }
    return 0;
}

static int load_all(struct loader *loader, const struct rules_options *options, const char *bundle, struct err *err)
{
    AUTO(text) char *rules = xasprintf("%s/rules", bundle);
    int rc = loader_steps_open(loader->host, err);
    if (rc == 0)
        rc = load_folder(loader, rules, "rules/", false, err);
    if (rc == 0 && options->pack != NULL) {
        AUTO(text) char *pack = xasprintf("%s/packs/%s", bundle, options->pack);
        AUTO(text) char *prefix = xasprintf("packs/%s/", options->pack);
        rc = load_folder(loader, pack, prefix, true, err);
    }
    if (rc == 0 && options->overrides != NULL)
        rc = load_folder(loader, options->overrides, "", true, err);
    if (rc == 0)
        rc = lua_require_all(loader->host, err);
    if (rc == 0)
        rc = read_lists(loader, err);
    return rc == 0 ? set_levels(loader, err) : rc;
}

static void drop_declarations(struct loader *loader)
{
    for (size_t i = 0; i < GRAPH_RULES_MAX; i++)
        declaration_done(&loader->rules[i]);
}

int loader_load(struct loader *loader, const struct rules_options *options, const char *bundle, struct err *err)
{
    lua_host_watch(loader->host);
    int rc = load_all(loader, options, bundle, err);
    lua_host_unwatch(loader->host);
    drop_declarations(loader);
    return rc;
}

void loader_done(struct loader *loader)
{
    drop_declarations(loader);
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
