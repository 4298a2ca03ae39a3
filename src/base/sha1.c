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

struct words {
    uint32_t a, b, c, d, e;
};

static inline void step(struct words *words, uint32_t choice, uint32_t constant, uint32_t scheduled)
{
    uint32_t next = turn(words->a, 5) + choice + words->e + constant + scheduled;
    words->e = words->d;
    words->d = words->c;
    words->c = turn(words->b, 30);
    words->b = words->a;
    words->a = next;
}

/* One loop for each constant, unrolled so that nothing moves between the five words. */
static void mix_block(uint32_t state[5], const unsigned char *block)
{
    uint32_t schedule[80];
    for (int i = 0; i < 16; i++)
        schedule[i] = read_word(block + 4 * i);
#pragma GCC unroll 16
    for (int i = 16; i < 80; i++)
        schedule[i] = turn(schedule[i - 3] ^ schedule[i - 8] ^ schedule[i - 14] ^ schedule[i - 16], 1);
    struct words w = {state[0], state[1], state[2], state[3], state[4]};
#pragma GCC unroll 20
    for (int i = 0; i < 20; i++)
        step(&w, w.d ^ (w.b & (w.c ^ w.d)), 0x5a827999, schedule[i]);
#pragma GCC unroll 20
    for (int i = 20; i < 40; i++)
        step(&w, w.b ^ w.c ^ w.d, 0x6ed9eba1, schedule[i]);
#pragma GCC unroll 20
    for (int i = 40; i < 60; i++)
        step(&w, (w.b & w.c) | (w.d & (w.b | w.c)), 0x8f1bbcdc, schedule[i]);
#pragma GCC unroll 20
    for (int i = 60; i < 80; i++)
        step(&w, w.b ^ w.c ^ w.d, 0xca62c1d6, schedule[i]);
    state[0] += w.a;
    state[1] += w.b;
    state[2] += w.c;
    state[3] += w.d;
    state[4] += w.e;
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
