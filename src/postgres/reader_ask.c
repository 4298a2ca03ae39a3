/* Decides what is asked within a snapshot, and what its answers mean. */
#include <string.h>

#include "reader_parts.h"

static int on_object(void *user, const char *const *values, const size_t *lengths, size_t count, struct err *err)
{
    const struct ask *ask = user;
    AUTO(json) struct json *object = NULL;
    if (row_read(ask->statement.columns.items, ask->statement.columns.count, values, lengths, &object, err) == 0) {
        ask->each.object(ask->user, object); /* may have ended all of this */
        return 0;
    }
    for (size_t i = 0; i < ask->statement.columns.count; i++)
        if (strcmp(ask->statement.columns.items[i].name, "id") == 0 && values[i] != NULL)
            err_wrap(err, "the row %s", values[i]);
    return err_wrap(err, "table %s", ask->entity);
}

static char *list_of(const char *const *ids, size_t count)
{
    struct buf list = BUF_OWN;
    value_print_list(ids, count, &list);
    return buf_take(&list);
}

void postgres_reader_rows(struct postgres_reader *reader, const struct postgres_table *table, const char *const *ids,
                          size_t id_count, postgres_each_fn *each, postgres_done_fn *done, void *user)
{
    struct ask *ask = reader_ask_new(reader, table->entity, on_object, done, user);
    struct statement_owner owner = reader_owner(reader);
    AUTO(text) char *list = ids != NULL ? list_of(ids, id_count) : NULL;
    ask->each.object = each;
    statement_rows(&ask->statement, layout_find(&reader->layout, table->entity), table->references, &owner, list);
    reader_push(reader, ask);
}

static int on_id(void *user, const char *const *values, const size_t *lengths, size_t count, struct err *err)
{
    const struct ask *ask = user;
    if (values[0] != NULL)
        ask->each.id(ask->user, ask->entity, values[0]);
    return 0;
}

void postgres_reader_ids(struct postgres_reader *reader, const char *entity, postgres_id_fn *each,
                         postgres_done_fn *done, void *user)
{
    struct ask *ask = reader_ask_new(reader, entity, on_id, done, user);
    struct statement_owner owner = reader_owner(reader);
    ask->each.id = each;
    statement_ids(&ask->statement, layout_find(&reader->layout, entity), &owner);
    reader_push(reader, ask);
}

static int on_changes(void *user, const char *const *values, const size_t *lengths, size_t count, struct err *err)
{
    static const struct value_type ids = {VALUE_TEXT, true};
    const struct ask *ask = user;
    AUTO(json) struct json *list = NULL;
    if (count != 3 || values[0] == NULL || values[1] == NULL)
        return err_set(err, ERR_PROTOCOL, "a count of rows is none");
    if (values[2] != NULL && value_read(ids, values[2], lengths[2], &list, err) != 0)
        return err->code;
    const char **changed = xcalloc(json_count(list) + 1, sizeof(char *));
    size_t at = 0;
    json_each (id, list) {
        if (json_text(id) != NULL)
            changed[at++] = json_text(id);
    }
    ask->each.changes(ask->user, values[0], (size_t)strtoull(values[1], NULL, 10), changed, at);
    free(changed);
    return 0;
}

/* "742:745:742,743": the first transaction that was open.  Rows know the lower half of its number. */
static char *oldest_open(const struct postgres_snapshot *snapshot)
{
    return xasprintf("%llu", strtoull(snapshot->text, NULL, 10) & 0xffffffffu);
}

void postgres_reader_changes(struct postgres_reader *reader, const char *const *entities, size_t count,
                             const struct postgres_snapshot *since, postgres_changes_fn *each, postgres_done_fn *done,
                             void *user)
{
    struct ask *ask = reader_ask_new(reader, "changes", on_changes, done, user);
    struct statement_owner owner = reader_owner(reader);
    bool same_server = since != NULL && strcmp(since->server, reader->server) == 0;
    AUTO(text) char *oldest = same_server ? oldest_open(since) : NULL;
    ask->each.changes = each;
    for (size_t i = 0; i < count; i++)
        statement_add_changes(&ask->statement, entities[i], layout_find(&reader->layout, entities[i]), &owner, oldest);
    reader_push(reader, ask);
}

static int on_newest(void *user, const char *const *values, const size_t *lengths, size_t count, struct err *err)
{
    const struct ask *ask = user;
    struct postgres_newest newest = {
        .entity = values[0],
        .id = values[1],
        .created_at = values[2] != NULL ? strtod(values[2], NULL) : 0,
        .updated_at = values[3] != NULL ? strtod(values[3], NULL) : 0,
    };
    ask->each.newest(ask->user, &newest);
    return 0;
}

void postgres_reader_newest(struct postgres_reader *reader, size_t most, postgres_newest_fn *each,
                            postgres_done_fn *done, void *user)
{
    static const char *const tables[] = {"services", "routes", "upstreams", "plugins", "consumers", "certificates"};
    struct ask *ask = reader_ask_new(reader, "newest rows", on_newest, done, user);
    struct statement_owner owner = reader_owner(reader);
    ask->each.newest = each;
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        const struct layout_table *table = layout_find(&reader->layout, tables[i]);
        if (layout_has(table, "created_at") && layout_has(table, "updated_at"))
            statement_add_newest(&ask->statement, tables[i], table, &owner, most);
    }
    statement_end_newest(&ask->statement, most);
    reader_push(reader, ask);
}

static int on_tagged(void *user, const char *const *values, const size_t *lengths, size_t count, struct err *err)
{
    const struct ask *ask = user;
    if (values[0] != NULL && values[1] != NULL)
        ask->each.id(ask->user, values[0], values[1]);
    return 0;
}

void postgres_reader_tagged(struct postgres_reader *reader, const char *const *ids, size_t count, postgres_id_fn *each,
                            postgres_done_fn *done, void *user)
{
    struct ask *ask = reader_ask_new(reader, "tags", on_tagged, done, user);
    ask->each.id = each;
    buf_append_text(&ask->statement.sql,
                    "SELECT entity_name, entity_id FROM tags WHERE entity_id = ANY ($1::text::uuid[])");
    ask->statement.parameters[ask->statement.parameter_count++] = list_of(ids, count);
    reader_push(reader, ask);
}

static bool is_among(const char *const *names, const char *name)
{
    while (*names != NULL && strcmp(*names, name) != 0)
        names++;
    return *names != NULL;
}

static int on_other(void *user, const char *const *values, const size_t *lengths, size_t count, struct err *err)
{
    const struct ask *ask = user;
    if (values[0] != NULL)
        ask->each.id(ask->user, values[0], "");
    return 0;
}

void postgres_reader_others(struct postgres_reader *reader, const char *const *known, postgres_id_fn *each,
                            postgres_done_fn *done, void *user)
{
    struct ask *ask = reader_ask_new(reader, "other tables", on_other, done, user);
    struct statement_owner owner = reader_owner(reader);
    ask->each.id = each;
    size_t position = 0;
    struct map_entry *entry;
    while ((entry = map_next(&reader->layout.tables, &position)) != NULL)
        if (!layout_is_core(entry->key) && !is_among(known, entry->key) && postgres_reader_has(reader, entry->key))
            statement_add_presence(&ask->statement, entry->key, entry->value, &owner);
    if (ask->statement.sql.length == 0)
        buf_append_text(&ask->statement.sql, "SELECT NULL::text WHERE false");
    reader_push(reader, ask);
}
