/* Row by row: what is stored, and what the Admin API shows of it, are the same entity.  Once with entities made by hand,
 * and once with a recorded gateway and its database, where there is such a recording. */
#include <string.h>

#include "base/map.h"
#include "kong/canonical.h"
#include "kong/types.h"
#include "postgres/reader.h"
#include "postgres_server.h"
#include "sandbox/sandbox.h"
#include "waiting.h"

struct compared {
    struct kong_schemas *schemas;
    struct kong_tags ownership;
    const struct kong_kind *kind;
    struct map shown; /* id to what the Admin API shows */
    size_t rows;
    int done;
};

static void free_json(void *value)
{
    json_free(value);
}

/* As the gateway serves it; the sandbox has those of Kong 3.9. */
static void fetch_schema(struct compared *compared, struct sandbox *sandbox, const char *name)
{
    if (kong_schemas_known(compared->schemas, name))
        return;
    AUTO(text) char *target = xasprintf("/schemas/%s", name);
    struct sandbox_request request = {.method = "GET", .target = target};
    struct sandbox_answer answer = SANDBOX_ANSWER_INIT;
    struct json *schema = NULL;
    struct err err = ERR_INIT;
    sandbox_handle(sandbox, &request, &answer);
    assert_int_equal(json_parse(buf_text(&answer.body), answer.body.length, &schema, &err), 0);
    assert_int_equal(kong_schemas_put(compared->schemas, name, schema, &err), 0);
    json_free(schema);
    sandbox_answer_done(&answer);
}

static void on_row(void *user, const struct json *object)
{
    struct compared *compared = user;
    const char *id = json_find_text(object, "id");
    const struct json *shown = map_find(&compared->shown, id);
    if (shown == NULL)
        fail_msg("%s %s is stored, and not shown", compared->kind->table, id);
    AUTO(json)
    struct json *left = kong_canonical_actual(compared->kind, object, compared->schemas, &compared->ownership);
    AUTO(json)
    struct json *right = kong_canonical_actual(compared->kind, shown, compared->schemas, &compared->ownership);
    AUTO(text) char *stored_text = json_print_text(left), *shown_text = json_print_text(right);
    assert_string_equal(stored_text, shown_text);
    for (size_t i = 0; i < KONG_FOREIGN_MAX && compared->kind->foreign[i].field != NULL; i++) {
        const char *field = compared->kind->foreign[i].field;
        const char *stored_id = json_find_text(json_find(object, field), "id");
        const char *shown_id = json_find_text(json_find(shown, field), "id");
        assert_true((stored_id == NULL) == (shown_id == NULL));
        if (stored_id != NULL)
            assert_string_equal(stored_id, shown_id);
    }
    compared->rows++;
}

static void on_done(void *user, bool complete)
{
    struct compared *compared = user;
    assert_true(complete);
    compared->done++;
}

static void on_begun(void *user, const struct postgres_snapshot *snapshot)
{
    ((struct compared *)user)->done++;
}

static void on_troubled(void *user, const struct postgres_trouble *trouble)
{
    fail_msg("%s", trouble->err.text);
}

static bool carries(const struct json *object, const char *tag)
{
    json_each (item, json_find(object, "tags")) {
        if (strcmp(json_text(item), tag) == 0)
            return true;
    }
    return false;
}

/* `list` is what the Admin API shows of the kind. */
static void compare_kind(struct compared *compared, struct loop *loop, struct postgres_reader *reader,
                         struct sandbox *sandbox, const struct json *list)
{
    const char *references[KONG_FOREIGN_MAX + 2] = {NULL};
    const struct kong_type *type = kong_type_of(compared->kind);
    size_t count = 0;
    map_init(&compared->shown, free_json);
    fetch_schema(compared, sandbox, compared->kind->table);
    json_each (object, list) {
        if (!carries(object, compared->ownership.items[0]))
            continue;
        AUTO(text) char *inner = kong_canonical_inner_schema(compared->kind, object);
        if (inner != NULL)
            fetch_schema(compared, sandbox, inner);
        map_put(&compared->shown, json_find_text(object, "id"), json_copy(object));
    }
    for (; type == NULL && count < KONG_FOREIGN_MAX && compared->kind->foreign[count].field != NULL; count++)
        references[count] = compared->kind->foreign[count].field;
    if (type != NULL && strcmp(type->name, "keys") == 0)
        references[0] = "set";
    struct postgres_table table = {compared->kind->table, references};
    compared->rows = 0;
    postgres_reader_rows(reader, &table, NULL, 0, on_row, on_done, compared);
    assert_true(wait_until(loop, &compared->done, compared->done + 1));
    assert_int_equal(compared->rows, compared->shown.count);
    map_done(&compared->shown);
}

static struct json *load(const char *path)
{
    AUTO(buf) struct buf text = BUF_OWN;
    struct json *value = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(file_read(path, &text, &err), 0);
    assert_int_equal(json_parse(buf_text(&text), text.length, &value, &err), 0);
    return value;
}

/* `shown` is {collection: [entities]}; every kind of it is compared, and what is not in it must have no rows. */
static size_t compare_all(const struct postgres_server *server, const char *tag, const struct json *shown)
{
    const char *const tags[] = {tag, NULL}, *const tables[] = {NULL};
    static const char *const types[] = {"keys", "key_sets"};
    struct compared compared = {.schemas = kong_schemas_new(), .ownership = {tags, 1}};
    struct postgres_reader *reader = NULL;
    struct loop *loop = NULL;
    struct err err = ERR_INIT;
    AUTO(sandbox) struct sandbox *sandbox = sandbox_new(NULL);
    AUTO(text) char *dsn = xasprintf("%s dbname=kong", server->dsn);
    struct postgres_reader_options options = {.dsn = dsn, .workspace = "", .tags = tags, .tables = tables};
    struct postgres_reader_callbacks callbacks = {.troubled = on_troubled};
    struct kong_types *all_types = kong_types_new();
    size_t kinds = 0;
    assert_int_equal(loop_new(&loop, &err), 0);
    assert_int_equal(postgres_reader_new(loop, &options, &callbacks, &reader, &err), 0);
    assert_true(postgres_reader_begin(reader, NULL, on_begun, &compared));
    assert_true(wait_until(loop, &compared.done, 1));
    for (int id = 0; id < KONG_CUSTOM; id++) {
        compared.kind = kong_kind_get((enum kong_kind_id)id);
        if (!compared.kind->tagged || !postgres_reader_has(reader, compared.kind->table))
            continue;
        const struct json *list = json_find(shown, compared.kind->collection);
        compare_kind(&compared, loop, reader, sandbox, list);
        kinds += json_count(list) > 0;
    }
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        struct kong_type *type = kong_types_find(all_types, types[i]);
        const struct json *list = json_find(shown, type->kind.collection);
        compared.kind = &type->kind;
        compare_kind(&compared, loop, reader, sandbox, list);
        kinds += json_count(list) > 0;
    }
    postgres_reader_free(reader);
    loop_free(loop);
    kong_types_free(all_types);
    kong_schemas_free(compared.schemas);
    return kinds;
}

static void entities_of_every_sort_are_the_same(void **state)
{
    if (postgres_missing())
        skip();
    struct postgres_server *server = postgres_start("", "");
    postgres_sql_file(server, "spec/support/kong_rows.sql");
    AUTO(json) struct json *shown = load(KONGRUENT_SOURCE_DIR "/spec/support/kong_rows.json");

    assert_int_equal(compare_all(server, "mine", shown), 18);

    postgres_stop(server);
}

/* Tables that are named in what is stored: columns.csv has those of the recorded database. */
static void check_layout(const struct postgres_server *server, const char *folder)
{
    AUTO(text) char *path = xasprintf("%s/columns.csv", folder);
    AUTO(buf) struct buf text = BUF_OWN;
    struct err err = ERR_INIT;
    assert_int_equal(file_read(path, &text, &err), 0);
    PGresult *ours = PQexec(server->admin, "SELECT E'\\n' || table_name || ',' || column_name || ',', "
                                           "',' || data_type || ',' || udt_name || ',' FROM information_schema.columns "
                                           "WHERE table_schema = 'public'");
    assert_true(PQntuples(ours) > 200);
    for (int row = 0; row < PQntuples(ours); row++) {
        const char *line = strstr(buf_text(&text), PQgetvalue(ours, row, 0));
        const char *type = line != NULL ? strstr(line, PQgetvalue(ours, row, 1)) : NULL;
        if (type == NULL || memchr(line + 1, '\n', (size_t)(type - line - 1)) != NULL)
            fail_msg("the recorded gateway has no column%s with%s", PQgetvalue(ours, row, 0), PQgetvalue(ours, row, 1));
    }
    PQclear(ours);
}

/* COPY from a file whose first line names the columns. */
static void copy_table(const struct postgres_server *server, const char *folder, const char *table)
{
    AUTO(text) char *path = xasprintf("%s/%s.csv", folder, table);
    AUTO(buf) struct buf text = BUF_OWN;
    struct err err = ERR_INIT;
    if (file_read(path, &text, &err) != 0)
        fail_msg("%s", err.text);
    AUTO(text) char *columns = xstrndup(buf_text(&text), strcspn(buf_text(&text), "\n"));
    char *group = strstr(columns, ",group,");
    AUTO(text)
    char *sql = group != NULL ? xasprintf("COPY %s (%.*s,\"group\",%s) FROM STDIN CSV HEADER", table,
                                          (int)(group - columns), columns, group + strlen(",group,"))
                              : xasprintf("COPY %s (%s) FROM STDIN CSV HEADER", table, columns);
    PQclear(PQexec(server->admin, sql));
    assert_int_equal(PQputCopyData(server->admin, buf_text(&text), (int)text.length), 1);
    assert_int_equal(PQputCopyEnd(server->admin, NULL), 1);
    PGresult *result;
    while ((result = PQgetResult(server->admin)) != NULL) {
        if (PQresultStatus(result) != PGRES_COMMAND_OK)
            fail_msg("%s: %s", table, PQerrorMessage(server->admin));
        PQclear(result);
    }
}

static void a_recorded_gateway_is_the_same_as_its_database(void **state)
{
    static const char *const tables[] = {"certificates", "ca_certificates",
                                         "services",     "routes",
                                         "snis",         "upstreams",
                                         "targets",      "consumers",
                                         "plugins",      "basicauth_credentials",
                                         "sm_vaults",    "keyauth_credentials",
                                         "acls"};
    const char *given = getenv("KONGRUENT_SHARED");
    AUTO(text)
    char *root = xasprintf("%s/kong/kic-gateway", given != NULL ? given : KONGRUENT_SOURCE_DIR "/../shared");
    AUTO(text) char *folder = xasprintf("%s/db", root);
    if (access(folder, R_OK) != 0) {
        print_message("SKIPPED: there is no recorded database at %s (set KONGRUENT_SHARED)\n", folder);
        skip();
    }
    if (postgres_missing())
        skip();
    struct postgres_server *server = postgres_start("", "");
    AUTO(json) struct json *shown = json_new_object();
    check_layout(server, folder);
    postgres_sql(server, "TRUNCATE workspaces, schema_meta");
    copy_table(server, folder, "workspaces");
    copy_table(server, folder, "schema_meta");
    postgres_sql(server, "SET session_replication_role = replica");
    for (size_t i = 0; i < COUNT_OF(tables); i++)
        copy_table(server, folder, tables[i]);
    for (int id = 0; id < KONG_CUSTOM; id++) {
        const char *collection = kong_kind_get((enum kong_kind_id)id)->collection;
        AUTO(text) char *path = xasprintf("%s/admin/%s.json", root, collection);
        if (access(path, R_OK) != 0)
            continue;
        AUTO(json) struct json *list = load(path);
        json_set(shown, collection, json_take(list, "data"));
    }

    assert_true(compare_all(server, "managed-by-ingress-controller", shown) >= 10);

    postgres_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entities_of_every_sort_are_the_same),
        cmocka_unit_test(a_recorded_gateway_is_the_same_as_its_database),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
