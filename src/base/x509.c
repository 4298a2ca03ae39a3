/* PEM certificates: what is asked about them, answered by OpenSSL without ever naming key material. */
#include "base/x509.h"

#include <openssl/bio.h>
#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "x509_match.h"

#define X509_BLOCKS_MAX 1000 /* PEM blocks in one text */

static BIO *open_text(const char *pem)
{
    size_t length = strlen(pem);
    require_that(length <= INT32_MAX);
    BIO *bio = BIO_new_mem_buf(pem, (int)length);
    require_that(bio != NULL);
    return bio;
}

/* An encrypted key is refused, never asked about on the terminal. */
static int no_password(char *buffer, int size, int writing, void *user)
{
    return 0;
}

/* OpenSSL looks through all of its decoders each time it is asked for a key; this keeps what it found. */
struct x509_reader {
    OSSL_DECODER_CTX *decoder;
    EVP_PKEY *key; /* where the decoder puts what it reads */
};

struct x509_reader *x509_reader_new(void)
{
    struct x509_reader *reader = xcalloc(1, sizeof(*reader));
    reader->decoder =
        OSSL_DECODER_CTX_new_for_pkey(&reader->key, "PEM", NULL, NULL, OSSL_KEYMGMT_SELECT_KEYPAIR, NULL, NULL);
    require_that(reader->decoder != NULL);
    OSSL_DECODER_CTX_set_pem_password_cb(reader->decoder, no_password, NULL);
    return reader;
}

void x509_reader_free(struct x509_reader *reader)
{
    if (reader == NULL)
        return;
    OSSL_DECODER_CTX_free(reader->decoder);
    free(reader);
}

/* NULL when there is none. */
static EVP_PKEY *read_key(struct x509_reader *reader, const char *pem)
{
    BIO *bio = open_text(pem);
    reader->key = NULL;
    if (OSSL_DECODER_from_bio(reader->decoder, bio) != 1) {
        EVP_PKEY_free(reader->key);
        reader->key = NULL;
    }
    BIO_free(bio);
    return TAKE(reader->key);
}

/* The DER text of the first certificate; NULL when there is none. */
static unsigned char *read_der(const char *pem, long *ret_length)
{
    BIO *bio = open_text(pem);
    unsigned char *der = NULL;
    if (PEM_bytes_read_bio(&der, ret_length, NULL, PEM_STRING_X509, bio, no_password, NULL) != 1)
        der = NULL;
    BIO_free(bio);
    return der;
}

static int check_der(const unsigned char *der, long length, EVP_PKEY *key, struct err *err)
{
    if (der != NULL && key != NULL && x509_match_key(der, length, key))
        return 0;
    const unsigned char *at = der;
    X509 *cert = der != NULL ? d2i_X509(NULL, &at, length) : NULL;
    int rc = 0;
    if (cert == NULL)
        rc = err_set(err, ERR_PARSE, "the certificate cannot be decoded");
    else if (key == NULL)
        rc = err_set(err, ERR_PARSE, "the private key cannot be decoded");
    else if (X509_check_private_key(cert, key) != 1)
        rc = err_set(err, ERR_INVALID, "the private key does not belong to the certificate");
    X509_free(cert);
    return rc;
}

static int check_pair(struct x509_reader *reader, const char *cert_pem, const char *key_pem, struct err *err)
{
    long length = 0;
    unsigned char *der = read_der(cert_pem, &length);
    EVP_PKEY *key = read_key(reader, key_pem);
    int rc = check_der(der, length, key, err);
    EVP_PKEY_free(key);
    OPENSSL_free(der);
    ERR_clear_error();
    return rc;
}

int x509_check_pair(struct x509_reader *reader, const char *cert_pem, const char *key_pem, struct err *err)
{
    if (reader != NULL)
        return check_pair(reader, cert_pem, key_pem, err);
    struct x509_reader *own = x509_reader_new();
    int rc = check_pair(own, cert_pem, key_pem, err);
    x509_reader_free(own);
    return rc;
}

static int read_certificate(const unsigned char *data, long length, struct x509_facts *facts, struct buf *canonical,
                            struct err *err)
{
    X509 *cert = d2i_X509(NULL, &data, length);
    struct tm parts;
    if (cert == NULL || ASN1_TIME_to_tm(X509_get0_notAfter(cert), &parts) != 1) {
        X509_free(cert);
        return err_set(err, ERR_PARSE, "the certificate cannot be decoded");
    }
    facts->not_after = timegm(&parts);
    facts->is_authority = (X509_get_extension_flags(cert) & EXFLAG_CA) != 0;
    int rc = 0;
    if (canonical != NULL) {
        BIO *out = BIO_new(BIO_s_mem());
        char *text = NULL;
        require_that(out != NULL);
        bool written = PEM_write_bio_X509(out, cert) == 1;
        long size = BIO_get_mem_data(out, &text);
        if (!written)
            rc = err_set(err, ERR_PARSE, "the certificate cannot be written again");
        else if (buf_append(canonical, text, (size_t)size) != 0)
            rc = err_set(err, ERR_TOO_BIG, "the certificate is bigger than %zu bytes", canonical->limit);
        BIO_free(out);
    }
    X509_free(cert);
    return rc;
}

static int read_blocks(BIO *bio, struct x509_facts *facts, struct buf *canonical, struct err *err)
{
    for (int blocks = 0; blocks < X509_BLOCKS_MAX; blocks++) {
        char *name = NULL, *header = NULL;
        unsigned char *data = NULL;
        long length = 0;
        if (PEM_read_bio(bio, &name, &header, &data, &length) != 1) {
            if (blocks == 0)
                return err_set(err, ERR_PARSE, "no PEM block was found");
            bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
            return at_end ? 0 : err_set(err, ERR_PARSE, "PEM block %d is damaged", blocks + 1);
        }
        bool is_certificate = strcmp(name, PEM_STRING_X509) == 0;
        int rc = 0;
        if (blocks == 0)
            facts->other_block = !is_certificate;
        if (is_certificate && facts->certificates++ == 0)
            rc = read_certificate(data, length, facts, canonical, err);
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_clear_free(data, (size_t)length);
        if (rc != 0)
            return rc;
    }
    return err_set(err, ERR_TOO_BIG, "more than %d PEM blocks", X509_BLOCKS_MAX);
}

int x509_read(const char *pem, struct x509_facts *ret_facts, struct buf *canonical, struct err *err)
{
    struct x509_facts facts = {0};
    ERR_clear_error();
    BIO *bio = open_text(pem);
    int rc = read_blocks(bio, &facts, canonical, err);
    BIO_free(bio);
    ERR_clear_error();
    if (rc == 0)
        *ret_facts = facts;
    return rc;
}
