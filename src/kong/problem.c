/* Decides the life and the order of problems. */
#include "kong/problem.h"

#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

struct problem *problem_new(enum problem_severity severity, const char *code, const struct kong_source *about,
                            const char *text)
{
    struct problem *problem = xcalloc(1, sizeof(*problem));
    atomic_init(&problem->references, 1);
    problem->severity = severity;
    problem->code = xstrdup(code);
    problem->text = xstrdup(text);
    problem->file = xstrdup("");
    kong_source_copy(&problem->about, about != NULL ? about : &(struct kong_source){0});
    return problem;
}

struct problem *problem_ref(struct problem *problem)
{
    atomic_fetch_add_explicit(&problem->references, 1, memory_order_relaxed);
    return problem;
}

void problem_unref(struct problem *problem)
{
    if (problem == NULL || atomic_fetch_sub_explicit(&problem->references, 1, memory_order_acq_rel) != 1)
        return;
    free(problem->code);
    free(problem->text);
    free(problem->file);
    kong_source_done(&problem->about);
    free(problem);
}

int problem_compare(const struct problem *left, const struct problem *right)
{
    const char *const pairs[][2] = {
        {left->about.kind, right->about.kind},
        {left->about.namespace, right->about.namespace},
        {left->about.name, right->about.name},
        {left->code, right->code},
        {left->text, right->text},
        {left->about.uid, right->about.uid},
    };
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        int order = strcmp(pairs[i][0], pairs[i][1]);
        if (order != 0)
            return order;
    }
    return 0;
}

static int by_problem(const void *left, const void *right)
{
    return problem_compare(*(struct problem *const *)left, *(struct problem *const *)right);
}

void problem_sort(struct problem **problems, size_t count)
{
    if (count > 1)
        qsort(problems, count, sizeof(*problems), by_problem);
}

void problem_set_place(struct problem *problem, const char *file, int line)
{
    free(problem->file);
    problem->file = xstrdup(file);
    problem->line = line;
    problem->located = true;
}

struct problem_place problem_place(const struct problem *problem, struct problem_place object)
{
    if (!problem->located && object.file != NULL && object.file[0] != '\0')
        return object;
    return (struct problem_place){problem->file, problem->line};
}

void problem_print(const struct problem *problem, struct problem_place object, struct buf *out)
{
    struct problem_place place = problem_place(problem, object);
    AUTO(text) char *title = kong_source_title(&problem->about);
    buf_printf(out, "%s %s ", problem_severity_name(problem->severity), problem->code);
    text_append_shown(out, title);
    buf_append_text(out, ": ");
    text_append_shown(out, problem->text);
    if (place.file[0] != '\0') {
        buf_append_text(out, " (");
        text_append_shown(out, place.file);
        if (place.line != 0)
            buf_printf(out, ":%d", place.line);
        buf_append_char(out, ')');
    }
    buf_append_char(out, '\n');
}

const char *problem_severity_name(enum problem_severity severity)
{
    static const char *const names[] = {"info", "warn", "error"};
    return names[severity];
}
