/* kind_key.h - natural keys that are more than one field.
 * Owns: nothing; the caller frees what is returned.   Thread: any.   Errors: NULL when a needed field is missing. */
#pragma once

#include "kong/kind.h"

typedef const char *const kind_foreign_keys[KONG_FOREIGN_MAX];

char *kind_key_target(const struct json *fields, kind_foreign_keys foreign_keys);
char *kind_key_plugin(const struct json *fields, kind_foreign_keys foreign_keys);
char *kind_key_consumer(const struct json *fields, kind_foreign_keys foreign_keys);
char *kind_key_membership(const struct json *fields, kind_foreign_keys foreign_keys);
char *kind_key_certificate(const struct json *fields, kind_foreign_keys foreign_keys);
char *kind_key_ca_certificate(const struct json *fields, kind_foreign_keys foreign_keys);
char *kind_key_acl(const struct json *fields, kind_foreign_keys foreign_keys);
char *kind_key_mtls_auth(const struct json *fields, kind_foreign_keys foreign_keys);

char *kind_key_none(const struct json *fields, kind_foreign_keys foreign_keys); /* NULL: it is not made of fields */

char *kind_key_digest(const char *secret); /* SHA-256 in hex */
