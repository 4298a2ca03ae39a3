/* canonical_hash.h - how Kong hashes what it does not store in clear.
 * Owns: nothing.   Thread: any.   Errors: false when the text is no such hash. */
#pragma once

#include <stdbool.h>

#define PASSWORD_HEX_SIZE 41

/* basic-auth: SHA-1 of the password and the consumer's id. */
void canonical_hash_password(const char *password, const char *consumer_id, char ret_hex[PASSWORD_HEX_SIZE]);
/* oauth2 with hash_secret: "$pbkdf2-sha512$i=10000,l=32$salt$hash". */
bool canonical_hash_verify(const char *secret, const char *stored);
