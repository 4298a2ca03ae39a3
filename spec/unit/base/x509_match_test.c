/* Comparing encodings: never more generous than OpenSSL. */
#include "x509_match.h"

#include "certificates.h"
#include "check.h"

struct der {
    unsigned char *bytes;
    int length;
};

static struct der sign_for(EVP_PKEY *key)
{
    struct certificate made = certificate_make(NULL, "server", "DNS:server.test", false);
    struct der der = {NULL, 0};
    X509_set_pubkey(made.cert, key);
    require_that(X509_sign(made.cert, made.key, EVP_sha256()) != 0);
    der.length = i2d_X509(made.cert, &der.bytes);
    certificate_done(&made);
    return der;
}

static bool openssl_matches(const struct der *der, EVP_PKEY *key)
{
    const unsigned char *at = der->bytes;
    X509 *cert = d2i_X509(NULL, &at, der->length);
    bool good = cert != NULL && X509_check_private_key(cert, key) == 1;
    X509_free(cert);
    return good;
}

static EVP_PKEY *make_key(const char *type)
{
    return strcmp(type, "RSA") == 0 ? EVP_RSA_gen(2048) : EVP_EC_gen(type);
}

static void keys_match_their_own_certificates_only(void **state)
{
    static const char *const types[] = {"P-256", "P-384", "secp256k1", "RSA"};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        EVP_PKEY *key = make_key(types[i]), *other = make_key(types[i]), *third = make_key(types[(i + 1) % 4]);
        struct der der = sign_for(key);

        assert_true(x509_match_key(der.bytes, der.length, key));
        assert_false(x509_match_key(der.bytes, der.length, other));
        assert_false(x509_match_key(der.bytes, der.length, third));

        OPENSSL_free(der.bytes);
        EVP_PKEY_free(key);
        EVP_PKEY_free(other);
        EVP_PKEY_free(third);
    }
}

static void other_sorts_of_keys_are_left_to_openssl(void **state)
{
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    struct der der = sign_for(key);

    assert_false(x509_match_key(der.bytes, der.length, key));
    assert_true(openssl_matches(&der, key));

    OPENSSL_free(der.bytes);
    EVP_PKEY_free(key);
}

static void what_openssl_refuses_never_matches(void **state)
{
    static const char *const types[] = {"P-256", "RSA"};
    static const unsigned char changes[] = {0x01, 0x02, 0x10, 0x80, 0xff};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        EVP_PKEY *key = make_key(types[i]);
        struct der der = sign_for(key);
        for (int at = 0; at < der.length; at++) {
            for (size_t c = 0; c < COUNT_OF(changes); c++) {
                der.bytes[at] ^= changes[c];
                if (x509_match_key(der.bytes, der.length, key) && !openssl_matches(&der, key))
                    fail_msg("%s: byte %d with %#x matches, but not for OpenSSL", types[i], at, der.bytes[at]);
                der.bytes[at] ^= changes[c];
            }
            assert_false(x509_match_key(der.bytes, at, key)); /* cut off there */
        }
        OPENSSL_free(der.bytes);
        EVP_PKEY_free(key);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_match_their_own_certificates_only),
        cmocka_unit_test(other_sorts_of_keys_are_left_to_openssl),
        cmocka_unit_test(what_openssl_refuses_never_matches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
