/* TLS of the server: which certificate it shows, and whose client certificates it takes. */
#include "http_server_tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

#include "base/x509.h"

static BIO *open_text(const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, (int)strlen(pem));
    require_that(bio != NULL);
    return bio;
}

static int use_chain(SSL_CTX *context, const char *pem, struct err *err)
{
    BIO *bio = open_text(pem);
    X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    bool good = cert != NULL && SSL_CTX_use_certificate(context, cert) == 1;
    X509_free(cert);
    while (good && (cert = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL)
        good = SSL_CTX_add0_chain_cert(context, cert) == 1;
    BIO_free(bio);
    return good ? 0 : err_set(err, ERR_TLS, "the server's certificate cannot be used");
}

static int use_key(SSL_CTX *context, const char *pem, struct err *err)
{
    BIO *bio = open_text(pem);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, (void *)"");
    bool good = key != NULL && SSL_CTX_use_PrivateKey(context, key) == 1;
    EVP_PKEY_free(key);
    BIO_free(bio);
    return good ? 0 : err_set(err, ERR_TLS, "the server's private key cannot be used");
}

static int require_clients(SSL_CTX *context, const char *pem, struct err *err)
{
    BIO *bio = open_text(pem);
    X509_STORE *store = SSL_CTX_get_cert_store(context);
    X509 *cert;
    int count = 0;
    bool good = true;
    while (good && (cert = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
        good = X509_STORE_add_cert(store, cert) == 1 && SSL_CTX_add_client_CA(context, cert) == 1;
        X509_free(cert);
        count++;
    }
    BIO_free(bio);
    if (!good || count == 0)
        return err_set(err, ERR_TLS, "the authorities of client certificates cannot be read");
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    return 0;
}

static int fill(SSL_CTX *context, const struct http_server_options *options, struct err *err)
{
    static const unsigned char session_id[] = "kongruent";
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    /* Without it, a session that was resumed with a client certificate is refused. */
    SSL_CTX_set_session_id_context(context, session_id, sizeof(session_id) - 1);
    int rc = x509_check_pair(NULL, options->cert_pem, options->key_pem, err);
    if (rc != 0)
        return err_wrap(err, "server certificate");
    rc = use_chain(context, options->cert_pem, err);
    if (rc == 0)
        rc = use_key(context, options->key_pem, err);
    if (rc == 0 && options->client_ca_pem != NULL)
        rc = require_clients(context, options->client_ca_pem, err);
    return rc;
}

int server_tls_new(const struct http_server_options *options, SSL_CTX **ret_context, struct err *err)
{
    *ret_context = NULL;
    if (options->cert_pem == NULL && options->key_pem == NULL) {
        if (options->client_ca_pem != NULL)
            return err_set(err, ERR_INVALID, "client certificates need a server certificate");
        return 0;
    }
    if (options->cert_pem == NULL || options->key_pem == NULL)
        return err_set(err, ERR_INVALID, "a server certificate and its key must be given together");
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    require_that(context != NULL);
    int rc = fill(context, options, err);
    ERR_clear_error();
    if (rc != 0) {
        SSL_CTX_free(context);
        return rc;
    }
    *ret_context = context;
    return 0;
}
