/* What a cluster and a user of a kubeconfig may say, and what they may not say together. */
#include "kubeconfig_entry.h"

#include <string.h>

#include "base/x509.h"

/* A PEM text given as data, else as a file that stays known because it may rotate. */
static int take_pem(const struct place *place, const char *data, const char *file, char **ret_pem, char **ret_file,
                    struct err *err)
{
    int rc = kube_place_data(place, data, ret_pem, err);
    if (rc == 0 && *ret_pem == NULL) {
        rc = kube_place_path(place, file, ret_file, err);
        if (rc == 0 && *ret_file != NULL && kube_place_read_file(*ret_file, ret_pem, err) != 0)
            return err_wrap(err, "%s: %s: %s", place->file, place->what, file);
    }
    if (rc == 0 && *ret_pem != NULL && strstr(*ret_pem, "-----BEGIN") == NULL)
        return kube_place_fail(place, *ret_file != NULL ? file : data, "expected PEM", err);
    return rc;
}

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

static int check_cluster(const struct place *cluster, struct kube_config *config, struct err *err)
{
    if (config->server == NULL)
        return kube_place_fail(cluster, "server", "not set", err);
    if (!starts_with(config->server, "https://") && !starts_with(config->server, "http://"))
        return kube_place_fail(cluster, "server", "expected https://HOST[:PORT] (or http://)", err);
    size_t length = strlen(config->server);
    while (length > 0 && config->server[length - 1] == '/')
        config->server[--length] = '\0';
    if (config->skip_verify && config->ca_pem != NULL)
        return kube_place_fail(cluster, "insecure-skip-tls-verify", "cannot be true beside a certificate authority",
                               err);
    if (config->proxy_url != NULL && !starts_with(config->proxy_url, "http://") &&
        !starts_with(config->proxy_url, "https://") && !starts_with(config->proxy_url, "socks5://"))
        return kube_place_fail(cluster, "proxy-url", "expected http://, https:// or socks5://", err);
    return 0;
}

int kubeconfig_take_cluster(const struct place *cluster, struct kube_config *config, struct err *err)
{
    int rc = kube_place_text(cluster, "server", &config->server, err);
    if (rc == 0)
        rc = take_pem(cluster, "certificate-authority-data", "certificate-authority", &config->ca_pem, &config->ca_file,
                      err);
    if (rc == 0)
        rc = kube_place_text(cluster, "tls-server-name", &config->tls_server_name, err);
    if (rc == 0)
        rc = kube_place_text(cluster, "proxy-url", &config->proxy_url, err);
    if (rc == 0)
        rc = kube_place_flag(cluster, "insecure-skip-tls-verify", &config->skip_verify, err);
    return rc != 0 ? rc : check_cluster(cluster, config, err);
}

static int check_certificate(const struct place *user, const struct kube_config *config, struct err *err)
{
    if ((config->client_cert_pem == NULL) != (config->client_key_pem == NULL))
        return kube_place_fail(user, config->client_cert_pem != NULL ? "client-key" : "client-certificate",
                               "not set, but its counterpart is", err);
    if (config->client_cert_pem != NULL &&
        x509_check_pair(NULL, config->client_cert_pem, config->client_key_pem, err) != 0)
        return err_wrap(err, "%s: %s: client-certificate and client-key", user->file, user->what);
    return 0;
}

static int check_user(const struct place *user, const struct kube_config *config, struct err *err)
{
    if (json_is(json_find(user->fields, "auth-provider"), JSON_OBJECT))
        return err_set(err, ERR_UNSUPPORTED, "%s: %s: auth-provider: Kubernetes removed these; use exec", user->file,
                       user->what);
    bool token = config->token != NULL || config->token_file != NULL;
    bool basic = config->username != NULL || config->password != NULL;
    if (token && basic)
        return kube_place_fail(user, "token", "cannot be set beside username and password", err);
    if (config->exec != NULL && (token || basic))
        return kube_place_fail(user, "exec", "cannot be set beside a token or a password", err);
    if (config->act_as == NULL && (config->act_as_uid != NULL || config->act_as_groups != NULL))
        return kube_place_fail(user, "as", "not set, but as-uid or as-groups is", err);
    return check_certificate(user, config, err);
}

int kubeconfig_take_user(const struct place *user, const struct place *cluster, struct kube_config *config,
                         struct err *err)
{
    int rc = take_pem(user, "client-certificate-data", "client-certificate", &config->client_cert_pem,
                      &config->client_cert_file, err);
    if (rc == 0)
        rc = take_pem(user, "client-key-data", "client-key", &config->client_key_pem, &config->client_key_file, err);
    if (rc == 0)
        rc = kube_place_text(user, "token", &config->token, err);
    if (rc == 0)
        rc = kube_place_path(user, "tokenFile", &config->token_file, err);
    if (rc == 0)
        rc = kube_place_text(user, "username", &config->username, err);
    if (rc == 0)
        rc = kube_place_text(user, "password", &config->password, err);
    if (rc == 0)
        rc = kube_place_text(user, "as", &config->act_as, err);
    if (rc == 0)
        rc = kube_place_text(user, "as-uid", &config->act_as_uid, err);
    if (rc == 0)
        rc = kube_place_texts(user, "as-groups", KUBE_EXEC_LIST_MAX, &config->act_as_groups, err);
    if (rc == 0)
        rc = kubeconfig_take_exec(user, cluster, config, err);
    return rc != 0 ? rc : check_user(user, config, err);
}
