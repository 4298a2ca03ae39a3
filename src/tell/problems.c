/* Counts who says what, and tells what lasts. */
#include "tell/problems.h"

#include <string.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/vec.h"

/* One problem in its own words. */
struct standing {
    struct problem *problem;
    const char *key; /* of its map entry; NULL: it does not stand any more */
    size_t count;    /* reporters */
    uint64_t since_ms;
    bool told, queued;
};

struct reporter {
    VEC(struct standing *);
};

struct problems {
    struct report *report; /* NULL: nobody is told */
    problems_fn *changed;  /* NULL: nobody listens */
    void *user;
    struct map standing;  /* object, code and text -> struct standing */
    struct map reporters; /* name -> struct reporter */
    struct {
        VEC(struct standing *);
    } queue; /* not told yet, the oldest first; those before `head` are done */
    size_t head;
    struct loop_timer *timer;
    struct problems_count count;
};

static void standing_free(struct standing *standing)
{
    problem_unref(standing->problem);
    free(standing);
}

static void reporter_free(void *value)
{
    struct reporter *reporter = value;
    vec_done(reporter);
    free(reporter);
}

/* Tells what has lasted long enough. */
static void on_time(void *user)
{
    struct problems *problems = user;
    uint64_t now = clock_monotonic_ms();
    while (problems->head < problems->queue.count) {
        struct standing *standing = problems->queue.items[problems->head];
        if (standing->key != NULL && standing->since_ms + PROBLEMS_TELL_AFTER_MS > now) {
            loop_timer_start(problems->timer, standing->since_ms + PROBLEMS_TELL_AFTER_MS - now);
            return;
        }
        problems->head++;
        standing->queued = false;
        if (standing->key == NULL) {
            standing_free(standing);
            continue;
        }
        standing->told = true;
        report_begins(problems->report, standing->problem);
    }
    problems->queue.count = problems->head = 0;
}

struct problems *problems_new(struct loop *loop)
{
    struct problems *problems = xcalloc(1, sizeof(*problems));
    map_init(&problems->standing, NULL);
    map_init(&problems->reporters, reporter_free);
    problems->timer = loop_timer_new(loop, on_time, problems);
    return problems;
}

void problems_use_report(struct problems *problems, struct report *report)
{
    problems->report = report;
}

void problems_listen(struct problems *problems, problems_fn *changed, void *user)
{
    problems->changed = changed;
    problems->user = user;
}

void problems_free(struct problems *problems)
{
    if (problems == NULL)
        return;
    for (size_t i = problems->head; i < problems->queue.count; i++)
        if (problems->queue.items[i]->key == NULL)
            standing_free(problems->queue.items[i]);
    struct map_entry *entry;
    for (size_t at = 0; (entry = map_next(&problems->standing, &at)) != NULL;)
        standing_free(entry->value);
    vec_done(&problems->queue);
    map_done(&problems->standing);
    map_done(&problems->reporters);
    loop_timer_free(problems->timer);
    free(problems);
}

static char *key_of(const struct problem *problem)
{
    return xasprintf("%s|%s|%s|%s|%s", problem->about.kind, problem->about.namespace, problem->about.name,
                     problem->code, problem->text);
}

static void count(struct problems *problems, const struct problem *problem, size_t by)
{
    size_t *const counts[] = {[PROBLEM_INFO] = &problems->count.notes,
                              [PROBLEM_WARN] = &problems->count.warnings,
                              [PROBLEM_ERROR] = &problems->count.errors};
    *counts[problem->severity] += by;
}

static struct standing *begin(struct problems *problems, struct problem *problem)
{
    AUTO(text) char *key = key_of(problem);
    struct standing *standing = map_find(&problems->standing, key);
    if (standing == NULL) {
        standing = xcalloc(1, sizeof(*standing));
        standing->problem = problem_ref(problem);
        standing->since_ms = clock_monotonic_ms();
        standing->key = map_put(&problems->standing, key, standing)->key;
        count(problems, problem, 1);
        if (problems->changed != NULL)
            problems->changed(problems->user, standing->problem, true);
        if (problems->report != NULL) {
            standing->queued = true;
            vec_push(&problems->queue, standing);
            if (!loop_timer_running(problems->timer))
                loop_timer_start(problems->timer, PROBLEMS_TELL_AFTER_MS);
        }
    }
    standing->count++;
    return standing;
}

static void end(struct problems *problems, struct standing *standing)
{
    if (--standing->count != 0)
        return;
    count(problems, standing->problem, (size_t)-1);
    if (problems->changed != NULL)
        problems->changed(problems->user, standing->problem, false);
    map_take(&problems->standing, standing->key);
    standing->key = NULL;
    if (standing->told)
        report_ends(problems->report, standing->problem);
    if (!standing->queued)
        standing_free(standing);
}

void problems_set(struct problems *problems, const char *name, struct problem *const *list, size_t list_count)
{
    struct reporter *before = map_find(&problems->reporters, name);
    if (before == NULL && list_count == 0)
        return;
    struct reporter *now = list_count != 0 ? xcalloc(1, sizeof(*now)) : NULL;
    for (size_t i = 0; i < list_count; i++) /* first the new ones, so that what stays does not end in between */
        vec_push(now, begin(problems, list[i]));
    for (size_t i = 0; before != NULL && i < before->count; i++)
        end(problems, before->items[i]);
    if (now != NULL)
        map_put(&problems->reporters, name, now);
    else
        map_remove(&problems->reporters, name);
}

struct problems_count problems_count(const struct problems *problems)
{
    return problems->count;
}

struct problem **problems_list(const struct problems *problems, size_t *ret_count)
{
    struct problem **list = xcalloc(problems->standing.count + 1, sizeof(struct problem *));
    size_t at = 0;
    struct map_entry *entry;
    for (size_t position = 0; (entry = map_next(&problems->standing, &position)) != NULL;)
        list[at++] = problem_ref(((const struct standing *)entry->value)->problem);
    problem_sort(list, at);
    *ret_count = at;
    return list;
}
