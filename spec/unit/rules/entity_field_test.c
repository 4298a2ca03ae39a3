/* The table of fields says what Kong's schemas say, no more and no less. */
#include "entity_field.h"

#include <stdio.h>

#include "base/file.h"
#include "check.h"

#define SCHEMAS KONGRUENT_SOURCE_DIR "/src/sandbox/schemas/"

struct row {
    enum kong_kind_id kind;
    const char *files[2];
};

static const struct row ROWS[] = {
    {KONG_SERVICE, {"services"}},
    {KONG_ROUTE, {"routes", "routes-expressions"}},
    {KONG_UPSTREAM, {"upstreams"}},
    {KONG_TARGET, {"targets"}},
    {KONG_PLUGIN, {"plugins"}},
    {KONG_CONSUMER, {"consumers"}},
    {KONG_CERTIFICATE, {"certificates"}},
    {KONG_SNI, {"snis"}},
    {KONG_CA_CERTIFICATE, {"ca_certificates"}},
    {KONG_KEY_AUTH, {"keyauth_credentials"}},
    {KONG_BASIC_AUTH, {"basicauth_credentials"}},
    {KONG_HMAC_AUTH, {"hmacauth_credentials"}},
    {KONG_JWT, {"jwt_secrets"}},
    {KONG_OAUTH2, {"oauth2_credentials"}},
    {KONG_ACL, {"acls"}},
    {KONG_VAULT, {"vaults"}},
};

static struct json *read_schema(const char *name)
{
    AUTO(text) char *path = xasprintf(SCHEMAS "%s.json", name);
    AUTO(buf) struct buf text = BUF_OWN;
    struct json *schema = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(file_read(path, &text, &err), 0);
    assert_int_equal(json_parse(text.data, text.length, &schema, &err), 0);
    return schema;
}

/* What only the gateway sets, and references, are no fields of rules. */
static bool is_for_rules(const char *name, const struct json *field)
{
    static const char *const others[] = {"id", "created_at", "updated_at"};
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        if (strcmp(name, others[i]) == 0)
            return false;
    }
    return strcmp(json_find_text(field, "type"), "foreign") != 0;
}

static enum entity_field_type type_of(const struct json *field)
{
    const char *type = json_find_text(field, "type");
    const char *of = json_find_text(json_find(field, "elements"), "type");
    if (strcmp(type, "string") == 0)
        return FIELD_TEXT;
    if (strcmp(type, "boolean") == 0)
        return FIELD_TRUTH;
    if (strcmp(type, "integer") == 0)
        return FIELD_INTEGER;
    if (strcmp(type, "number") == 0)
        return FIELD_NUMBER;
    if (strcmp(type, "map") == 0)
        return FIELD_LISTS;
    if (strcmp(type, "record") == 0)
        return FIELD_RECORD;
    assert_non_null(of);
    return strcmp(of, "string") == 0 ? FIELD_TEXTS : strcmp(of, "integer") == 0 ? FIELD_INTEGERS : FIELD_RECORDS;
}

/* The bounds that a field, or what it is a list of, has. */
static void bounds_of(const struct json *field, double *ret_least, double *ret_most)
{
    const struct json *inner = json_find(field, "elements") != NULL ? json_find(field, "elements") : field;
    const struct json *between = json_find(inner, "between"), *choices = json_find(inner, "one_of");
    *ret_least = json_number(json_at(between, 0), 0);
    *ret_most = json_number(json_at(between, 1), 0);
    if (between != NULL || !json_is(json_at(choices, 0), JSON_NUMBER))
        return;
    *ret_least = *ret_most = json_number(json_at(choices, 0), 0);
    json_each (choice, choices) {
        double number = json_number(choice, 0);
        *ret_least = number < *ret_least ? number : *ret_least;
        *ret_most = number > *ret_most ? number : *ret_most;
    }
}

/* `seen` counts, by row, how often the schemas name it. */
static void compare_fields(const char *path, struct entity_fields table, const struct json *fields, size_t *seen)
{
    json_each (member, fields) {
        const struct json *field = json_first(member);
        const char *name = json_name(field);
        if (!is_for_rules(name, field))
            continue;
        AUTO(text) char *where = xasprintf("%s.%s", path, name);
        const struct entity_field *row = entity_field_find(table, name);
        if (row == NULL)
            fail_msg("%s is not in the table", where);
        seen[row - table.rows]++;
        double least, most;
        bounds_of(field, &least, &most);
        bool is_plugin = row->type == FIELD_PLUGIN && strcmp(where, "plugins.name") == 0;
        if (row->type != type_of(field) && !is_plugin)
            fail_msg("%s is of another type", where);
        if (row->least != least || row->most != most)
            fail_msg("%s lies between %g and %g", where, least, most);
        const struct json *of = json_find(field, "elements") != NULL ? json_find(field, "elements") : field;
        if (row->within.count == 0)
            continue;
        size_t *within = xcalloc(row->within.count, sizeof(*within));
        compare_fields(where, row->within, json_find(of, "fields"), within);
        for (size_t i = 0; i < row->within.count; i++)
            assert_int_not_equal(within[i], 0);
        free(within);
    }
}

static void the_table_is_what_the_schemas_say(void **state)
{
    for (size_t i = 0; i < COUNT_OF(ROWS); i++) {
        struct entity_fields table = entity_field_table(ROWS[i].kind);
        size_t *seen = xcalloc(table.count, sizeof(*seen));
        for (size_t f = 0; f < COUNT_OF(ROWS[i].files) && ROWS[i].files[f] != NULL; f++) {
            AUTO(json) struct json *schema = read_schema(ROWS[i].files[f]);
            compare_fields(ROWS[i].files[f], table, json_find(schema, "fields"), seen);
        }
        for (size_t row = 0; row < table.count; row++) {
            if (seen[row] == 0)
                fail_msg("%s.%s is in no schema", ROWS[i].files[0], table.rows[row].name);
        }
        free(seen);
    }
}

static void every_row_is_found_by_its_name(void **state)
{
    for (int kind = 0; kind < KONG_KIND_COUNT; kind++) {
        struct entity_fields table = entity_field_table((enum kong_kind_id)kind);
        for (size_t i = 0; i < table.count; i++)
            assert_ptr_equal(entity_field_find(table, table.rows[i].name), &table.rows[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_what_the_schemas_say),
        cmocka_unit_test(every_row_is_found_by_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
