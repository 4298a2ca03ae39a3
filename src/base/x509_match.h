/* x509_match.h - whether a certificate holds a key's public half, told by comparing encodings.
 * Owns:    nothing.
 * Thread:  any.
 * Errors:  none: false means that it cannot be told so, and OpenSSL has to decode the certificate. */
#pragma once

#include <openssl/evp.h>
#include <stdbool.h>

/* True when `der` is a well-formed certificate of an EC or RSA key and of `key`. */
bool x509_match_key(const unsigned char *der, long length, EVP_PKEY *key);
