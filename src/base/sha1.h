/* sha1.h - SHA-1, for name-based UUIDs only.   Owns: nothing.   Thread: any.   Errors: none. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define SHA1_BYTES       20
#define SHA1_BLOCK_BYTES 64

struct sha1 {
    uint32_t state[5];
    uint64_t length;
    unsigned char block[SHA1_BLOCK_BYTES];
};

void sha1_init(struct sha1 *sha1);
void sha1_add(struct sha1 *sha1, const void *data, size_t length);
void sha1_finish(struct sha1 *sha1, unsigned char ret_digest[SHA1_BYTES]);
