/* SHA-1 against OpenSSL's, over the lengths at which blocks and padding meet. */
#include <openssl/evp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sha1.h"

static void is_what_openssl_computes(void **state)
{
    unsigned char data[300];
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (unsigned char)(i * 7 + 3);

    for (size_t length = 0; length <= sizeof(data); length++) {
        unsigned char expected[EVP_MAX_MD_SIZE], digest[SHA1_BYTES];
        unsigned int size = 0;
        assert_int_equal(EVP_Digest(data, length, expected, &size, EVP_sha1(), NULL), 1);

        struct sha1 sha1;
        sha1_init(&sha1);
        sha1_add(&sha1, data, length / 3);
        sha1_add(&sha1, data + length / 3, length - length / 3);
        sha1_finish(&sha1, digest);

        assert_int_equal(size, SHA1_BYTES);
        assert_memory_equal(digest, expected, SHA1_BYTES);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(is_what_openssl_computes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
