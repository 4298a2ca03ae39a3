/* Which answers of a credential program are good. */
#include "exec_credential.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/x509.h"

static bool two_digits(const char *text, int *ret_number)
{
    if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
        return false;
    *ret_number = (text[0] - '0') * 10 + text[1] - '0';
    return true;
}

double kube_exec_credential_time(const char *text)
{
    struct tm parts = {0};
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &parts);
    if (rest == NULL)
        return -1;
    double fraction = 0;
    if (*rest == '.') {
        double unit = 0.1;
        for (rest++; *rest >= '0' && *rest <= '9'; rest++, unit /= 10)
            fraction += unit * (*rest - '0');
    }
    double offset = 0;
    if (*rest == '+' || *rest == '-') {
        int hours = 0;
        int minutes = 0;
        if (strlen(rest) != 6 || rest[3] != ':' || !two_digits(rest + 1, &hours) || !two_digits(rest + 4, &minutes))
            return -1;
        offset = (hours * 60 + minutes) * (*rest == '+' ? 60 : -60);
    } else if (strcmp(rest, "Z") != 0) {
        return -1;
    }
    return (double)timegm(&parts) + fraction - offset;
}

void kube_exec_credential_done(struct exec_credential *credential)
{
    free(credential->token);
    free(credential->cert_pem);
    free(credential->key_pem);
    *credential = (struct exec_credential){0};
}

static int take_text(const struct json *status, const char *name, char **ret_text, struct err *err)
{
    const struct json *value = json_find(status, name);
    if (json_type(value) != JSON_NULL && json_text(value) == NULL)
        return err_set(err, ERR_INVALID, "status.%s: expected a text", name);
    const char *text = json_text(value);
    *ret_text = text != NULL && text[0] != '\0' ? xstrdup(text) : NULL;
    return 0;
}

static int take_status(const struct json *status, struct exec_credential *credential, struct err *err)
{
    AUTO(text) char *expires = NULL;
    int rc = take_text(status, "token", &credential->token, err);
    if (rc == 0)
        rc = take_text(status, "clientCertificateData", &credential->cert_pem, err);
    if (rc == 0)
        rc = take_text(status, "clientKeyData", &credential->key_pem, err);
    if (rc == 0)
        rc = take_text(status, "expirationTimestamp", &expires, err);
    if (rc != 0)
        return rc;
    if ((credential->cert_pem == NULL) != (credential->key_pem == NULL))
        return err_set(err, ERR_INVALID, "status: clientCertificateData and clientKeyData belong together");
    if (credential->token == NULL && credential->cert_pem == NULL)
        return err_set(err, ERR_INVALID, "status: neither token nor clientCertificateData");
    if (credential->cert_pem != NULL && x509_check_pair(NULL, credential->cert_pem, credential->key_pem, err) != 0)
        return err_wrap(err, "status.clientCertificateData");
    credential->expires = expires != NULL ? kube_exec_credential_time(expires) : 0;
    if (credential->expires < 0)
        return err_set(err, ERR_INVALID, "status.expirationTimestamp: expected an RFC 3339 time");
    return 0;
}

int kube_exec_credential_parse(const char *api_version, const char *text, size_t length,
                               struct exec_credential *ret_credential, struct err *err)
{
    AUTO(json) struct json *tree = NULL;
    struct err hidden = ERR_INIT; /* a parser's sentence might quote the text */
    if (json_parse(text, length, &tree, &hidden) != 0)
        return err_set(err, ERR_PARSE, "it did not print JSON");
    const char *kind = json_find_text(tree, "kind");
    const char *version = json_find_text(tree, "apiVersion");
    if (kind == NULL || strcmp(kind, "ExecCredential") != 0)
        return err_set(err, ERR_INVALID, "kind: expected ExecCredential");
    if (version == NULL || strcmp(version, api_version) != 0)
        return err_set(err, ERR_INVALID, "apiVersion: expected %s, as the kubeconfig says", api_version);
    struct exec_credential credential = {0};
    int rc = take_status(json_find(tree, "status"), &credential, err);
    if (rc != 0) {
        kube_exec_credential_done(&credential);
        return rc;
    }
    *ret_credential = credential;
    return 0;
}
