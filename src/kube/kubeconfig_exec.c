/* How a credential program is to be run, and what it is told about the cluster. */
#include <string.h>

#include "base/hash.h"
#include "base/vec.h"
#include "kubeconfig_entry.h"

#define EXEC_GROUP "client.authentication.k8s.io/"

static int check_exec(const struct place *exec, const struct kube_exec *call, struct err *err)
{
    const char *mode = json_find_text(exec->fields, "interactiveMode");
    if (call->command == NULL)
        return kube_place_fail(exec, "command", "not set", err);
    if (call->api_version == NULL)
        return kube_place_fail(exec, "apiVersion", "not set", err);
    if (strcmp(call->api_version, EXEC_GROUP "v1") != 0 && strcmp(call->api_version, EXEC_GROUP "v1beta1") != 0)
        return kube_place_fail(exec, "apiVersion", "expected " EXEC_GROUP "v1 or v1beta1", err);
    if (mode != NULL && strcmp(mode, "Always") == 0)
        return kube_place_fail(exec, "interactiveMode", "Always: there is no terminal here", err);
    if (mode != NULL && strcmp(mode, "Never") != 0 && strcmp(mode, "IfAvailable") != 0)
        return kube_place_fail(exec, "interactiveMode", "expected Never or IfAvailable", err);
    return 0;
}

static void add_text(struct json *object, const char *name, const char *text)
{
    if (text != NULL)
        json_set_text(object, name, text);
}

static void add_extension(struct json *facts, const struct json *cluster)
{
    json_each (extension, json_find(cluster, "extensions")) {
        const char *name = json_find_text(extension, "name");
        if (name != NULL && strcmp(name, "client.authentication.k8s.io/exec") == 0)
            json_set(facts, "config", json_copy(json_find(extension, "extension")));
    }
}

static struct json *cluster_facts(const struct place *cluster, const struct kube_config *config)
{
    struct json *facts = json_new_object();
    add_text(facts, "server", config->server);
    add_text(facts, "tls-server-name", config->tls_server_name);
    add_text(facts, "proxy-url", config->proxy_url);
    if (config->skip_verify)
        json_set_bool(facts, "insecure-skip-tls-verify", true);
    if (config->ca_pem != NULL) {
        struct buf encoded = BUF_OWN;
        hash_base64_encode(config->ca_pem, strlen(config->ca_pem), &encoded);
        json_set_text(facts, "certificate-authority-data", buf_text(&encoded));
        buf_done(&encoded);
    }
    add_extension(facts, cluster->fields);
    return facts;
}

/* "KUBERNETES_EXEC_INFO={…}" */
static char *exec_info(const struct kube_exec *call, bool with_cluster, const struct place *cluster,
                       const struct kube_config *config)
{
    AUTO(json) struct json *info = json_new_object();
    struct json *spec = json_new_object();
    json_set_text(info, "apiVersion", call->api_version);
    json_set_text(info, "kind", "ExecCredential");
    json_set_bool(spec, "interactive", false);
    if (with_cluster)
        json_set(spec, "cluster", cluster_facts(cluster, config));
    json_set(info, "spec", spec);
    AUTO(text) char *text = json_print_text(info);
    return xasprintf("KUBERNETES_EXEC_INFO=%s", text);
}

static int take_variables(const struct place *exec, char *info, struct kube_exec *call, struct err *err)
{
    struct {
        VEC(char *);
    } variables = {0};
    vec_push(&variables, info);
    const struct json *list = json_find(exec->fields, "env");
    int rc = 0;
    if (json_type(list) != JSON_NULL && (!json_is(list, JSON_ARRAY) || json_count(list) > KUBE_EXEC_LIST_MAX))
        rc = kube_place_fail(exec, "env", "expected a list of name and value", err);
    for (struct json *item = rc == 0 ? json_first(list) : NULL; item != NULL && rc == 0; item = json_after(item)) {
        const char *name = json_find_text(item, "name");
        const char *value = json_find_text(item, "value");
        if (name == NULL || name[0] == '\0' || strchr(name, '=') != NULL || value == NULL)
            rc = kube_place_fail(exec, "env", "each entry needs a name and a value (quote the values)", err);
        else
            vec_push(&variables, xasprintf("%s=%s", name, value));
    }
    vec_push(&variables, NULL);
    call->environment = variables.items;
    return rc;
}

/* A command with a slash is relative to the kubeconfig, any other is looked up in PATH. */
static void resolve_command(const struct place *exec, struct kube_exec *call)
{
    if (call->command == NULL || strchr(call->command, '/') == NULL)
        return;
    char *path = kube_place_resolve(exec->file, call->command);
    free(call->command);
    call->command = path;
}

int kubeconfig_take_exec(const struct place *user, const struct place *cluster, struct kube_config *config,
                         struct err *err)
{
    const struct json *fields = json_find(user->fields, "exec");
    if (json_type(fields) == JSON_NULL)
        return 0;
    if (!json_is(fields, JSON_OBJECT))
        return kube_place_fail(user, "exec", "expected a mapping", err);
    AUTO(text) char *what = xasprintf("%s: exec", user->what);
    struct place exec = {user->file, what, fields};
    struct kube_exec *call = config->exec = xcalloc(1, sizeof(*call));
    bool with_cluster = false;
    int rc = kube_place_text(&exec, "apiVersion", &call->api_version, err);
    if (rc == 0)
        rc = kube_place_text(&exec, "command", &call->command, err);
    if (rc == 0)
        rc = kube_place_text(&exec, "installHint", &call->install_hint, err);
    if (rc == 0)
        rc = kube_place_flag(&exec, "provideClusterInfo", &with_cluster, err);
    if (rc == 0)
        rc = kube_place_texts(&exec, "args", KUBE_EXEC_LIST_MAX, &call->arguments, err);
    if (rc == 0)
        rc = check_exec(&exec, call, err);
    if (rc != 0)
        return rc;
    resolve_command(&exec, call);
    return take_variables(&exec, exec_info(call, with_cluster, cluster, config), call, err);
}
