/* Certificates and keys: what decodes, what belongs together, what is an authority. */
#include "certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "checks.h"

static BIO *open_text(const char *text)
{
    BIO *bio = BIO_new_mem_buf(text, (int)strnlen(text, CERTIFICATE_BYTES_MAX));
    require_that(bio != NULL);
    return bio;
}

static X509 *read_certificate(const char *pem)
{
    BIO *bio = open_text(pem);
    X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    ERR_clear_error();
    return certificate;
}

/* A key behind a passphrase is not readable, and nobody is asked for one. */
static int no_passphrase(char *text, int size, int writing, void *user)
{
    (void)text;
    (void)size;
    (void)writing;
    (void)user;
    return -1;
}

static EVP_PKEY *read_key(const char *pem, bool is_public)
{
    BIO *bio = open_text(pem);
    EVP_PKEY *key = is_public ? PEM_read_bio_PUBKEY(bio, NULL, no_passphrase, NULL)
                              : PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
    BIO_free(bio);
    ERR_clear_error();
    return key;
}

static bool key_reads(const char *pem, bool is_public)
{
    EVP_PKEY *key = read_key(pem, is_public);
    EVP_PKEY_free(key);
    return key != NULL;
}

char *check_certificate(const struct json *value)
{
    X509 *certificate = read_certificate(json_text(value));
    X509_free(certificate);
    return certificate != NULL ? NULL : xstrdup("invalid certificate: x509.new: no PEM certificate");
}

char *check_key(const struct json *value)
{
    return key_reads(json_text(value), false) ? NULL : xstrdup("invalid key: pkey.new: no PEM private key");
}

char *check_rsa_public_key(const struct json *value)
{
    return key_reads(json_text(value), true) ? NULL : xstrdup("invalid key");
}

char *check_public_key(const struct json *value)
{
    return key_reads(json_text(value), true) ? NULL : xstrdup("could not load public key");
}

char *check_private_key(const struct json *value)
{
    return key_reads(json_text(value), false) ? NULL : xstrdup("could not load private key");
}

bool certificate_has_key(const char *certificate_pem, const char *key_pem)
{
    X509 *certificate = read_certificate(certificate_pem);
    EVP_PKEY *key = read_key(key_pem, false);
    bool has = certificate != NULL && key != NULL && X509_check_private_key(certificate, key) == 1;
    ERR_clear_error();
    X509_free(certificate);
    EVP_PKEY_free(key);
    return has;
}

int certificate_key_type(const char *pem)
{
    X509 *certificate = read_certificate(pem);
    EVP_PKEY *key = certificate != NULL ? X509_get0_pubkey(certificate) : NULL;
    int type = key != NULL ? EVP_PKEY_base_id(key) : EVP_PKEY_NONE;
    X509_free(certificate);
    return type;
}

size_t certificate_count(const char *pem)
{
    size_t count = 0;
    BIO *bio = open_text(pem);
    for (X509 *next; (next = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL; count++)
        X509_free(next);
    BIO_free(bio);
    ERR_clear_error();
    return count;
}

bool certificate_is_authority(const char *pem)
{
    X509 *certificate = read_certificate(pem);
    bool is = certificate != NULL && (X509_get_extension_flags(certificate) & EXFLAG_CA) != 0;
    X509_free(certificate);
    return is;
}

bool certificate_is_over(const char *pem)
{
    X509 *certificate = read_certificate(pem);
    bool is = certificate != NULL && X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0;
    X509_free(certificate);
    return is;
}

void certificate_digest(const char *pem, char ret_hex[CERTIFICATE_DIGEST_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    X509 *certificate = read_certificate(pem);
    if (certificate != NULL)
        X509_digest(certificate, EVP_sha256(), digest, &length);
    X509_free(certificate);
    for (unsigned int i = 0; i < length && i < (CERTIFICATE_DIGEST_SIZE - 1) / 2; i++) {
        ret_hex[2 * i] = digits[digest[i] >> 4];
        ret_hex[2 * i + 1] = digits[digest[i] & 15];
    }
    ret_hex[2 * (length < 32 ? length : 32)] = '\0';
}
