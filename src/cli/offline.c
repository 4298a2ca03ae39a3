/* How the offline commands get from manifests to wanted entities and lines about problems. */
#include "offline.h"

#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/map.h"
#include "base/text.h"
#include "command.h"
#include "config/settings.h"
#include "kong/problem.h"
#include "sync/finding.h"

/* Paths below the root are printed without it, so that expected problems are the same wherever the cases lie. */
static void add_line(struct offline *offline, const char *line)
{
    size_t length = offline->root != NULL ? strlen(offline->root) : 0;
    for (const char *at = line; *at != '\0';) {
        if (length != 0 && strncmp(at, offline->root, length) == 0 && at[length] == '/') {
            at += length + 1;
            continue;
        }
        buf_append_char(&offline->lines, *at++);
    }
}

static struct problem_place place_of(const struct offline *offline, const struct problem *problem)
{
    const struct object *object = offline_object(offline, &problem->about);
    return object != NULL ? (struct problem_place){object->file, object->line} : (struct problem_place){"", 0};
}

static void add_problem(struct offline *offline, const struct problem *problem)
{
    AUTO(buf) struct buf line = BUF_OWN;
    problem_print(problem, place_of(offline, problem), &line);
    add_line(offline, buf_text(&line));
    offline->errors += problem->severity == PROBLEM_ERROR;
    offline->warnings += problem->severity == PROBLEM_WARN;
}

static void take_finding(void *user, const struct files_finding *finding)
{
    struct offline *offline = user;
    struct problem *problem = sync_finding_problem(finding);
    add_problem(offline, problem);
    problem_unref(problem);
    offline->unread += finding->type == FILES_UNREADABLE;
}

static void take_object(void *user, struct object *object)
{
    struct offline *offline = user;
    const struct object *earlier =
        store_find(rules_store(offline->rules), object->kind, object->namespace, object->name);
    if (earlier != NULL) {
        AUTO(text) char *text = NULL;
        struct files_finding finding = files_finding_twice(earlier, object, &text);
        take_finding(offline, &finding);
    }
    rules_put(offline->rules, object);
}

int offline_open(struct offline *offline, const struct options *options, const char *overrides, struct err *err)
{
    int rc = settings_make(options, NULL, &offline->settings, err);
    if (rc != 0)
        return rc;
    if (offline->tells_unused)
        json_set_bool(offline->settings, "tell_unused", true);
    offline->kic = strcmp(options_text(options, OPT_COMPAT), "kic") == 0;
    offline->check = object_check_new(offline->kic);
    /* with --compat kic the files are read as Kong Ingress Controller's own tests read them: what is absent is empty */
    bool empty = offline->kic && !options_given(options, OPT_NAMESPACE);
    offline->namespace = xstrdup(empty ? "" : options_text(options, OPT_NAMESPACE));
    if (!empty && !object_check_namespace(offline->namespace))
        return err_set(err, ERR_INVALID, "--namespace: '%s' is no name of a namespace", offline->namespace);
    const char *folder = overrides != NULL ? overrides : options_text(options, OPT_RULES);
    struct rules_options load = {
        .overrides = folder[0] != '\0' ? folder : NULL,
        .pack = offline->kic ? "kic" : NULL,
        .settings = offline->settings,
        .limits = {.instructions = (uint64_t)options_integer(options, OPT_RULE_INSTRUCTIONS),
                   .memory = (size_t)options_integer(options, OPT_RULE_MEMORY),
                   .time_ms = (uint64_t)options_duration_ms(options, OPT_RULE_TIME),
                   .result = (size_t)options_integer(options, OPT_RULE_RESULT)},
    };
    return rules_load(&load, &offline->rules, err);
}

void offline_done(struct offline *offline)
{
    rules_free(offline->rules);
    object_check_free(offline->check);
    free(offline->namespace);
    json_free(offline->settings);
    buf_done(&offline->lines);
    *offline = (struct offline)OFFLINE_INIT;
}

void offline_read(struct offline *offline, const char *path)
{
    struct files_reader reader = {.kinds = rules_kind_table(offline->rules),
                                  .default_namespace = offline->namespace,
                                  .check = offline->check,
                                  .object = take_object,
                                  .finding = take_finding,
                                  .user = offline};
    struct err err = ERR_INIT;
    if (files_read(&reader, path, &err) == 0)
        return;
    AUTO(text) char *shown = text_shown(err.text);
    AUTO(text) char *line = xasprintf("error: %s\n", shown);
    add_line(offline, line);
    offline->unread++;
}

int offline_read_all(struct offline *offline, const struct options *options, struct err *err)
{
    const char *const *paths = options_list(options, OPT_FILE);
    if (paths[0] == NULL)
        return err_set(err, ERR_INVALID,
                       "no input: name manifests with -f FILE, -f FOLDER, or -f - for standard input");
    for (; *paths != NULL; paths++)
        offline_read(offline, *paths);
    return 0;
}

const struct object *offline_object(const struct offline *offline, const struct kong_source *source)
{
    const struct store_kind *kind = store_kinds_find(rules_kind_table(offline->rules), source->kind);
    return kind != NULL ? store_find(rules_store(offline->rules), kind, source->namespace, source->name) : NULL;
}

void offline_run(struct offline *offline)
{
    struct rules_delta delta;
    rules_run(offline->rules, &delta);
    rules_delta_done(&delta);
    size_t count;
    struct problem **problems = rules_problems(offline->rules, &count);
    for (size_t i = 0; i < count; i++)
        add_problem(offline, problems[i]);
    free(problems);
}

int offline_translate(struct offline *offline, const struct options *options, struct err *err)
{
    const char *word = options_words(options)[0];
    if (word != NULL)
        return err_set(err, ERR_INVALID, "'%s': name manifests with -f", word);
    int rc = offline_open(offline, options, NULL, err);
    if (rc == 0)
        rc = offline_read_all(offline, options, err);
    if (rc != 0)
        return rc;
    offline_run(offline);
    return 0;
}

static void note(struct map *set, struct kong_entity *entity)
{
    map_put(set, entity->key, entity);
}

static bool is_guarded(const struct kong_entity *route, const struct map *plugins)
{
    for (size_t i = 0; i < route->guard_count; i++) {
        if (map_find(plugins, route->guards[i]) == NULL)
            return false;
    }
    return true;
}

static bool refers_to_route(const struct kong_entity *entity, const struct map *routes)
{
    for (int i = 0; i < KONG_FOREIGN_MAX && entity->kind->foreign[i].field != NULL; i++) {
        if (entity->kind->foreign[i].kind == KONG_ROUTE && entity->foreign_keys[i] != NULL &&
            map_find(routes, entity->foreign_keys[i]) != NULL)
            return true;
    }
    return false;
}

/* Leaves out routes whose plugins are not all there, and what hangs on them; returns how many remain. */
static size_t withhold(struct kong_entity **entities, size_t count)
{
    struct map plugins, withheld;
    map_init(&plugins, NULL);
    map_init(&withheld, NULL);
    for (size_t i = 0; i < count; i++) {
        if (entities[i]->kind->id == KONG_PLUGIN)
            note(&plugins, entities[i]);
    }
    for (size_t i = 0; i < count; i++) {
        if (entities[i]->kind->id == KONG_ROUTE && !is_guarded(entities[i], &plugins))
            note(&withheld, entities[i]);
    }
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        struct kong_entity *entity = entities[i];
        bool gone = entity->kind->id == KONG_ROUTE ? map_find(&withheld, entity->key) != NULL
                                                   : refers_to_route(entity, &withheld);
        if (!gone)
            entities[kept++] = entity;
    }
    map_done(&plugins);
    map_done(&withheld);
    return kept;
}

struct kong_entity **offline_entities(const struct offline *offline, size_t *ret_count)
{
    if (offline->kic)
        return rules_emitted(offline->rules, ret_count);
    struct kong_entity **entities = rules_entities(offline->rules, ret_count);
    const char *missing = json_find_text(offline->settings, "on_missing_plugin");
    if (missing == NULL || strcmp(missing, "serve") != 0)
        *ret_count = withhold(entities, *ret_count);
    return entities;
}

int offline_report(const struct offline *offline, const struct options *options)
{
    fwrite(buf_text(&offline->lines), 1, offline->lines.length, stderr);
    const char *limit = options_text(options, OPT_FAIL_ON);
    bool fails = offline->unread != 0 || (limit[0] != '\0' && offline->errors != 0) ||
                 (strcmp(limit, "warn") == 0 && offline->warnings != 0);
    return fails ? 1 : 0;
}

int offline_end(struct offline *offline, struct options *options, int code)
{
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
        fprintf(stderr, "error: standard output cannot be written\n");
        code = 1;
    }
#ifdef NDEBUG
    _exit(code);
#endif
    offline_done(offline);
    options_free(options);
    return code;
}

int offline_command(int argc, char **argv, unsigned int groups, offline_print_fn *print)
{
    struct err err = ERR_INIT;
    struct options *options = NULL;
    if (options_parse(argc, argv, groups, &options, &err) != 0)
        return command_fail(err.text);
    struct offline offline = OFFLINE_INIT;
    offline.tells_unused = !options_given(options, OPT_TELL_UNUSED) || options_truth(options, OPT_TELL_UNUSED);
    int code = print(&offline, options, &err) == 0 ? offline_report(&offline, options) : command_fail(err.text);
    return offline_end(&offline, options, code);
}
