/* Digests and UUIDs through OpenSSL; base64 as Go's encoding/base64 reads it, because the API server does. */
#include "base/hash.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdint.h>
#include <string.h>

#include "sha1.h"

#define UUID_BYTES 16

static const char hex_digits[] = "0123456789abcdef";

void hash_sha256_hex(const void *data, size_t length, char ret_hex[HASH_HEX_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    require_that(EVP_Digest(data, length, digest, &size, EVP_sha256(), NULL) == 1 && size * 2 + 1 == HASH_HEX_SIZE);
    for (unsigned int i = 0; i < size; i++) {
        ret_hex[2 * i] = hex_digits[digest[i] >> 4];
        ret_hex[2 * i + 1] = hex_digits[digest[i] & 15];
    }
    ret_hex[2 * size] = '\0';
}

static bool is_dash_place(size_t index)
{
    return index == 8 || index == 13 || index == 18 || index == 23;
}

bool hash_uuid_valid(const char *text)
{
    for (size_t i = 0; i < HASH_UUID_SIZE - 1; i++) {
        bool good = is_dash_place(i) ? text[i] == '-' : isxdigit((unsigned char)text[i]) != 0;
        if (!good)
            return false;
    }
    return text[HASH_UUID_SIZE - 1] == '\0';
}

static unsigned char nibble(char digit)
{
    return (unsigned char)(digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
}

static void uuid_read(const char *text, unsigned char bytes[UUID_BYTES])
{
    size_t at = 0;
    for (size_t i = 0; i < HASH_UUID_SIZE - 1; i += 2) {
        if (is_dash_place(i))
            i++;
        bytes[at++] = (unsigned char)(nibble(text[i]) << 4 | nibble(text[i + 1]));
    }
}

static void uuid_write(unsigned char bytes[UUID_BYTES], int version, char ret_uuid[HASH_UUID_SIZE])
{
    bytes[6] = (unsigned char)((bytes[6] & 0x0f) | version << 4);
    bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
    size_t at = 0;
    for (size_t i = 0; i < UUID_BYTES; i++) {
        if (is_dash_place(at))
            ret_uuid[at++] = '-';
        ret_uuid[at++] = hex_digits[bytes[i] >> 4];
        ret_uuid[at++] = hex_digits[bytes[i] & 15];
    }
    ret_uuid[at] = '\0';
}

bool hash_uuid5(const char *namespace_uuid, const void *name, size_t length, char ret_uuid[HASH_UUID_SIZE])
{
    if (!hash_uuid_valid(namespace_uuid))
        return false;
    unsigned char space[UUID_BYTES];
    uuid_read(namespace_uuid, space);
    unsigned char digest[SHA1_BYTES];
    struct sha1 sha1;
    sha1_init(&sha1);
    sha1_add(&sha1, space, sizeof(space));
    sha1_add(&sha1, name, length);
    sha1_finish(&sha1, digest);
    uuid_write(digest, 5, ret_uuid);
    return true;
}

void hash_uuid4(char ret_uuid[HASH_UUID_SIZE])
{
    unsigned char bytes[UUID_BYTES];
    require_that(RAND_bytes(bytes, sizeof(bytes)) == 1);
    uuid_write(bytes, 4, ret_uuid);
}

static int base64_value(char character)
{
    if (character >= 'A' && character <= 'Z')
        return character - 'A';
    if (character >= 'a' && character <= 'z')
        return character - 'a' + 26;
    if (character >= '0' && character <= '9')
        return character - '0' + 52;
    return character == '+' ? 62 : character == '/' ? 63 : -1;
}

/* Appends the bytes of `count` characters whose values stand in `group`. */
static bool base64_flush(uint32_t group, int count, struct buf *out)
{
    if (count == 1)
        return false;
    group <<= 6 * (4 - count);
    char bytes[3] = {(char)(group >> 16), (char)(group >> 8), (char)group};
    return count == 0 || buf_append(out, bytes, (size_t)count - 1) == 0;
}

static bool base64_read(const char *text, size_t length, struct buf *out)
{
    uint32_t group = 0;
    int count = 0;
    int padding = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\r' || text[i] == '\n')
            continue;
        if (text[i] == '=') {
            if (count + ++padding > 4 || count < 2)
                return false;
            continue;
        }
        int value = base64_value(text[i]);
        if (value < 0 || padding != 0)
            return false;
        group = group << 6 | (uint32_t)value;
        if (++count == 4) {
            if (!base64_flush(group, 4, out))
                return false;
            group = 0;
            count = 0;
        }
    }
    return (count == 0 ? padding == 0 : count + padding == 4) && base64_flush(group, count, out);
}

bool hash_base64_decode(const char *text, size_t length, struct buf *out)
{
    size_t before = out->length;
    bool good = base64_read(text, length, out);
    if (!good && out->data != NULL) {
        out->length = before;
        out->data[before] = '\0';
    }
    return good;
}

void hash_base64_encode(const void *data, size_t length, struct buf *out)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *bytes = data;
    for (size_t i = 0; i < length; i += 3) {
        size_t left = length - i;
        uint32_t group = (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                         (left > 2 ? (uint32_t)bytes[i + 2] : 0);
        char text[4] = {alphabet[group >> 18], alphabet[group >> 12 & 63], left > 1 ? alphabet[group >> 6 & 63] : '=',
                        left > 2 ? alphabet[group & 63] : '='};
        buf_append(out, text, sizeof(text));
    }
}
