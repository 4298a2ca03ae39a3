/* Random keys, and the two hashes that Kong stores in the place of a secret. */
#include "secrets.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"

#define PBKDF2_ROUNDS 10000

void secrets_token(char ret_token[SECRETS_TOKEN_SIZE])
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    unsigned char bytes[SECRETS_TOKEN_SIZE - 1];
    require_that(RAND_bytes(bytes, sizeof(bytes)) == 1);
    for (size_t i = 0; i < sizeof(bytes); i++)
        ret_token[i] = digits[bytes[i] % (sizeof(digits) - 1)];
    ret_token[sizeof(bytes)] = '\0';
}

bool secrets_were_sent(const char *table, const struct json *body)
{
    const char *field = strcmp(table, "basicauth_credentials") == 0 ? "password" : "client_secret";
    return json_find_text(body, field) != NULL;
}

static void hash_password(struct json *entity)
{
    static const char digits[] = "0123456789abcdef";
    const char *consumer = json_find_text(json_find(entity, "consumer"), "id");
    AUTO(text) char *salted = xasprintf("%s%s", json_find_text(entity, "password"), consumer != NULL ? consumer : "");
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    require_that(EVP_Digest(salted, strlen(salted), digest, &length, EVP_sha1(), NULL) == 1);
    char hex[2 * EVP_MAX_MD_SIZE + 1];
    for (unsigned int i = 0; i < length; i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15];
    }
    hex[2 * length] = '\0';
    json_set_text(entity, "password", hex);
}

static void append_base64(struct buf *out, const unsigned char *bytes, size_t length)
{
    AUTO(buf) struct buf text = BUF_OWN;
    hash_base64_encode(bytes, length, &text);
    buf_append(out, buf_text(&text), strcspn(buf_text(&text), "="));
}

static void hash_client_secret(struct json *entity)
{
    const char *secret = json_find_text(entity, "client_secret");
    if (strncmp(secret, "$pbkdf2-", 8) == 0)
        return;
    unsigned char salt[16], digest[32];
    require_that(RAND_bytes(salt, sizeof(salt)) == 1);
    require_that(PKCS5_PBKDF2_HMAC(secret, (int)strlen(secret), salt, sizeof(salt), PBKDF2_ROUNDS, EVP_sha512(),
                                   sizeof(digest), digest) == 1);
    AUTO(buf) struct buf text = BUF_OWN;
    buf_printf(&text, "$pbkdf2-sha512$i=%d,l=%zu$", PBKDF2_ROUNDS, sizeof(digest));
    append_base64(&text, salt, sizeof(salt));
    buf_append_char(&text, '$');
    append_base64(&text, digest, sizeof(digest));
    json_set_text(entity, "client_secret", buf_text(&text));
}

void secrets_hash(const char *table, struct json *entity, bool sent)
{
    if (strcmp(table, "basicauth_credentials") == 0 && sent)
        hash_password(entity);
    else if (strcmp(table, "oauth2_credentials") == 0 && json_truth(json_find(entity, "hash_secret"), false) &&
             json_find_text(entity, "client_secret") != NULL)
        hash_client_secret(entity);
}
