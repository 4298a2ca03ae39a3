/* certificates.h - certificates made on the spot for tests.
 * Owns:    a certificate owns its texts; freed with certificate_done. */
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"

struct certificate {
    X509 *cert;
    EVP_PKEY *key;
    char *cert_pem;
    char *key_pem;
};

static inline char *certificate_text(BIO *bio)
{
    char *data = NULL;
    long length = BIO_get_mem_data(bio, &data);
    char *text = xstrndup(data, (size_t)length);
    BIO_free(bio);
    return text;
}

static inline void certificate_extend(X509 *cert, X509 *issuer, int kind, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, kind, value);
    require_that(extension != NULL && X509_add_ext(cert, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

/* issuer NULL: signs itself.  alternatives: "DNS:a,IP:127.0.0.1", or NULL. */
static inline struct certificate certificate_make(const struct certificate *issuer, const char *name,
                                                  const char *alternatives, bool is_authority)
{
    struct certificate made = {X509_new(), EVP_EC_gen("P-256"), NULL, NULL};
    require_that(made.cert != NULL && made.key != NULL);
    X509 *signer = issuer != NULL ? issuer->cert : made.cert;
    long serial = 0;
    require_that(RAND_bytes((unsigned char *)&serial, 4) == 1);
    X509_set_version(made.cert, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made.cert), serial);
    X509_gmtime_adj(X509_getm_notBefore(made.cert), -3600);
    X509_gmtime_adj(X509_getm_notAfter(made.cert), 86400);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made.cert), "CN", MBSTRING_UTF8, (const unsigned char *)name, -1,
                               -1, 0);
    X509_set_issuer_name(made.cert, X509_get_subject_name(signer));
    X509_set_pubkey(made.cert, made.key);
    certificate_extend(made.cert, signer, NID_basic_constraints, is_authority ? "critical,CA:TRUE" : "CA:FALSE");
    if (alternatives != NULL)
        certificate_extend(made.cert, signer, NID_subject_alt_name, alternatives);
    require_that(X509_sign(made.cert, issuer != NULL ? issuer->key : made.key, EVP_sha256()) != 0);

    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(bio, made.cert);
    made.cert_pem = certificate_text(bio);
    bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(bio, made.key, NULL, NULL, 0, NULL, NULL);
    made.key_pem = certificate_text(bio);
    return made;
}

static inline void certificate_done(struct certificate *certificate)
{
    X509_free(certificate->cert);
    EVP_PKEY_free(certificate->key);
    free(certificate->cert_pem);
    free(certificate->key_pem);
}
