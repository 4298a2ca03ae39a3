/* Makes a sandbox: schemas out of the embedded texts, a table for each kind, and what refers to what. */
#include "state.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "embedded.h"

static void schema_release(void *value)
{
    schema_free(value);
}

static struct json *read_text(const char *path)
{
    for (const struct embedded_text *text = sandbox_schema_texts; text->name != NULL; text++) {
        struct err err = ERR_INIT;
        struct json *tree = NULL;
        if (strcmp(text->name, path) == 0) {
            require_that(json_parse(text->text, strlen(text->text), &tree, &err) == 0);
            return tree;
        }
    }
    return NULL;
}

static bool has_field(const struct json *tree, const char *name)
{
    json_each (entry, json_find(tree, "fields")) {
        if (json_find(entry, name) != NULL)
            return true;
    }
    return false;
}

/* A plugin's or vault's schema says only what differs from that of all plugins or vaults. */
static struct json *with_base(const struct json *own, const char *base_path)
{
    AUTO(json) struct json *base = read_text(base_path);
    struct json *whole = json_copy(own);
    json_each (entry, json_find(base, "fields")) {
        if (!has_field(own, json_name(json_first(entry))))
            json_append(json_find(whole, "fields"), json_copy(entry));
    }
    return whole;
}

static void add_schema(struct sandbox *sandbox, const char *path)
{
    bool expressions = strcmp(path, "routes") == 0 && state_is_expressions(sandbox);
    struct json *served = read_text(expressions ? "routes-expressions" : path);
    const char *slash = strchr(path, '/');
    AUTO(text) char *base = slash != NULL ? xstrndup(path, (size_t)(slash - path)) : NULL;
    struct json *tree = base != NULL ? with_base(served, base) : served;
    map_put(&sandbox->schemas, path, schema_new(path, tree, served));
}

static void connect_tables(struct sandbox *sandbox)
{
    for (size_t i = 0; i < KIND_COUNT; i++) {
        struct table *table = &sandbox->tables[i];
        for (size_t j = 0; j < table->foreign_count; j++) {
            table->foreign[j].target = state_table(sandbox, table->foreign[j].field->reference);
            require_that(table->foreign[j].target != NULL);
        }
    }
}

struct sandbox *sandbox_new(const struct sandbox_options *options)
{
    struct sandbox *sandbox = xcalloc(1, sizeof(*sandbox));
    if (options != NULL)
        sandbox->options = *options;
    sandbox->version = xstrdup(sandbox->options.version != NULL ? sandbox->options.version : "3.9.3");
    if (sandbox->options.node_id != NULL)
        memcpy(sandbox->node_id, sandbox->options.node_id,
               strnlen(sandbox->options.node_id, sizeof(sandbox->node_id) - 1));
    else
        hash_uuid4(sandbox->node_id);
    map_init(&sandbox->schemas, schema_release);
    for (const struct embedded_text *text = sandbox_schema_texts; text->name != NULL; text++) {
        if (strcmp(text->name, "routes-expressions") != 0)
            add_schema(sandbox, text->name);
    }
    for (size_t i = 0; i < KIND_COUNT; i++)
        sandbox_store_table_init(&sandbox->tables[i], &kinds[i], state_schema(sandbox, kinds[i].table));
    connect_tables(sandbox);
    return sandbox;
}

void sandbox_free(struct sandbox *sandbox)
{
    if (sandbox == NULL)
        return;
    for (size_t i = 0; i < KIND_COUNT; i++)
        sandbox_store_table_done(&sandbox->tables[i]);
    map_done(&sandbox->schemas);
    requests_done(&sandbox->requests);
    faults_clear(&sandbox->faults);
    json_free(sandbox->data_planes);
    free(sandbox->version);
    free(sandbox);
}

struct table *state_table(struct sandbox *sandbox, const char *table)
{
    for (size_t i = 0; i < KIND_COUNT; i++) {
        if (strcmp(kinds[i].table, table) == 0)
            return &sandbox->tables[i];
    }
    return NULL;
}

const struct schema *state_schema(const struct sandbox *sandbox, const char *path)
{
    return map_find(&sandbox->schemas, path);
}

const struct schema *state_schema_of(const struct sandbox *sandbox, const struct table *table,
                                     const struct json *fields)
{
    const char *name = table->kind->table;
    if (strcmp(name, "plugins") != 0 && strcmp(name, "vaults") != 0)
        return table->schema;
    const char *variant = json_find_text(fields, "name");
    if (variant == NULL)
        return NULL;
    AUTO(text) char *path = xasprintf("%s/%s", name, variant);
    return state_schema(sandbox, path);
}

void state_make_id(const struct sandbox *sandbox, char ret_uuid[37])
{
    if (sandbox->options.make_id != NULL)
        sandbox->options.make_id(sandbox->options.user, ret_uuid);
    else
        hash_uuid4(ret_uuid);
}

bool state_is_expressions(const struct sandbox *sandbox)
{
    return sandbox->options.flavour == SANDBOX_EXPRESSIONS;
}
