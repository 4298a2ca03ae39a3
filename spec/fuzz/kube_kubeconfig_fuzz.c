/* Kubeconfigs and what credential programs print: any bytes give an error or a whole configuration. */
#include <stdint.h>
#include <stdlib.h>

#include "exec_credential.h"
#include "kubeconfig.h"

static void check_whole(const struct kube_config *config)
{
    require_that(config->server != NULL && config->from != NULL);
    require_that((config->client_cert_pem == NULL) == (config->client_key_pem == NULL));
    require_that(config->exec == NULL || (config->exec->command != NULL && config->exec->environment != NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct err err = ERR_INIT;
    AUTO(kubeconfig) struct kubeconfig *files = kubeconfig_new();
    AUTO(kube_config) struct kube_config *config = xcalloc(1, sizeof(*config));
    if (kubeconfig_add_text(files, "/nonexistent/config", text, size, &err) == 0 &&
        kubeconfig_resolve(files, NULL, config, &err) == 0)
        check_whole(config);

    struct exec_credential credential = {0};
    if (kube_exec_credential_parse("client.authentication.k8s.io/v1", text, size, &credential, &err) == 0)
        require_that(credential.token != NULL || credential.cert_pem != NULL);
    kube_exec_credential_done(&credential);
    return 0;
}
