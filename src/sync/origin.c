/* Objects on their way to the translator. */
#include "origin.h"

#include <string.h>

#include "base/map.h"
#include "base/vec.h"
#include "files/folder.h"
#include "files/source.h"
#include "kong/problem_codes.h"
#include "sync/finding.h"

#define BAD_OBJECTS_MAX 1000 /* problems kept about objects that cannot be used */

struct origin {
    struct loop *loop;
    struct origin_options options;
    struct kube_client *client;
    struct kube_source *source;
    struct files_folder *folder;
    struct object_check *check;
    struct map bad;    /* what it is about and what is said -> struct problem */
    struct map fresh;  /* those that this reading of the folder has found */
    struct map inputs; /* objects of files that are read once, by kong_source_key -> struct object */
    struct {
        VEC(struct problem *);
    } problems; /* borrowed from `bad` */
    size_t objects;
    bool ready, bad_input, reading;
    bool unreadable; /* part of the present reading */
    bool unknown;    /* what was in files that could not be read since the start */
};

static void release_problem(void *value)
{
    problem_unref(value);
}

static void problems_changed(struct origin *origin)
{
    origin->problems.count = 0;
    struct map_entry *entry;
    for (size_t at = 0; (entry = map_next(&origin->bad, &at)) != NULL;)
        vec_push(&origin->problems, (struct problem *)entry->value);
    origin->options.problems(origin->options.user);
}

static void release_object(void *value)
{
    object_unref(value);
}

static char *key_of(const struct store_kind *kind, const char *namespace, const char *name)
{
    return xasprintf("%s %s/%s", kind->id, namespace, name);
}

static void add_problem(struct origin *origin, const char *key, struct problem *problem /* taken */)
{
    if (origin->bad.count >= BAD_OBJECTS_MAX) {
        problem_unref(problem);
        return;
    }
    map_put(&origin->bad, key, problem);
    problems_changed(origin);
}

static void forget_problem(struct origin *origin, const struct store_kind *kind, const char *namespace,
                           const char *name)
{
    AUTO(text) char *key = key_of(kind, namespace, name);
    if (origin->bad.count != 0 && map_remove(&origin->bad, key))
        problems_changed(origin);
}

static void take_object(void *user, struct object *object)
{
    struct origin *origin = user;
    forget_problem(origin, object->kind, object->namespace, object->name);
    origin->objects++;
    AUTO(object) struct object *ours = object_ref(object);
    sync_translator_put(origin->options.translator, object);
    if (origin->options.object != NULL)
        origin->options.object(origin->options.user, ours);
}

static void take_gone(void *user, const struct store_kind *kind, const char *namespace, const char *name)
{
    struct origin *origin = user;
    forget_problem(origin, kind, namespace, name);
    if (origin->objects > 0)
        origin->objects--;
    sync_translator_remove(origin->options.translator, kind, namespace, name);
    if (origin->options.gone != NULL)
        origin->options.gone(origin->options.user, kind, namespace, name);
}

static void bad_object(void *user, const struct store_kind *kind, const char *namespace, const char *name,
                       const struct err *why)
{
    AUTO(text) char *key = key_of(kind, namespace, name);
    struct kong_source about = {(char *)kind->id, (char *)namespace, (char *)name, (char *)""};
    const struct problem_code *row = problem_code_find("InvalidObject");
    add_problem(user, key,
                problem_new(row != NULL ? row->severity : PROBLEM_ERROR, "InvalidObject", &about, why->text));
}

/* What is merely pointed out fails nothing and freezes nothing. */
static void take_finding(void *user, const struct files_finding *finding)
{
    struct origin *origin = user;
    AUTO(text)
    char *key = xasprintf("%s %s/%s %s:%d %s", finding->kind, finding->namespace, finding->name, finding->file,
                          finding->line, finding->text);
    map_put(&origin->fresh, key, origin);
    origin->bad_input |= finding->type == FILES_UNREADABLE || finding->type == FILES_INVALID;
    origin->unreadable |= files_finding_may_stand_for_something(finding);
    add_problem(origin, key, sync_finding_problem(finding));
}

static void tell_unreadable(struct origin *origin, const char *path, const struct err *why)
{
    struct files_finding finding = {
        .type = FILES_UNREADABLE, .file = path, .kind = "File", .namespace = "", .name = path, .text = why->text};
    take_finding(origin, &finding);
}

static void take_input(void *user, struct object *object)
{
    struct origin *origin = user;
    const struct kong_source source = {(char *)object->kind->id, object->namespace, object->name, (char *)""};
    AUTO(text) char *key = kong_source_key(&source);
    const struct object *earlier = map_find(&origin->inputs, key);
    if (earlier != NULL) {
        AUTO(text) char *text = NULL;
        struct files_finding finding = files_finding_twice(earlier, object, &text);
        take_finding(origin, &finding);
    }
    map_put(&origin->inputs, key, object_ref(object));
    take_object(origin, object);
}

static void become_ready(void *user)
{
    struct origin *origin = user;
    origin->options.ready(origin->options.user);
}

static void read_inputs(struct origin *origin);

/* Told from the loop, never from inside origin_new.  Inputs beside a source are laid over what it held. */
static void set_ready(struct origin *origin)
{
    if (origin->ready)
        return;
    read_inputs(origin);
    origin->ready = true;
    loop_post(origin->loop, become_ready, origin);
}

static void kind_state(void *user, const struct store_kind *kind, enum kube_state state, const char *reason)
{
    struct origin *origin = user;
    if (state == KUBE_FROZEN)
        log_warn(origin->options.log, "a kind cannot be read and stays as it is", "kind", kind->id, "reason", reason);
    else
        log_debug(origin->options.log, "kind", "kind", kind->id, "state", kube_state_text(state), "reason", reason);
    if (origin->source != NULL && kube_source_ready(origin->source, NULL))
        set_ready(origin);
    if (origin->ready)
        origin->options.problems(origin->options.user); /* a kind that was missing may be back */
}

int origin_connect(struct loop *loop, const struct options *options, const struct log *log,
                   struct kube_client **ret_client, struct err *err)
{
    const char *kubeconfig = options_text(options, OPT_KUBECONFIG), *context = options_text(options, OPT_CONTEXT),
               *server = options_text(options, OPT_APISERVER_HOST);
    struct kube_config_options where = {kubeconfig[0] != '\0' ? kubeconfig : NULL, context[0] != '\0' ? context : NULL,
                                        server[0] != '\0' ? server : NULL, NULL};
    struct kube_config *config = NULL;
    int rc = kube_config_load(&where, &config, err);
    if (rc != 0)
        return rc;
    log_info(log, "reading the cluster", "server", config->server, "from", config->from);
    struct kube_client_options client = {0};
    return kube_client_new(loop, config, &client, ret_client, err);
}

static int start_kube(struct origin *origin, struct err *err)
{
    const struct options *options = origin->options.options;
    int rc = origin_connect(origin->loop, options, origin->options.log, &origin->client, err);
    if (rc != 0)
        return rc;
    struct kube_source_options source = {
        .client = origin->client,
        .table = sync_translator_kind_table(origin->options.translator),
        .kinds = sync_translator_kinds(origin->options.translator),
        .namespaces = options_list(options, OPT_WATCH_NAMESPACE),
        .events = {take_object, take_gone, bad_object, kind_state, origin},
    };
    return kube_source_new(&source, &origin->source, err);
}

/* Every reading names all that is bad: what it did not name is good by now. */
static void forget_mended(struct origin *origin)
{
    struct map_entry *entry;
    size_t before = origin->bad.count;
    for (size_t at = 0; (entry = map_next(&origin->bad, &at)) != NULL;) {
        if (map_find(&origin->fresh, entry->key) == NULL)
            map_remove(&origin->bad, entry->key);
    }
    bool known_now = origin->unknown && !origin->unreadable;
    origin->unknown = origin->unreadable && (origin->unknown || !origin->ready);
    origin->unreadable = false;
    map_done(&origin->fresh);
    if (origin->bad.count != before || known_now)
        problems_changed(origin);
}

static void folder_read(void *user, size_t objects)
{
    struct origin *origin = user;
    log_info(origin->options.log, "folder read", "objects", LOG_NUMBER(objects));
    forget_mended(origin);
    set_ready(origin);
}

static int start_folder(struct origin *origin, const char *path, struct err *err)
{
    struct files_events events = {take_object, take_gone, take_finding, folder_read, origin};
    struct files_folder_options options = {path, sync_translator_kind_table(origin->options.translator),
                                           options_text(origin->options.options, OPT_NAMESPACE), origin->check};
    return files_folder_new(origin->loop, &options, &events, &origin->folder, err);
}

static void read_inputs(struct origin *origin)
{
    struct files_reader reader = {sync_translator_kind_table(origin->options.translator),
                                  options_text(origin->options.options, OPT_NAMESPACE),
                                  origin->check,
                                  take_input,
                                  take_finding,
                                  origin};
    for (const char *const *input = origin->options.inputs; input != NULL && *input != NULL; input++) {
        struct err err = ERR_INIT;
        if (files_read(&reader, *input, &err) != 0)
            tell_unreadable(origin, *input, &err);
    }
    origin->unknown |= origin->unreadable;
}

int origin_new(struct loop *loop, const struct origin_options *options, struct origin **ret_origin, struct err *err)
{
    struct origin *origin = xcalloc(1, sizeof(*origin));
    origin->loop = loop;
    origin->options = *options;
    origin->check = object_check_new(strcmp(options_text(options->options, OPT_COMPAT), "kic") == 0);
    map_init(&origin->inputs, release_object);
    map_init(&origin->bad, release_problem);
    map_init(&origin->fresh, NULL);
    int rc = 0;
    const char *namespace = options_text(options->options, OPT_NAMESPACE);
    if (!object_check_namespace(namespace))
        rc = err_set(err, ERR_INVALID, "--namespace: '%s' is no name of a namespace", namespace);
    else if (options->source == NULL)
        set_ready(origin);
    else if (strcmp(options->source, "kube") == 0)
        rc = start_kube(origin, err);
    else if (strncmp(options->source, "dir:", 4) == 0)
        rc = start_folder(origin, options->source + 4, err);
    else
        rc = err_set(err, ERR_INVALID, "--source: '%s' is neither kube nor dir:PATH", options->source);
    if (rc != 0) {
        origin_free(origin);
        return rc;
    }
    *ret_origin = origin;
    return 0;
}

void origin_free(struct origin *origin)
{
    if (origin == NULL)
        return;
    kube_source_free(origin->source);
    kube_client_free(origin->client);
    files_folder_free(origin->folder);
    object_check_free(origin->check);
    map_done(&origin->inputs);
    vec_done(&origin->problems);
    map_done(&origin->bad);
    map_done(&origin->fresh);
    free(origin);
}

bool origin_ready(const struct origin *origin)
{
    return origin->ready;
}

bool origin_unknown(const struct origin *origin)
{
    return origin->unknown;
}

bool origin_bad_input(const struct origin *origin)
{
    return origin->bad_input;
}

struct kube_client *origin_client(struct origin *origin)
{
    return origin->client;
}

struct kube_source *origin_source(struct origin *origin)
{
    return origin->source;
}

struct problem *const *origin_problems(const struct origin *origin, size_t *ret_count)
{
    *ret_count = origin->problems.count;
    return origin->problems.items;
}

struct problem_place origin_place(const struct origin *origin, const struct kong_source *about)
{
    const struct store_kind *kind =
        store_kinds_find(sync_translator_kind_table(origin->options.translator), about->kind);
    AUTO(text) char *key = kong_source_key(about);
    const struct object *object = map_find(&origin->inputs, key);
    if (kind != NULL && object == NULL && origin->folder != NULL)
        object = files_folder_find(origin->folder, kind, about->namespace, about->name);
    return object != NULL ? (struct problem_place){object->file, object->line} : (struct problem_place){"", 0};
}

size_t origin_objects(const struct origin *origin)
{
    return origin->objects;
}

bool origin_lacks(const struct origin *origin, const struct kong_source *object)
{
    AUTO(text) char *key = kong_source_key(object);
    if (map_find(&origin->inputs, key) != NULL)
        return false;
    const struct store_kinds *kinds = sync_translator_kind_table(origin->options.translator);
    const struct store_kind *kind = store_kinds_find(kinds, object->kind);
    if (kind == NULL)
        return false;
    if (origin->source != NULL)
        return kube_source_lacks(origin->source, kind, object->namespace, object->name);
    return origin->folder == NULL || files_folder_find(origin->folder, kind, object->namespace, object->name) == NULL;
}
