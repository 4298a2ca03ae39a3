#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/x509.h"
#include "certificates.h"

struct pair {
    struct certificate authority, server;
};

static int make_pair(void **state)
{
    struct pair *pair = xcalloc(1, sizeof(*pair));
    pair->authority = certificate_make(NULL, "authority", NULL, true);
    pair->server = certificate_make(&pair->authority, "server", "DNS:server.test", false);
    *state = pair;
    return 0;
}

static int free_pair(void **state)
{
    struct pair *pair = *state;
    certificate_done(&pair->authority);
    certificate_done(&pair->server);
    free(pair);
    return 0;
}

static void a_certificate_and_its_key_are_a_pair(void **state)
{
    struct pair *pair = *state;
    struct err err = ERR_INIT;

    assert_int_equal(x509_check_pair(NULL, pair->server.cert_pem, pair->server.key_pem, &err), 0);
}

static void the_first_certificate_of_a_chain_counts(void **state)
{
    struct pair *pair = *state;
    struct err err = ERR_INIT;
    char *chain = xasprintf("%s%s", pair->server.cert_pem, pair->authority.cert_pem);

    assert_int_equal(x509_check_pair(NULL, chain, pair->server.key_pem, &err), 0);
    assert_int_equal(x509_check_pair(NULL, chain, pair->authority.key_pem, &err), -ERR_INVALID);

    free(chain);
}

static void damaged_pairs_are_refused_without_showing_them(void **state)
{
    struct pair *pair = *state;
    struct err err = ERR_INIT;
    char *cut = xstrndup(pair->server.key_pem, strlen(pair->server.key_pem) / 2);

    assert_int_equal(x509_check_pair(NULL, pair->server.cert_pem, cut, &err), -ERR_PARSE);
    assert_string_equal(err.text, "the private key cannot be decoded");
    assert_int_equal(x509_check_pair(NULL, "", pair->server.key_pem, &err), -ERR_PARSE);
    assert_string_equal(err.text, "the certificate cannot be decoded");
    assert_int_equal(x509_check_pair(NULL, pair->server.key_pem, pair->server.cert_pem, &err), -ERR_PARSE);

    free(cut);
}

static void an_encrypted_key_is_refused_not_asked_about(void **state)
{
    struct pair *pair = *state;
    struct err err = ERR_INIT;
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PKCS8PrivateKey(bio, pair->server.key, EVP_aes_128_cbc(), "secret", 6, NULL, NULL);
    char *key = certificate_text(bio);

    assert_int_equal(x509_check_pair(NULL, pair->server.cert_pem, key, &err), -ERR_PARSE);

    free(key);
}

static void facts_are_those_of_the_first_certificate(void **state)
{
    struct pair *pair = *state;
    struct err err = ERR_INIT;
    struct x509_facts facts;
    struct buf canonical = BUF_OWN;
    char *text = xasprintf("a comment\n%s\n%s", pair->server.cert_pem, pair->authority.cert_pem);

    assert_int_equal(x509_read(text, &facts, &canonical, &err), 0);

    assert_int_equal(facts.certificates, 2);
    assert_false(facts.other_block);
    assert_false(facts.is_authority);
    assert_in_range(facts.not_after, time(NULL) + 86000, time(NULL) + 86400);
    assert_string_equal(buf_text(&canonical), pair->server.cert_pem);
    buf_done(&canonical);
    free(text);
}

static void an_authority_is_known(void **state)
{
    struct pair *pair = *state;
    struct err err = ERR_INIT;
    struct x509_facts facts;

    assert_int_equal(x509_read(pair->authority.cert_pem, &facts, NULL, &err), 0);

    assert_int_equal(facts.certificates, 1);
    assert_true(facts.is_authority);
}

static void another_block_in_front_is_told(void **state)
{
    struct pair *pair = *state;
    struct err err = ERR_INIT;
    struct x509_facts facts;

    assert_int_equal(x509_read(pair->server.key_pem, &facts, NULL, &err), 0);

    assert_true(facts.other_block);
    assert_int_equal(facts.certificates, 0);
}

static void what_is_no_certificate_cannot_be_read(void **state)
{
    static const char *const cases[] = {
        "",
        "hello",
        "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\nAAAA\n",
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct err err = ERR_INIT;
        struct x509_facts facts;

        int rc = x509_read(cases[i], &facts, NULL, &err);

        if (rc != -ERR_PARSE)
            fail_msg("case %zu gave %d", i, rc);
        assert_true(err.text[0] != '\0');
    }
}

#define WITH_PAIR(test) cmocka_unit_test_setup_teardown(test, make_pair, free_pair)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PAIR(a_certificate_and_its_key_are_a_pair),
        WITH_PAIR(the_first_certificate_of_a_chain_counts),
        WITH_PAIR(damaged_pairs_are_refused_without_showing_them),
        WITH_PAIR(an_encrypted_key_is_refused_not_asked_about),
        WITH_PAIR(facts_are_those_of_the_first_certificate),
        WITH_PAIR(an_authority_is_known),
        WITH_PAIR(another_block_in_front_is_told),
        cmocka_unit_test(what_is_no_certificate_cannot_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
