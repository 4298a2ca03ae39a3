/* exec_credential.h - what a credential program prints (ExecCredential).
 * Owns:    its texts.
 * Thread:  any.
 * Errors:  -ERR_PARSE or -ERR_INVALID naming the field, never a value. */
#pragma once

#include <stddef.h>

#include "base/err.h"

struct exec_credential {
    char *token; /* what is not there is NULL */
    char *cert_pem;
    char *key_pem;
    double expires; /* seconds since 1970; 0: it did not say */
};

int kube_exec_credential_parse(const char *api_version, const char *text, size_t length,
                               struct exec_credential *ret_credential, struct err *err);
void kube_exec_credential_done(struct exec_credential *credential);

/* RFC 3339; negative when it is none. */
double kube_exec_credential_time(const char *text);
