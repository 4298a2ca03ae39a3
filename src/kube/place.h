/* place.h - typed reads of a kubeconfig's fields, with errors that say file and field.
 * Owns:    nothing; read texts are the caller's.
 * Thread:  any.
 * Errors:  -ERR_INVALID; never shows a value. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/json.h"

/* Where we are: "FILE: users 'x'", and the mapping there. */
struct place {
    const char *file;
    const char *what;
    const struct json *fields; /* NULL: nothing is set */
};

int kube_place_text(const struct place *place, const char *name, char **ret_text,
                    struct err *err); /* NULL when unset or "" */
int kube_place_flag(const struct place *place, const char *name, bool *ret_flag, struct err *err);
/* Base64 of a text; NULL when unset. */
int kube_place_data(const struct place *place, const char *name, char **ret_text, struct err *err);
/* A path, taken relative to the folder of the kubeconfig; NULL when unset. */
int kube_place_path(const struct place *place, const char *name, char **ret_path, struct err *err);
/* A list of texts that ends with NULL; NULL when unset.  At most `limit`. */
int kube_place_texts(const struct place *place, const char *name, size_t limit, char ***ret_texts, struct err *err);
int kube_place_fail(const struct place *place, const char *name, const char *reason, struct err *err);

char *kube_place_resolve(const char *file, const char *path);
/* A whole file with certificates, a key or a token, at most KUBE_CREDENTIAL_MAX bytes. */
int kube_place_read_file(const char *path, char **ret_text, struct err *err);
void kube_texts_free(char **texts); /* ends with NULL; NULL is fine */
