/* certificate.h - what the sandbox asks about PEM texts.
 * Owns:    nothing.
 * Thread:  any.
 * Errors:  a text that cannot be read answers no. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define CERTIFICATE_BYTES_MAX   (1u << 20)
#define CERTIFICATE_DIGEST_SIZE 65

bool certificate_has_key(const char *certificate_pem, const char *key_pem);
int certificate_key_type(const char *pem); /* equal numbers: same algorithm */
size_t certificate_count(const char *pem);
bool certificate_is_authority(const char *pem);
bool certificate_is_over(const char *pem);
void certificate_digest(const char *pem, char ret_hex[CERTIFICATE_DIGEST_SIZE]); /* SHA-256 of the DER form */
