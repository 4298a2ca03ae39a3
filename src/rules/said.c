/* Counts what is said, by object. */
#include "rules/said.h"

#include <string.h>

#include "base/buf.h"
#include "said_set.h"

#define FEW 16 /* things of one object that are looked through one by one */

/* One of both is set. */
struct said_thing {
    struct problem *problem;
    struct rules_condition *condition;
    size_t count; /* nodes that say it now */
    bool told;    /* it is a part of what was taken last */
};

static void thing_done(struct said_thing *thing)
{
    problem_unref(thing->problem);
    rules_condition_unref(thing->condition);
}

static void said_free(void *value)
{
    struct said *said = value;
    for (size_t i = 0; i < said->things.count; i++)
        thing_done(&said->things.items[i]);
    vec_done(&said->things);
    map_done(&said->places);
    free(said);
}

void said_init(struct said_set *set)
{
    *set = (struct said_set){0};
    map_init(&set->objects, said_free);
}

void said_done(struct said_set *set)
{
    map_done(&set->objects);
    set->touched = NULL;
}

static bool same_thing(const struct said_thing *thing, const struct problem *problem,
                       const struct rules_condition *condition)
{
    if (problem != NULL)
        return thing->problem != NULL && problem_compare(thing->problem, problem) == 0;
    return thing->condition != NULL &&
           (thing->condition == condition || rules_condition_compare(thing->condition, condition) == 0);
}

static void append_texts(struct buf *content, const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buf_append(content, texts[i], strlen(texts[i]) + 1);
}

/* What makes it the same thing as another of the object, NULs between its texts. */
static void set_content(struct buf *content, const struct problem *problem, const struct rules_condition *condition)
{
    buf_clear(content);
    buf_append_char(content, problem != NULL ? 'p' : 'c');
    if (problem != NULL) {
        const char *const texts[] = {problem->code, problem->text, problem->about.uid};
        append_texts(content, texts, COUNT_OF(texts));
    } else {
        const char *const texts[] = {condition->subject, condition->type,   condition->reason,   condition->message,
                                     condition->status,  condition->detail, condition->about.uid};
        append_texts(content, texts, COUNT_OF(texts));
    }
}

static void note_place(struct said *said, size_t place, struct buf *content)
{
    set_content(content, said->things.items[place].problem, said->things.items[place].condition);
    map_put_bytes(&said->places, content->data, content->length, (void *)(uintptr_t)(place + 1));
}

/* The same thing among what is said, or NULL. */
static struct said_thing *find_thing(struct said *said, const struct problem *problem,
                                     const struct rules_condition *condition)
{
    if (said->things.count <= FEW) {
        for (size_t i = 0; i < said->things.count; i++) {
            if (same_thing(&said->things.items[i], problem, condition))
                return &said->things.items[i];
        }
        return NULL;
    }
    AUTO(buf) struct buf content = BUF_OWN;
    for (size_t i = said->places.count; i < said->things.count; i++)
        note_place(said, i, &content);
    set_content(&content, problem, condition);
    uintptr_t place = (uintptr_t)map_find_bytes(&said->places, content.data, content.length);
    return place != 0 ? &said->things.items[place - 1] : NULL;
}

static struct said *said_of(struct said_set *set, const struct kong_source *about)
{
    AUTO(text) char *key = kong_source_key(about);
    struct said *said = map_find(&set->objects, key);
    if (said == NULL) {
        said = xcalloc(1, sizeof(*said));
        map_init(&said->places, NULL);
        said->key = map_put(&set->objects, key, said)->key;
    }
    return said;
}

static void touch(struct said_set *set, struct said *said)
{
    if (said->touched)
        return;
    said->touched = true;
    said->next_touched = set->touched;
    set->touched = said;
}

/* Takes the references. */
static void add(struct said_set *set, const struct kong_source *about, struct problem *problem,
                struct rules_condition *condition)
{
    struct said *said = said_of(set, about);
    struct said_thing *thing = find_thing(said, problem, condition);
    if (thing != NULL) {
        if (thing->count++ == 0)
            touch(set, said);
        thing_done(&(struct said_thing){problem, condition, 0, false});
        return;
    }
    vec_push(&said->things, ((struct said_thing){problem, condition, 1, false}));
    touch(set, said);
}

static void drop(struct said_set *set, const struct kong_source *about, const struct problem *problem,
                 const struct rules_condition *condition)
{
    struct said *said = said_of(set, about);
    struct said_thing *thing = find_thing(said, problem, condition);
    if (thing != NULL && --thing->count == 0)
        touch(set, said);
}

void said_add_problem(struct said_set *set, struct problem *problem)
{
    add(set, &problem->about, problem_ref(problem), NULL);
}

void said_drop_problem(struct said_set *set, const struct problem *problem)
{
    drop(set, &problem->about, problem, NULL);
}

void said_add_condition(struct said_set *set, struct rules_condition *condition)
{
    add(set, &condition->about, NULL, rules_condition_ref(condition));
}

void said_drop_condition(struct said_set *set, const struct rules_condition *condition)
{
    drop(set, &condition->about, NULL, condition);
}

/* Sorts.  An object that was named without its uid is the same object: the one with it is kept. */
static size_t sort_problems(struct problem **problems, size_t count)
{
    problem_sort(problems, count);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        const struct problem *last = kept != 0 ? problems[kept - 1] : NULL;
        bool same = last != NULL && strcmp(last->code, problems[i]->code) == 0 &&
                    strcmp(last->text, problems[i]->text) == 0 &&
                    strcmp(last->about.name, problems[i]->about.name) == 0 &&
                    strcmp(last->about.namespace, problems[i]->about.namespace) == 0 &&
                    strcmp(last->about.kind, problems[i]->about.kind) == 0;
        problems[same ? kept - 1 : kept++] = problems[i];
    }
    return kept;
}

static int by_condition(const void *left, const void *right)
{
    return rules_condition_compare(*(struct rules_condition *const *)left, *(struct rules_condition *const *)right);
}

static void list_things(const struct said *said, struct rules_said *ret_said)
{
    struct {
        VEC(struct problem *);
    } problems = {0};
    struct {
        VEC(struct rules_condition *);
    } conditions = {0};
    for (size_t i = 0; i < said->things.count; i++) {
        const struct said_thing *thing = &said->things.items[i];
        if (thing->problem != NULL)
            vec_push(&problems, thing->problem);
        else
            vec_push(&conditions, rules_condition_ref(thing->condition));
    }
    problems.count = sort_problems(problems.items, problems.count);
    for (size_t i = 0; i < problems.count; i++)
        problem_ref(problems.items[i]);
    if (conditions.count > 1)
        qsort(conditions.items, conditions.count, sizeof(*conditions.items), by_condition);
    ret_said->problems = problems.items;
    ret_said->problem_count = problems.count;
    ret_said->conditions = conditions.items;
    ret_said->condition_count = conditions.count;
}

static const struct kong_source *about_of(const struct said *said)
{
    const struct said_thing *thing = &said->things.items[0];
    return thing->problem != NULL ? &thing->problem->about : &thing->condition->about;
}

/* Forgets what nobody says any more; true when that, or what is new, makes a difference to what was told. */
static bool settle(struct said *said)
{
    bool news = false;
    size_t kept = 0;
    for (size_t i = 0; i < said->things.count; i++) {
        struct said_thing thing = said->things.items[i];
        news |= thing.told != (thing.count != 0);
        thing.told = true;
        if (thing.count != 0)
            said->things.items[kept++] = thing;
        else
            thing_done(&thing);
    }
    if (kept != said->things.count) {
        map_done(&said->places);
        map_init(&said->places, NULL);
    }
    said->things.count = kept;
    return news;
}

static int by_object(const void *left, const void *right)
{
    const struct kong_source *a = &((const struct rules_said *)left)->about;
    const struct kong_source *b = &((const struct rules_said *)right)->about;
    int order = strcmp(a->kind, b->kind);
    order = order != 0 ? order : strcmp(a->namespace, b->namespace);
    return order != 0 ? order : strcmp(a->name, b->name);
}

void said_take(struct said_set *set, struct said_list *ret_list)
{
    *ret_list = (struct said_list){0};
    while (set->touched != NULL) {
        struct said *said = set->touched;
        set->touched = said->next_touched;
        said->touched = false;
        struct rules_said told = {0};
        kong_source_copy(&told.about, about_of(said));
        if (settle(said)) {
            list_things(said, &told);
            vec_push(ret_list, told);
        } else {
            rules_said_done(&told);
        }
        if (said->things.count == 0)
            map_remove(&set->objects, said->key);
    }
    if (ret_list->count > 1)
        qsort(ret_list->items, ret_list->count, sizeof(*ret_list->items), by_object);
}

void said_problems(const struct said_set *set, struct problem ***ret_problems, size_t *ret_count)
{
    struct {
        VEC(struct problem *);
    } all = {0};
    struct map_entry *entry;
    for (size_t at = 0; (entry = map_next(&set->objects, &at)) != NULL;) {
        const struct said *said = entry->value;
        for (size_t i = 0; i < said->things.count; i++)
            if (said->things.items[i].problem != NULL && said->things.items[i].count != 0)
                vec_push(&all, said->things.items[i].problem);
    }
    *ret_problems = all.items;
    *ret_count = sort_problems(all.items, all.count);
}

void rules_said_done(struct rules_said *said)
{
    kong_source_done(&said->about);
    for (size_t i = 0; i < said->problem_count; i++)
        problem_unref(said->problems[i]);
    for (size_t i = 0; i < said->condition_count; i++)
        rules_condition_unref(said->conditions[i]);
    free(said->problems);
    free(said->conditions);
    *said = (struct rules_said){0};
}
