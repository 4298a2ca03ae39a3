/* Where the facts about the API server come from: named files, $KUBECONFIG, the pod's account, or the home folder. */
#include "kube/config.h"

#include <string.h>

#include "base/file.h"
#include "base/x509.h"
#include "kubeconfig.h"
#include "place.h"

static void exec_free(struct kube_exec *exec)
{
    if (exec == NULL)
        return;
    free(exec->api_version);
    free(exec->command);
    free(exec->install_hint);
    kube_texts_free(exec->arguments);
    kube_texts_free(exec->environment);
    free(exec);
}

void kube_config_free(struct kube_config *config)
{
    if (config == NULL)
        return;
    char *texts[] = {config->from,           config->server,           config->namespace,       config->ca_pem,
                     config->ca_file,        config->tls_server_name,  config->proxy_url,       config->client_cert_pem,
                     config->client_key_pem, config->client_cert_file, config->client_key_file, config->token,
                     config->token_file,     config->username,         config->password,        config->act_as,
                     config->act_as_uid};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        free(texts[i]);
    kube_texts_free(config->act_as_groups);
    exec_free(config->exec);
    free(config);
}

static int add_list(struct kubeconfig *files, const char *list, bool must_exist, struct err *err)
{
    int rc = 0;
    while (rc == 0 && *list != '\0') {
        size_t length = strcspn(list, ":");
        AUTO(text) char *path = xstrndup(list, length);
        if (length > 0 && (must_exist || file_exists(path)))
            rc = kubeconfig_add_file(files, path, err);
        list += length + (list[length] == ':');
    }
    return rc;
}

static int load_files(const char *list, bool must_exist, const char *context, struct kube_config *config,
                      struct err *err)
{
    AUTO(kubeconfig) struct kubeconfig *files = kubeconfig_new();
    int rc = add_list(files, list, must_exist, err);
    if (rc != 0)
        return rc;
    if (kubeconfig_count(files) == 0)
        return err_set(err, ERR_NOT_FOUND, "no kubeconfig file in '%s' exists", list);
    return kubeconfig_resolve(files, context, config, err);
}

static char *account_server(const char *host, const char *port)
{
    bool bare_ipv6 = strchr(host, ':') != NULL && host[0] != '[';
    return xasprintf(bare_ipv6 ? "https://[%s]:%s" : "https://%s:%s", host, port);
}

static void trim(char *text)
{
    size_t length = strlen(text);
    while (length > 0 && strchr(" \t\r\n", text[length - 1]) != NULL)
        text[--length] = '\0';
}

/* The account of the pod; its token and authority are files that the kubelet rotates. */
static int load_account(const char *folder, struct kube_config *config, struct err *err)
{
    const char *host = getenv("KUBERNETES_SERVICE_HOST");
    const char *port = getenv("KUBERNETES_SERVICE_PORT");
    if (host == NULL || host[0] == '\0' || port == NULL || port[0] == '\0')
        return err_set(err, ERR_NOT_FOUND, "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not both set");
    AUTO(text) char *namespace_file = xasprintf("%s/namespace", folder);
    config->server = account_server(host, port);
    config->token_file = xasprintf("%s/token", folder);
    config->ca_file = xasprintf("%s/ca.crt", folder);
    config->from = xasprintf("the pod's account in %s", folder);
    int rc = kube_place_read_file(config->ca_file, &config->ca_pem, err);
    if (rc == 0 && !file_exists(config->token_file))
        rc = err_set(err, ERR_NOT_FOUND, "'%s' does not exist", config->token_file);
    if (rc == 0 && file_exists(namespace_file))
        rc = kube_place_read_file(namespace_file, &config->namespace, err);
    if (rc != 0)
        return err_wrap(err, "the pod's account");
    if (config->namespace != NULL)
        trim(config->namespace);
    return 0;
}

static bool is_set(const char *text)
{
    return text != NULL && text[0] != '\0';
}

static int load_home(const char *context, struct kube_config *config, struct err *err)
{
    const char *home = getenv("HOME");
    AUTO(text) char *path = xasprintf("%s/.kube/config", home != NULL ? home : "");
    if (!file_exists(path))
        return err_set(err, ERR_NOT_FOUND,
                       "no way to the API server: no kubeconfig was named, KUBECONFIG is not set, this is no pod "
                       "(KUBERNETES_SERVICE_HOST), and '%s' does not exist",
                       path);
    return load_files(path, true, context, config, err);
}

static int load(const struct kube_config_options *options, struct kube_config *config, struct err *err)
{
    const char *variable = getenv("KUBECONFIG");
    const char *folder = options->account_folder != NULL ? options->account_folder : KUBE_ACCOUNT_FOLDER;
    if (is_set(options->kubeconfig))
        return load_files(options->kubeconfig, true, options->context, config, err);
    if (is_set(variable))
        return load_files(variable, false, options->context, config, err);
    if (is_set(getenv("KUBERNETES_SERVICE_HOST")) && options->context == NULL)
        return load_account(folder, config, err);
    return load_home(options->context, config, err);
}

static int override_server(struct kube_config *config, const char *server, struct err *err)
{
    size_t length = strlen(server);
    if (strncmp(server, "https://", 8) != 0 && strncmp(server, "http://", 7) != 0)
        return err_set(err, ERR_INVALID, "the API server's address: expected https://HOST[:PORT] (or http://)");
    while (length > 0 && server[length - 1] == '/')
        length--;
    free(config->server);
    config->server = xstrndup(server, length);
    return 0;
}

int kube_config_load(const struct kube_config_options *options, struct kube_config **ret_config, struct err *err)
{
    AUTO(kube_config) struct kube_config *config = xcalloc(1, sizeof(*config));
    int rc = load(options, config, err);
    /* An address alone is enough for a server that asks for nothing (kubectl proxy). */
    if (err_is(rc, ERR_NOT_FOUND) && is_set(options->server) && !is_set(options->kubeconfig) && config->from == NULL) {
        config->from = xstrdup("the address alone");
        rc = 0;
    }
    if (rc == 0 && is_set(options->server))
        rc = override_server(config, options->server, err);
    if (rc != 0)
        return rc;
    if (!is_set(config->namespace)) {
        free(config->namespace);
        config->namespace = xstrdup("default");
    }
    *ret_config = TAKE(config);
    return 0;
}

static int read_again(const char *path, const char *present, char **ret_text, struct err *err)
{
    if (path == NULL) {
        *ret_text = xstrdup(present);
        return 0;
    }
    return kube_place_read_file(path, ret_text, err);
}

static bool same(const char *left, const char *right)
{
    return left == right || (left != NULL && right != NULL && strcmp(left, right) == 0);
}

static void replace(char **present, char **fresh, bool *changed)
{
    if (!same(*present, *fresh))
        *changed = true;
    free(*present);
    *present = TAKE(*fresh);
}

int kube_config_reload(struct kube_config *config, bool *ret_changed, struct err *err)
{
    AUTO(text) char *authority = NULL;
    AUTO(text) char *cert = NULL;
    AUTO(text) char *key = NULL;
    int rc = read_again(config->ca_file, config->ca_pem, &authority, err);
    if (rc == 0)
        rc = read_again(config->client_cert_file, config->client_cert_pem, &cert, err);
    if (rc == 0)
        rc = read_again(config->client_key_file, config->client_key_pem, &key, err);
    /* Half of a rotation: the pair fits again in a moment. */
    if (rc == 0 && cert != NULL)
        rc = x509_check_pair(NULL, cert, key, err);
    if (rc != 0)
        return rc;
    *ret_changed = false;
    replace(&config->ca_pem, &authority, ret_changed);
    replace(&config->client_cert_pem, &cert, ret_changed);
    replace(&config->client_key_pem, &key, ret_changed);
    return 0;
}
