/* SHA-1 after FIPS 180-4.  Every entity gets a name-based id, and going through OpenSSL's providers for each costs ten
 * times what the digest does. */
#include "sha1.h"

#include <string.h>

static uint32_t turn(uint32_t word, int bits)
{
    return word << bits | word >> (32 - bits);
}

static uint32_t read_word(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void mix_block(uint32_t state[5], const unsigned char *block)
{
    uint32_t schedule[80];
    for (int i = 0; i < 16; i++)
        schedule[i] = read_word(block + 4 * i);
    for (int i = 16; i < 80; i++)
        schedule[i] = turn(schedule[i - 3] ^ schedule[i - 8] ^ schedule[i - 14] ^ schedule[i - 16], 1);
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    for (int i = 0; i < 80; i++) {
        uint32_t choice, constant;
        if (i < 20) {
            choice = (b & c) | (~b & d);
            constant = 0x5a827999;
        } else if (i < 40) {
            choice = b ^ c ^ d;
            constant = 0x6ed9eba1;
        } else if (i < 60) {
            choice = (b & c) | (b & d) | (c & d);
            constant = 0x8f1bbcdc;
        } else {
            choice = b ^ c ^ d;
            constant = 0xca62c1d6;
        }
        uint32_t next = turn(a, 5) + choice + e + constant + schedule[i];
        e = d;
        d = c;
        c = turn(b, 30);
        b = a;
        a = next;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
}

void sha1_init(struct sha1 *sha1)
{
    *sha1 = (struct sha1){.state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0}};
}

void sha1_add(struct sha1 *sha1, const void *data, size_t length)
{
    const unsigned char *bytes = data;
    size_t used = sha1->length % SHA1_BLOCK_BYTES;
    sha1->length += length;
    while (length > 0) {
        size_t part = length < SHA1_BLOCK_BYTES - used ? length : SHA1_BLOCK_BYTES - used;
        memcpy(sha1->block + used, bytes, part);
        used += part;
        bytes += part;
        length -= part;
        if (used == SHA1_BLOCK_BYTES) {
            mix_block(sha1->state, sha1->block);
            used = 0;
        }
    }
}

void sha1_finish(struct sha1 *sha1, unsigned char ret_digest[SHA1_BYTES])
{
    static const unsigned char padding[SHA1_BLOCK_BYTES] = {0x80};
    uint64_t bits = sha1->length * 8;
    size_t used = sha1->length % SHA1_BLOCK_BYTES;
    sha1_add(sha1, padding, (used < 56 ? 56 : 120) - used);
    unsigned char count[8];
    for (int i = 0; i < 8; i++)
        count[i] = (unsigned char)(bits >> (56 - 8 * i));
    sha1_add(sha1, count, sizeof(count));
    for (int i = 0; i < SHA1_BYTES; i++)
        ret_digest[i] = (unsigned char)(sha1->state[i / 4] >> (24 - 8 * (i % 4)));
}
