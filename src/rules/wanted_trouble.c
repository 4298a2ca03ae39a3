/* What is said of an entity that is left out, and of those that lost against it. */
#include "wanted_parts.h"

#include <string.h>

#include "kong/problem_codes.h"

/* Takes the problems. */
static void set_problems(struct wanted_set *set, struct wanted *wanted, struct problem_list *problems)
{
    if (problem_list_equal(problems, &wanted->problems)) {
        problem_list_done(problems);
        return;
    }
    for (size_t i = 0; i < problems->count; i++)
        said_add_problem(set->said, problems->items[i]);
    for (size_t i = 0; i < wanted->problems.count; i++)
        said_drop_problem(set->said, wanted->problems.items[i]);
    problem_list_done(&wanted->problems);
    wanted->problems = *problems;
}

static void add_problem(struct problem_list *problems, const char *code, const struct kong_source *about,
                        const char *text)
{
    const struct problem_code *row = problem_code_find(code);
    if (row != NULL && about != NULL)
        vec_push(problems, problem_new(row->severity, code, about, text));
}

static const struct kong_source *first_source(const struct kong_entity *entity)
{
    return entity->origin.source_count != 0 ? &entity->origin.sources[0] : NULL;
}

/* Why the winner is left out. */
static void tell_winner(const struct wanted *wanted, const struct wanted *missing, const char *title,
                        struct problem_list *problems)
{
    const struct kong_entity *entity = wanted->winner->entity;
    const struct wanted *holder = missing == NULL ? wanted_older_claimant(wanted) : NULL;
    if (missing != NULL) {
        AUTO(text)
        char *text = xasprintf("%s is left out: it refers to the %s %s, which is not there", title, missing->kind->name,
                               missing->kind->key_is_secret ? "…" : missing->key);
        add_problem(problems, "DanglingReference", first_source(entity), text);
    } else if (holder != NULL) {
        const struct kong_source *source = first_source(holder->winner->entity);
        AUTO(text) char *older = source != NULL ? kong_source_title(source) : xstrdup("another object");
        AUTO(text)
        char *text = xasprintf("%s is left out: %s, which is older, has its id %s", title, older, entity->id);
        add_problem(problems, "DuplicateEntity", first_source(entity), text);
    }
}

/* Sorted, each once: emissions stand in the order of events. */
static void sort_problems(struct problem_list *problems)
{
    if (problems->count < 2)
        return;
    problem_sort(problems->items, problems->count);
    size_t kept = 1;
    for (size_t i = 1; i < problems->count; i++) {
        if (problem_compare(problems->items[kept - 1], problems->items[i]) == 0)
            problem_unref(problems->items[i]);
        else
            problems->items[kept++] = problems->items[i];
    }
    problems->count = kept;
}

/* What others say of the same key; sayings that are the winner's own words are no trouble. */
static void tell_losers(const struct wanted *wanted, const char *title, struct problem_list *problems)
{
    const struct kong_entity *entity = wanted->winner->entity;
    if (first_source(entity) == NULL)
        return;
    AUTO(text) char *older = kong_source_title(first_source(entity));
    AUTO(text) char *text = xasprintf("%s is already made otherwise from %s, which is older", title, older);
    for (size_t i = 0; i < wanted->emissions.count; i++) {
        const struct kong_entity *other = wanted->emissions.items[i]->entity;
        if (!kong_entity_equal(other, entity))
            add_problem(problems, "DuplicateEntity", first_source(other), text);
    }
}

void wanted_tell_troubles(struct wanted_set *set, struct wanted *wanted, const struct wanted *missing)
{
    struct problem_list problems = {0};
    bool rivals = wanted->emissions.count > 1;
    if (wanted->winner != NULL && (!wanted->available || rivals)) {
        AUTO(text) char *title = kong_entity_title(wanted->winner->entity);
        tell_winner(wanted, missing, title, &problems);
        if (rivals)
            tell_losers(wanted, title, &problems);
        sort_problems(&problems);
    }
    set_problems(set, wanted, &problems);
}
