/* base/hash.h - digests, UUIDs and base64 (OpenSSL behind the door).
 * Owns:    nothing.
 * Thread:  any.
 * Errors:  base64 says false; nothing else fails. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define HASH_HEX_SIZE  65 /* SHA-256 in hex and a NUL */
#define HASH_UUID_SIZE 37

void hash_sha256_hex(const void *data, size_t length, char ret_hex[HASH_HEX_SIZE]);

/* RFC 9562: version 5 (SHA-1 over namespace and name), version 4 (random). */
bool hash_uuid_valid(const char *text);
bool hash_uuid5(const char *namespace_uuid, const void *name, size_t length, char ret_uuid[HASH_UUID_SIZE]);
void hash_uuid4(char ret_uuid[HASH_UUID_SIZE]);

/* Standard alphabet; decoding skips line breaks and refuses everything else that is wrong. */
bool hash_base64_decode(const char *text, size_t length, struct buf *out);
void hash_base64_encode(const void *data, size_t length, struct buf *out);
