/* Decides how kinds of entities and tables, rows and the gateway's answers belong together. */
#include <string.h>

#include "database_parts.h"
#include "kong/types.h"

const struct kong_kind *database_kind_of(struct database *database, const char *table)
{
    for (int id = 0; id < KONG_CUSTOM; id++)
        if (strcmp(kong_kind_get((enum kong_kind_id)id)->table, table) == 0)
            return kong_kind_get((enum kong_kind_id)id);
    const struct kong_types *types = kong_plan_state(kong_session_plan(database->session))->types;
    size_t position = 0;
    const struct kong_type *type;
    while ((type = kong_types_next(types, &position)) != NULL)
        if (strcmp(type->name, table) == 0)
            return &type->kind;
    return NULL;
}

void database_keep(char **text, const char *value)
{
    free(*text);
    *text = xstrdup(value);
}

void database_rows(struct database *database, const struct kong_kind *kind, const char *const *ids, size_t count,
                   postgres_each_fn *each, postgres_done_fn *done, void *user)
{
    const struct kong_type *type = kong_type_of(kind);
    struct {
        VEC(const char *);
    } references = {0};
    for (size_t i = 0; type == NULL && i < KONG_FOREIGN_MAX && kind->foreign[i].field != NULL; i++)
        vec_push(&references, kind->foreign[i].field);
    json_each (reference, type != NULL ? type->references : NULL) {
        vec_push(&references, json_name(reference));
    }
    vec_push(&references, NULL);
    struct postgres_table table = {kind->table, references.items};
    postgres_reader_rows(database->reader, &table, ids, count, each, done, user);
    vec_done(&references);
}

void database_distrust(struct database *database)
{
    struct postgres_trouble trouble = {
        .remedy = "name the database that this gateway uses (its pg_host, pg_port and pg_database), and a server of it "
                  "that does not lag behind"};
    err_set(&trouble.err, ERR_UNSUPPORTED, "it is not the gateway's, or lags behind: the gateway says otherwise of %s",
            buf_text(&database->contradiction));
    database->doubts = 0;
    postgres_reader_distrust(database->reader, &trouble);
}

char *database_path(struct database *database, const struct kong_kind *kind, const char *id, const struct json *object)
{
    if (kind->nested_path == NULL)
        return xasprintf("/%s/%s", kind->collection, id);
    const struct kong_actual *known =
        kong_state_actual(kong_plan_state(kong_session_plan(database->session)), kind->id, id);
    const char *parent = object != NULL  ? json_find_text(json_find(object, kind->foreign[0].field), "id")
                         : known != NULL ? known->foreign_ids[0]
                                         : NULL;
    size_t head = strcspn(kind->nested_path, "%");
    return parent != NULL ? xasprintf("/%.*s%s%s/%s", (int)head, kind->nested_path, parent,
                                      kind->nested_path + head + strlen("%s"), id)
                          : NULL;
}

void database_ask_begin(struct database *database, void (*all_answered)(struct database *database, bool good))
{
    require_that(database->asked == 0);
    database->contradicted = database->unanswered = false;
    buf_clear(&database->contradiction);
    database->all_answered = all_answered;
    database->asked = 1; /* so that nothing is decided while it is asked */
}

void database_ask_end(struct database *database)
{
    database_answered(database);
}

void database_ask(struct database *database, size_t place, const char *path, kong_answer_fn *answered)
{
    database->questions[place] = (struct database_question){database, place};
    database->asked++;
    kong_admin_send(kong_session_admin(database->session), "GET", path, NULL, answered, &database->questions[place]);
}

bool database_usable(struct database *database, const struct kong_answer *answer)
{
    if (answer->class == KONG_DONE || answer->class == KONG_MISSING)
        return true;
    database->unanswered = true;
    return false;
}

void database_answered(struct database *database)
{
    if (--database->asked == 0 && database->all_answered != NULL)
        TAKE(database->all_answered)(database, !database->contradicted && !database->unanswered);
}

void database_contradict(struct database *database, const struct kong_kind *kind, const char *id)
{
    if (!database->contradicted)
        buf_printf(&database->contradiction, "%s %s", kind->name, id);
    database->contradicted = true;
}

void database_decide(struct database *database, bool good)
{
    if (database->decided != NULL)
        TAKE(database->decided)(database, good);
}
