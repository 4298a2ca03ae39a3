/* Decides whether a secret is the one whose hash Kong holds. */
#include "canonical_hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/hash.h"

#define ROUNDS_MAX  100000 /* a gateway cannot make us compute for long */
#define DERIVED_MAX 64

void canonical_hash_password(const char *password, const char *consumer_id, char ret_hex[PASSWORD_HEX_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    AUTO(text) char *both = xasprintf("%s%s", password, consumer_id);
    require_that(EVP_Digest(both, strlen(both), digest, &length, EVP_sha1(), NULL) == 1 && length == 20);
    for (unsigned int i = 0; i < length; i++)
        snprintf(ret_hex + 2 * i, 3, "%02x", digest[i]);
}

/* Base64 without padding, as PHC strings have it. */
static bool decode(const char *text, size_t length, struct buf *out)
{
    AUTO(buf) struct buf padded = BUF_OWN;
    buf_append(&padded, text, length);
    while (padded.length % 4 != 0)
        buf_append_char(&padded, '=');
    return hash_base64_decode(buf_text(&padded), padded.length, out);
}

bool canonical_hash_verify(const char *secret, const char *stored)
{
    int rounds = 0, length = 0, at = 0;
    if (sscanf(stored, "$pbkdf2-sha512$i=%d,l=%d$%n", &rounds, &length, &at) < 2 || at == 0 || rounds < 1 ||
        rounds > ROUNDS_MAX || length < 1 || length > DERIVED_MAX)
        return false;
    const char *salt_text = stored + at;
    const char *dollar = strchr(salt_text, '$');
    if (dollar == NULL)
        return false;

    AUTO(buf) struct buf salt = BUF_OWN;
    AUTO(buf) struct buf hash = BUF_OWN;
    unsigned char derived[DERIVED_MAX];
    return decode(salt_text, (size_t)(dollar - salt_text), &salt) && decode(dollar + 1, strlen(dollar + 1), &hash) &&
           hash.length == (size_t)length &&
           PKCS5_PBKDF2_HMAC(secret, (int)strlen(secret), (const unsigned char *)buf_text(&salt), (int)salt.length,
                             rounds, EVP_sha512(), length, derived) == 1 &&
           CRYPTO_memcmp(derived, hash.data, hash.length) == 0;
}
