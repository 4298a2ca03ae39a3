/* credentials.h - what proves who we are: a token, a password, a token file that rotates, or a credential program.
 * Owns:    the present credential; its texts are borrowed until the next call.
 * Thread:  loop thread.
 * Errors:  given to `settled`; no text ever has a token or what a program printed. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "kube/config.h"
#include "net/loop.h"

#define CREDENTIALS_FILE_FRESH_MS   10000 /* a token file is read again when it is older */
#define CREDENTIALS_EVERY_MS        1000  /* a program is not run again sooner, whatever the server says */
#define CREDENTIALS_EXEC_TIMEOUT_MS 60000

struct credentials;

/* Later than the call that asked for it; `err` with code 0 when there is a credential. */
typedef void credentials_fn(void *user, const struct err *err);

/* Borrows `config`. */
struct credentials *kube_credentials_new(struct loop *loop, const struct kube_config *config, credentials_fn *settled,
                                         void *user);
void kube_credentials_free(struct credentials *credentials);

/* May read the token file.  When false, kube_credentials_renew and wait for `settled`. */
bool kube_credentials_ready(struct credentials *credentials);
void kube_credentials_renew(struct credentials *credentials);

/* The server refused the credential that had this serial: whether another try can help. */
bool kube_credentials_refuse(struct credentials *credentials, uint64_t serial);
uint64_t kube_credentials_serial(const struct credentials *credentials); /* another whenever the credential is */

const char *kube_credentials_authorization(const struct credentials *credentials); /* header value, or NULL */
/* Of a credential program; both NULL when it gave none. */
const char *kube_credentials_cert_pem(const struct credentials *credentials);
const char *kube_credentials_key_pem(const struct credentials *credentials);
