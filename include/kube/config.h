/* kube/config.h - where the API server is and who we are to it: kubeconfig files, or the account of the pod that we
 * run in.
 * Owns:    a `struct kube_config` owns all its texts; key material is in memory only.
 * Thread:  one owner; loading reads files and the environment.
 * Errors:  the sentence names the file and the field ("users 'x': tokenFile"), and never a value that may be secret. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define KUBE_CONFIG_BYTES_MAX (4u << 20) /* of one kubeconfig file */
#define KUBE_CONFIG_FILES_MAX 32         /* in $KUBECONFIG */
#define KUBE_CREDENTIAL_MAX   (1u << 20) /* bytes of a certificate, key or token file */
#define KUBE_EXEC_LIST_MAX    256        /* arguments, and variables, of a credential program */
#define KUBE_ACCOUNT_FOLDER   "/var/run/secrets/kubernetes.io/serviceaccount"

/* A credential program (client.authentication.k8s.io). */
struct kube_exec {
    char *api_version;
    char *command;
    char **arguments;   /* ends with NULL */
    char **environment; /* "NAME=value", ends with NULL; has KUBERNETES_EXEC_INFO */
    char *install_hint; /* or NULL */
};

/* Read-only facts; what is not there is NULL. */
struct kube_config {
    char *from;      /* for people: "context 'x' of /path" */
    char *server;    /* "https://host:port/prefix" without a slash at the end */
    char *namespace; /* of the context or the pod; "default" when none */

    char *ca_pem;
    char *ca_file;
    char *tls_server_name;
    char *proxy_url;
    bool skip_verify;

    char *client_cert_pem;
    char *client_key_pem;
    char *client_cert_file;
    char *client_key_file;

    char *token;
    char *token_file; /* wins over `token`; read again as it rotates */
    char *username;
    char *password;
    char *act_as; /* impersonation: user, uid, groups (ends with NULL) */
    char *act_as_uid;
    char **act_as_groups;
    struct kube_exec *exec;
};

struct kube_config_options {
    const char *kubeconfig;     /* file, or a list as in $KUBECONFIG, all of which must exist; NULL: see below */
    const char *context;        /* NULL: current-context */
    const char *server;         /* overrides the server's address, or NULL */
    const char *account_folder; /* NULL: KUBE_ACCOUNT_FOLDER */
};

/* In this order: `kubeconfig`, $KUBECONFIG, the pod's account when KUBERNETES_SERVICE_HOST is set, ~/.kube/config. */
int kube_config_load(const struct kube_config_options *options, struct kube_config **ret_config,
                     struct err *err) MUST_USE;
void kube_config_free(struct kube_config *config);
DEFINE_CLEANUP(kube_config, kube_config_free)

/* Reads certificate files again; *ret_changed says whether a text differs.  Fails without changing anything. */
int kube_config_reload(struct kube_config *config, bool *ret_changed, struct err *err);
