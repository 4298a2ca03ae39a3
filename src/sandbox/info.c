/* Answers about the node, its schemas, its plugins and its tags. */
#include <string.h>

#include "api.h"
#include "checks.h"
#include "crud.h"
#include "list.h"
#include "plugins.h"

static const char *flavour_name(const struct sandbox *sandbox)
{
    static const char *const names[] = {"traditional_compatible", "traditional", "expressions"};
    return names[sandbox->options.flavour];
}

static struct json *plugin_facts(struct sandbox *sandbox)
{
    struct json *available = json_new_object();
    struct json *enabled = json_new_array();
    const struct table *plugins = state_table(sandbox, "plugins");
    for (size_t i = 0; i < PLUGIN_COUNT; i++) {
        struct json *facts = json_new_object();
        json_set_text(facts, "version", sandbox->version);
        json_set_number(facts, "priority", plugin_rows[i].priority);
        json_set(available, plugin_rows[i].name, facts);
        bool used = false;
        for (size_t j = 0; j < plugins->all.count && !used; j++)
            used = strcmp(json_find_text(plugins->all.items[j]->fields, "name"), plugin_rows[i].name) == 0;
        if (used)
            json_append(enabled, json_new_text(plugin_rows[i].name));
    }
    struct json *all = json_new_object();
    json_set(all, "available_on_server", available);
    json_set(all, "enabled_in_cluster", enabled);
    return all;
}

static void answer_node(struct call *call)
{
    struct json *loaded = json_new_object();
    for (size_t i = 0; i < PLUGIN_COUNT; i++)
        json_set_bool(loaded, plugin_rows[i].name, true);
    struct json *configuration = json_new_object();
    json_set_text(configuration, "database", "postgres");
    json_set_text(configuration, "role", call->sandbox->options.control_plane ? "control_plane" : "traditional");
    json_set_text(configuration, "router_flavor", flavour_name(call->sandbox));
    json_set(configuration, "loaded_plugins", loaded);
    /* one process, where every write counts at once */
    json_set_text(configuration, "worker_consistency", "strict");
    json_set_number(configuration, "db_update_frequency", 0);
    json_set_number(configuration, "db_update_propagation", 0);
    json_set_number(configuration, "worker_state_update_frequency", 0);
    struct json *body = json_new_object();
    json_set_text(body, "version", call->sandbox->version);
    json_set_text(body, "edition", "community");
    json_set_text(body, "tagline", "Welcome to kong");
    json_set_text(body, "hostname", "sandbox");
    json_set_text(body, "node_id", call->sandbox->node_id);
    json_set(body, "configuration", configuration);
    json_set(body, "plugins", plugin_facts(call->sandbox));
    answer_json(call->answer, 200, body);
}

static void answer_status(struct call *call)
{
    struct json *database = json_new_object();
    json_set_bool(database, "reachable", true);
    struct json *server = json_new_object();
    json_set_number(server, "total_requests", (double)call->sandbox->requests.total);
    struct json *body = json_new_object();
    json_set(body, "database", database);
    json_set(body, "server", server);
    answer_json(call->answer, 200, body);
}

static void answer_ready(struct call *call)
{
    if (call->sandbox->options.status)
        answer_message(call->answer, 200, "ready");
    else
        answer_not_found(call->answer);
}

static void answer_enabled_plugins(struct call *call)
{
    struct json *names = json_new_array();
    for (size_t i = 0; i < PLUGIN_COUNT; i++)
        json_append(names, json_new_text(plugin_rows[i].name));
    struct json *body = json_new_object();
    json_set(body, "enabled_plugins", names);
    answer_json(call->answer, 200, body);
}

static void answer_no_database_only(struct call *call)
{
    answer_message(call->answer, 400, "this endpoint is only available when Kong is configured to not use a database");
}

static bool is_control_plane(struct call *call)
{
    if (call->sandbox->options.control_plane)
        return true;
    answer_message(call->answer, 400,
                   "this endpoint is only available when Kong is configured to run as Control Plane for the cluster");
    return false;
}

static void answer_data_planes(struct call *call)
{
    if (!is_control_plane(call))
        return;
    struct json *planes = call->sandbox->data_planes;
    struct json *body = json_new_object();
    json_set(body, "data", planes != NULL ? json_copy(planes) : json_new_array());
    json_set(body, "next", json_new_null());
    answer_json(call->answer, 200, body);
}

static void answer_cluster_status(struct call *call)
{
    static const char *const shown[] = {"ip", "hostname", "config_hash", "last_seen"};
    if (!is_control_plane(call))
        return;
    struct json *body = json_new_object();
    json_each (plane, call->sandbox->data_planes) {
        struct json *row = json_new_object();
        for (size_t i = 0; i < COUNT_OF(shown); i++) {
            const struct json *value = json_find(plane, shown[i]);
            json_set(row, shown[i], value != NULL ? json_copy(value) : json_new_null());
        }
        json_set(body, json_find_text(plane, "id"), row);
    }
    answer_json(call->answer, 200, body);
}

static void answer_wasm_only(struct call *call)
{
    answer_message(call->answer, 400, "this endpoint is only available when wasm is enabled");
}

static void answer_tags(struct call *call)
{
    list_answer_tags(call, NULL);
}

static void answer_tag(struct call *call)
{
    AUTO(json) struct json *tag = json_new_text(call->segments[1]);
    AUTO(text) char *fault = check_tag(tag);
    if (fault != NULL)
        answer_invalid_unique(call->answer, "tag", fault);
    else
        list_answer_tags(call, call->segments[1]);
}

static void show_schema(struct call *call, const char *path, const char *sort, const char *name)
{
    const struct schema *schema = state_schema(call->sandbox, path);
    if (schema != NULL) {
        answer_json(call->answer, 200, json_copy(schema->served));
        return;
    }
    AUTO(text) char *message = xasprintf("No %s named '%s'", sort, name);
    answer_message(call->answer, 404, message);
}

static void answer_schema(struct call *call)
{
    show_schema(call, call->segments[1], "entity", call->segments[1]);
}

static void answer_plugin_schema(struct call *call)
{
    AUTO(text) char *path = xasprintf("plugins/%s", call->segments[2]);
    show_schema(call, path, "plugin", call->segments[2]);
}

static void answer_vault_schema(struct call *call)
{
    AUTO(text) char *path = xasprintf("vaults/%s", call->segments[2]);
    show_schema(call, path, "vault", call->segments[2]);
}

/* The older path shows the fields of a plugin's "config" only. */
static void answer_config_schema(struct call *call)
{
    AUTO(text) char *path = xasprintf("plugins/%s", call->segments[2]);
    const struct schema *schema = state_schema(call->sandbox, path);
    if (schema == NULL) {
        AUTO(text) char *message = xasprintf("No plugin named '%s'", call->segments[2]);
        answer_message(call->answer, 404, message);
        return;
    }
    struct json *body = json_new_object();
    json_each (entry, json_find(schema->served, "fields")) {
        const struct json *config = json_find(entry, "config");
        if (config != NULL)
            json_set(body, "fields", json_copy(json_find(config, "fields")));
    }
    const struct json *checks = json_find(schema->served, "entity_checks");
    json_set(body, "entity_checks", checks != NULL ? json_copy(checks) : json_new_array());
    answer_json(call->answer, 200, body);
}

static void answer_validation(struct call *call)
{
    struct table *table = state_table(call->sandbox, call->segments[1]);
    if (table == NULL) {
        AUTO(text) char *message = xasprintf("No entity named '%s'", call->segments[1]);
        answer_message(call->answer, 404, message);
        return;
    }
    struct json *errors = crud_validate(call->sandbox, table, call->body);
    if (errors != NULL)
        answer_schema_violation(call->answer, errors);
    else
        answer_message(call->answer, 200, "schema validation successful");
}

/* "*" stands for any one segment. */
static const struct {
    const char *segments[3];
    const char *methods;
    void (*answer)(struct call *call);
} rows[] = {
    {{NULL}, "GET, HEAD, OPTIONS", answer_node},
    {{"status"}, "GET, HEAD, OPTIONS", answer_status},
    {{"status", "ready"}, "GET, HEAD, OPTIONS", answer_ready},
    {{"config"}, "GET, HEAD, OPTIONS, POST", answer_no_database_only},
    {{"clustering", "data-planes"}, "GET, HEAD, OPTIONS", answer_data_planes},
    {{"clustering", "status"}, "GET, HEAD, OPTIONS", answer_cluster_status},
    {{"filter-chains"}, "GET, HEAD, OPTIONS, POST", answer_wasm_only},
    {{"plugins", "enabled"}, "GET, HEAD, OPTIONS", answer_enabled_plugins},
    {{"plugins", "schema", "*"}, "GET, HEAD, OPTIONS", answer_config_schema},
    {{"tags"}, "GET, HEAD, OPTIONS", answer_tags},
    {{"tags", "*"}, "GET, HEAD, OPTIONS", answer_tag},
    {{"schemas", "*"}, "GET, HEAD, OPTIONS", answer_schema},
    {{"schemas", "*", "validate"}, "OPTIONS, POST", answer_validation},
    {{"schemas", "plugins", "*"}, "GET, HEAD, OPTIONS", answer_plugin_schema},
    {{"schemas", "vaults", "*"}, "GET, HEAD, OPTIONS", answer_vault_schema},
};

static bool row_matches(const struct call *call, const char *const *segments)
{
    size_t count = 0;
    while (count < 3 && segments[count] != NULL)
        count++;
    if (count != call->segment_count)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(segments[i], "*") != 0 && strcmp(segments[i], call->segments[i]) != 0)
            return false;
    }
    return true;
}

bool api_handle_info(struct call *call)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (!row_matches(call, rows[i].segments))
            continue;
        if (api_allow(call, rows[i].methods))
            rows[i].answer(call);
        return true;
    }
    return false;
}
