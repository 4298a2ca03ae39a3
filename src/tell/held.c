/* Telling what is held, and hearing that it is approved. */
#include "tell/held.h"

#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/map.h"
#include "base/vec.h"
#include "kong/problem.h"

#define APPROVAL_MAX 256 /* bytes of the file */

struct held {
    struct held_options options;
    char *approved, *file;
    struct kube_lease *lease;
    struct kong_held now;
    double since;
    struct {
        VEC(struct problem *);
    } problems;
    struct {
        VEC(char *);
    } titles;
    struct kong_held_object *objects; /* of now */
    size_t object_count;
    uint64_t untold_ms; /* since when people have not heard of what changed; 0: they have */
    struct loop_timer *settle, *remind, *look;
};

static void forget_objects(struct held *held)
{
    for (size_t i = 0; i < held->titles.count; i++)
        free(held->titles.items[i]);
    held->titles.count = 0;
    kong_held_objects_free(held->objects, held->object_count);
    held->objects = NULL;
    held->object_count = 0;
}

static void forget_problems(struct held *held)
{
    for (size_t i = 0; i < held->problems.count; i++)
        problem_unref(held->problems.items[i]);
    held->problems.count = 0;
}

static void say(const struct held *held, enum log_level level, const char *text)
{
    AUTO(buf) struct buf objects = BUF_OWN;
    for (size_t i = 0; i < held->titles.count && i < HELD_SAY_MAX; i++)
        buf_printf(&objects, "%s%s", i > 0 ? ", " : "", held->titles.items[i]);
    if (held->titles.count > HELD_SAY_MAX)
        buf_append_text(&objects, ", …");
    log_write(held->options.log, level, text, "objects", LOG_NUMBER(held->now.objects), "entities",
              LOG_NUMBER(held->now.entities), "names", buf_text(&objects), "hash", held->now.hash, "remedy",
              "check it with `kongruent diff`, then `kongruent approve HASH`, or bring the objects back", NULL);
}

static void on_remind(void *user)
{
    struct held *held = user;
    say(held, LOG_WARN, "deletes are still held until they are approved");
    loop_timer_start(held->remind, HELD_REMINDER_MS);
}

static void add_problem(struct held *held, const struct kong_source *about, const char *text)
{
    vec_push(&held->problems, problem_new(PROBLEM_ERROR, "DeletesHeld", about, text));
}

/* What was deleted has no place for a word about it any more: its namespace gets it. */
static void tell_namespace(struct held *held, const struct kong_held_object *objects, size_t count)
{
    AUTO(buf) struct buf text = BUF_OWN;
    const char *namespace = objects[0].source.namespace;
    buf_printf(&text, "%zu deleted objects are still served: ", count);
    for (size_t i = 0; i < count && i < HELD_SAY_MAX; i++) {
        AUTO(text) char *title = kong_source_title(&objects[i].source);
        buf_printf(&text, "%s%s", i > 0 ? ", " : "", title);
    }
    buf_printf(&text, "%s; approve with: kongruent approve %s", count > HELD_SAY_MAX ? ", …" : "", held->now.hash);
    const struct kong_source about = {(char *)"v1/Namespace", (char *)"", (char *)namespace, (char *)""};
    add_problem(held, namespace[0] != '\0' ? &about : &objects[0].source, buf_text(&text));
}

static void tell_object(struct held *held, const struct kong_source *object)
{
    AUTO(text)
    char *text = xasprintf("it is not ours any more (its class, Gateway, namespace or definition), and is served as it "
                           "was, because %zu objects lost theirs at once; approve with: kongruent approve %s",
                           held->now.objects, held->now.hash);
    add_problem(held, object, text);
}

static int by_place(const void *left, const void *right)
{
    const struct kong_held_object *a = left, *b = right;
    if (a->gone != b->gone)
        return a->gone ? -1 : 1;
    int order = strcmp(a->source.namespace, b->source.namespace);
    order = order != 0 ? order : strcmp(a->source.kind, b->source.kind);
    return order != 0 ? order : strcmp(a->source.name, b->source.name);
}

static void make_problems(struct held *held)
{
    const struct kong_held_object *objects = held->objects;
    forget_problems(held);
    for (size_t i = 0, end; i < held->object_count; i = end) {
        end = i + 1;
        if (!objects[i].gone) {
            tell_object(held, &objects[i].source);
            continue;
        }
        while (end < held->object_count && objects[end].gone &&
               strcmp(objects[end].source.namespace, objects[i].source.namespace) == 0)
            end++;
        tell_namespace(held, &objects[i], end - i);
    }
}

static void list_objects(struct held *held, struct kong_plan *plan)
{
    forget_objects(held);
    held->objects = kong_plan_held_objects(plan, &held->object_count);
    if (held->object_count > 1)
        qsort(held->objects, held->object_count, sizeof(*held->objects), by_place);
    for (size_t i = 0; i < held->object_count; i++)
        vec_push(&held->titles, kong_source_title(&held->objects[i].source));
}

static void tell(struct held *held)
{
    held->untold_ms = 0;
    loop_timer_stop(held->settle);
    make_problems(held);
    if (held->now.objects != 0) {
        say(held, LOG_ERROR, "deletes are held until they are approved");
        loop_timer_start(held->remind, HELD_REMINDER_MS);
    } else {
        log_info(held->options.log, "no deletes are held any more");
        loop_timer_stop(held->remind);
    }
    held->options.changed(held->options.user);
}

static void on_settled(void *user)
{
    tell(user);
}

/* What is held may grow for a while: people hear when it begins, when it has come to rest, and when it ends. */
static void tell_in_time(struct held *held, bool held_before)
{
    uint64_t now = clock_monotonic_ms();
    if (!held_before || held->now.objects == 0) {
        tell(held);
        return;
    }
    if (held->untold_ms == 0)
        held->untold_ms = now;
    uint64_t latest = held->untold_ms + HELD_LATEST_MS, quiet = now + HELD_QUIET_MS,
             due = quiet < latest ? quiet : latest;
    loop_timer_start(held->settle, due > now ? due - now : 0);
}

static bool try_approval(struct held *held, const char *hash, const char *where)
{
    if (hash == NULL || held->now.objects == 0 || strcmp(hash, held->now.hash) != 0)
        return false;
    log_warn(held->options.log, "deletes that were held are approved", "hash", held->now.hash, "by", where);
    return held->options.approve(held->options.user, hash);
}

static void look_at_file(struct held *held)
{
    AUTO(buf) struct buf text = BUF_INIT(APPROVAL_MAX);
    struct err err = ERR_INIT;
    if (held->file == NULL || !file_exists(held->file) || file_read(held->file, &text, &err) != 0)
        return;
    AUTO(text) char *hash = xstrndup(buf_text(&text), strcspn(buf_text(&text), " \r\n"));
    try_approval(held, hash, held->file);
}

static void on_look(void *user)
{
    struct held *held = user;
    loop_timer_start(held->look, HELD_LOOK_MS);
    look_at_file(held);
}

char *held_file(const char *source)
{
    bool folder = source != NULL && strncmp(source, "dir:", 4) == 0;
    return folder ? xasprintf("%s/" HELD_FILE, source + 4) : NULL;
}

struct held *held_new(const struct held_options *options)
{
    struct held *held = xcalloc(1, sizeof(*held));
    held->options = *options;
    held->approved = xstrdup(options->approved);
    held->file = xstrdup(options->file);
    held->settle = loop_timer_new(options->loop, on_settled, held);
    held->remind = loop_timer_new(options->loop, on_remind, held);
    held->look = loop_timer_new(options->loop, on_look, held);
    return held;
}

void held_free(struct held *held)
{
    if (held == NULL)
        return;
    forget_objects(held);
    forget_problems(held);
    vec_done(&held->problems);
    vec_done(&held->titles);
    loop_timer_free(held->settle);
    loop_timer_free(held->remind);
    loop_timer_free(held->look);
    free(held->approved);
    free(held->file);
    free(held);
}

void held_use_lease(struct held *held, struct kube_lease *lease)
{
    held->lease = lease;
}

/* So that the next leader knows what it was a part of. */
static void note(struct held *held)
{
    if (held->lease == NULL)
        return;
    if (held->now.objects == 0) {
        kube_lease_annotate(held->lease, HELD_ANNOTATION, NULL);
        kube_lease_annotate(held->lease, APPROVE_ANNOTATION, NULL);
        return;
    }
    char since[CLOCK_TEXT_SIZE];
    clock_format(held->since, since);
    AUTO(json) struct json *text = json_new_object();
    json_set_text(text, "hash", held->now.hash);
    json_set_number(text, "objects", (double)held->now.objects);
    json_set_number(text, "entities", (double)held->now.entities);
    json_set_number(text, "passed", (double)held->now.passed);
    json_set_number(text, "of", (double)held->now.of);
    json_set_text(text, "since", since);
    AUTO(text) char *printed = json_print_text(text);
    kube_lease_annotate(held->lease, HELD_ANNOTATION, printed);
}

void held_changed(struct held *held, const struct kong_held *now, struct kong_plan *plan)
{
    bool held_before = held->now.objects != 0;
    held->now = *now;
    held->since = now->objects != 0 ? clock_wall() - (double)(clock_monotonic_ms() - now->since_ms) / 1000 : 0;
    list_objects(held, plan);
    if (try_approval(held, held->approved, "--approve"))
        return;
    if (now->objects != 0)
        loop_timer_start(held->look, HELD_LOOK_MS);
    else
        loop_timer_stop(held->look);
    if (held_before || now->objects != 0)
        tell_in_time(held, held_before);
    note(held);
    held_lease_seen(held);
}

void held_lease_seen(struct held *held)
{
    if (held->lease != NULL)
        try_approval(held, kube_lease_annotation(held->lease, APPROVE_ANNOTATION), "the Lease");
}

void held_remembered(const struct held *held, size_t *ret_passed, size_t *ret_of)
{
    const char *text = held->lease != NULL ? kube_lease_annotation(held->lease, HELD_ANNOTATION) : NULL;
    struct err err = ERR_INIT;
    AUTO(json) struct json *noted = NULL;
    *ret_passed = *ret_of = 0;
    if (text == NULL || json_parse(text, strlen(text), &noted, &err) != 0)
        return;
    int64_t passed = json_integer(json_find(noted, "passed"), 0), of = json_integer(json_find(noted, "of"), 0);
    *ret_passed = passed > 0 ? (size_t)passed : 0;
    *ret_of = of > 0 ? (size_t)of : 0;
}

struct problem *const *held_problems(const struct held *held, size_t *ret_count)
{
    *ret_count = held->problems.count;
    return held->problems.items;
}

const struct kong_held *held_now(const struct held *held)
{
    return &held->now;
}

double held_since(const struct held *held)
{
    return held->since;
}

char *const *held_titles(const struct held *held, size_t *ret_count)
{
    *ret_count = held->titles.count;
    return held->titles.items;
}
