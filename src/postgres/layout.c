/* Decides whether a database is laid out as we know it. */
#include "layout.h"

#include <stdio.h>
#include <string.h>

/* Migrations of Kong's core up to 3.9; another name means tables that we have never seen. */
static const char *const migrations[] = {
    "000_base",       "003_100_to_110", "004_110_to_120", "005_120_to_130", "006_130_to_140", "007_140_to_150",
    "008_150_to_200", "009_200_to_210", "010_210_to_211", "011_212_to_213", "012_213_to_220", "013_220_to_230",
    "014_230_to_270", "015_270_to_280", "016_280_to_300", "017_300_to_310", "018_310_to_320", "019_320_to_330",
    "020_330_to_340", "021_340_to_350", "022_350_to_360", "023_360_to_370", "024_380_to_390",
};

#define OLDEST_MIGRATION "016_280_to_300" /* Kong 3.0 */

static const struct {
    const char *table, *columns;
} core[] = {
    {"ca_certificates", "id tags cert"},
    {"certificates", "id ws_id tags cert key"},
    {"consumers", "id ws_id tags username custom_id"},
    {"plugins", "id ws_id tags name config enabled protocols service_id route_id consumer_id"},
    {"routes", "id ws_id tags name service_id protocols hosts paths headers methods"},
    {"schema_meta", "key subsystem executed pending"},
    {"services", "id ws_id tags name host port path protocol client_certificate_id"},
    {"sm_vaults", "id ws_id tags prefix name config"},
    {"snis", "id ws_id tags name certificate_id"},
    {"tags", "entity_id entity_name tags"},
    {"targets", "id ws_id tags target weight upstream_id"},
    {"upstreams", "id ws_id tags name healthchecks client_certificate_id"},
    {"workspaces", "id name"},
};

const char layout_catalogue_sql[] =
    "SELECT c.relname, a.attname, t.typname, pg_catalog.has_table_privilege(c.oid, 'SELECT')"
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid"
    " JOIN pg_catalog.pg_type t ON t.oid = a.atttypid"
    " WHERE c.relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = current_schema())"
    " AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped ORDER BY c.relname, a.attnum";

const char layout_migrations_sql[] =
    "SELECT subsystem, executed, pending FROM schema_meta WHERE key = 'schema_meta' ORDER BY subsystem";

static void table_free(void *value)
{
    struct layout_table *table = value;
    for (size_t i = 0; i < table->count; i++)
        free(table->columns[i].name);
    free(table->columns);
    free(table->name);
    free(table);
}

void layout_init(struct layout *layout)
{
    *layout = (struct layout){.migrations = BUF_OWN};
    map_init(&layout->tables, table_free);
}

void layout_done(struct layout *layout)
{
    map_done(&layout->tables);
    buf_done(&layout->migrations);
    layout_init(layout);
}

int layout_take_column(struct layout *layout, const char *const *values, size_t count, struct err *err)
{
    if (count != 4 || values[0] == NULL || values[1] == NULL || values[2] == NULL || values[3] == NULL)
        return err_set(err, ERR_PROTOCOL, "the catalogue's answer is odd");
    if (++layout->columns > LAYOUT_COLUMNS_MAX)
        return err_set(err, ERR_TOO_BIG, "the schema has more than %d columns", LAYOUT_COLUMNS_MAX);
    struct layout_table *table = map_find(&layout->tables, values[0]);
    if (table == NULL) {
        table = xcalloc(1, sizeof(*table));
        table->name = xstrdup(values[0]);
        table->readable = values[3][0] == 't';
        map_put(&layout->tables, values[0], table);
    }
    table->columns = xrealloc(table->columns, (table->count + 1) * sizeof(*table->columns));
    table->columns[table->count++] = (struct layout_column){xstrdup(values[1]), value_type_of(values[2])};
    return 0;
}

static int refuse(struct postgres_trouble *trouble, enum err_code code, const char *remedy)
{
    snprintf(trouble->remedy, sizeof(trouble->remedy), "%s", remedy);
    return -(int)code;
}

static bool is_known(const char *migration)
{
    for (size_t i = 0; i < COUNT_OF(migrations); i++)
        if (strcmp(migrations[i], migration) == 0)
            return true;
    return false;
}

static int check_core(const struct json *executed, struct postgres_trouble *trouble)
{
    bool new_enough = false;
    json_each (item, executed) {
        const char *name = json_text(item);
        if (name == NULL || !is_known(name)) {
            err_set(&trouble->err, ERR_UNSUPPORTED,
                    "its tables were changed by the migration '%s' of Kong, which is unknown",
                    name != NULL ? name : "null");
            return refuse(trouble, ERR_UNSUPPORTED, "use a version of kongruent that knows this version of Kong");
        }
        new_enough = new_enough || strcmp(name, OLDEST_MIGRATION) == 0;
    }
    if (new_enough)
        return 0;
    err_set(&trouble->err, ERR_UNSUPPORTED, "its tables are those of a Kong before 3.0");
    return refuse(trouble, ERR_UNSUPPORTED, "upgrade Kong, or leave PostgreSQL out");
}

int layout_check_migration(const char *const *values, const size_t *lengths, size_t count,
                           struct postgres_trouble *trouble)
{
    static const struct value_type list = {VALUE_TEXT, true};
    AUTO(json) struct json *executed = NULL, *pending = NULL;
    if (count != 3 || values[0] == NULL)
        return err_set(&trouble->err, ERR_PROTOCOL, "schema_meta is odd");
    int rc = values[1] != NULL ? value_read(list, values[1], lengths[1], &executed, &trouble->err) : 0;
    if (rc == 0 && values[2] != NULL)
        rc = value_read(list, values[2], lengths[2], &pending, &trouble->err);
    if (rc != 0)
        return rc;
    if (strcmp(values[0], "enterprise") == 0) {
        err_set(&trouble->err, ERR_UNSUPPORTED, "it belongs to Kong Enterprise, whose tables may be encrypted");
        return refuse(trouble, ERR_UNSUPPORTED, "leave PostgreSQL out; the Admin API is read as well");
    }
    if (json_count(pending) > 0) {
        err_set(&trouble->err, ERR_BUSY, "migrations of '%s' are pending", values[0]);
        return refuse(trouble, ERR_BUSY, "run `kong migrations finish`; it is tried again by itself");
    }
    return strcmp(values[0], "core") == 0 ? check_core(executed, trouble) : 0;
}

bool layout_has(const struct layout_table *table, const char *column)
{
    for (size_t i = 0; i < table->count; i++)
        if (strcmp(table->columns[i].name, column) == 0)
            return true;
    return false;
}

static int check_columns(const struct layout_table *table, const char *columns, struct postgres_trouble *trouble)
{
    for (const char *at = columns; *at != '\0'; at += strspn(at, " ")) {
        AUTO(text) char *column = xstrndup(at, strcspn(at, " "));
        at += strlen(column);
        if (layout_has(table, column))
            continue;
        err_set(&trouble->err, ERR_UNSUPPORTED, "its table %s has no column %s", table->name, column);
        return refuse(trouble, ERR_UNSUPPORTED, "use a version of kongruent that knows this version of Kong");
    }
    return 0;
}

static int check_readable(const struct layout_table *table, const char *role, struct postgres_trouble *trouble)
{
    if (table->readable)
        return 0;
    err_set(&trouble->err, ERR_DENIED, "the role %s may not read the table %s", role, table->name);
    snprintf(trouble->remedy, sizeof(trouble->remedy), "GRANT SELECT ON \"%s\" TO \"%s\"; see deploy/postgres",
             table->name, role);
    return -ERR_DENIED;
}

static int check_table(const struct layout *layout, size_t at, const char *role, struct postgres_trouble *trouble)
{
    const struct layout_table *table = map_find(&layout->tables, core[at].table);
    if (table == NULL) {
        err_set(&trouble->err, ERR_UNSUPPORTED, "it has no table %s in the role's first schema", core[at].table);
        return refuse(trouble, ERR_UNSUPPORTED,
                      "name Kong's own database; where its tables are in another schema, add "
                      "options=-csearch_path=SCHEMA to the connection string, and grant USAGE on the schema");
    }
    int rc = check_columns(table, core[at].columns, trouble);
    return rc == 0 ? check_readable(table, role, trouble) : rc;
}

int layout_check_meta(const struct layout *layout, const char *role, struct postgres_trouble *trouble)
{
    size_t at = 0;
    while (strcmp(core[at].table, "schema_meta") != 0)
        at++;
    return check_table(layout, at, role, trouble);
}

int layout_check_tables(const struct layout *layout, const char *const *wanted, const char *role,
                        struct postgres_trouble *trouble)
{
    int rc = 0;
    for (size_t i = 0; i < COUNT_OF(core) && rc == 0; i++)
        rc = check_table(layout, i, role, trouble);
    for (; rc == 0 && *wanted != NULL; wanted++) {
        const struct layout_table *table = layout_find(layout, *wanted);
        rc = table != NULL ? check_readable(table, role, trouble) : 0;
    }
    return rc;
}

const struct layout_table *layout_find(const struct layout *layout, const char *entity)
{
    return map_find(&layout->tables, strcmp(entity, "vaults") == 0 ? "sm_vaults" : entity);
}

bool layout_is_core(const char *table)
{
    for (size_t i = 0; i < COUNT_OF(core); i++)
        if (strcmp(core[i].table, table) == 0)
            return true;
    return false;
}
