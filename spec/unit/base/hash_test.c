#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/hash.h"

static void sha256_gives_the_published_vectors(void **state)
{
    char hex[HASH_HEX_SIZE];

    hash_sha256_hex("", 0, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");

    hash_sha256_hex("abc", 3, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void uuid5_of_known_names_is_as_published(void **state)
{
    char uuid[HASH_UUID_SIZE];

    assert_true(hash_uuid5("fd02801f-0957-4a15-a55a-c8d9606f30b5", "services", 8, uuid));
    assert_string_equal(uuid, "90050c4f-539a-5bd9-bfb5-2ff1c430ca18");

    assert_true(hash_uuid5("6BA7B810-9DAD-11D1-80B4-00C04FD430C8", "www.example.com", 15, uuid));
    assert_string_equal(uuid, "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

static void uuid5_refuses_a_namespace_that_is_none(void **state)
{
    char uuid[HASH_UUID_SIZE];

    assert_false(hash_uuid5("not-a-uuid", "services", 8, uuid));
}

static void uuids_are_known_by_their_form(void **state)
{
    assert_true(hash_uuid_valid("90050c4f-539a-5bd9-bfb5-2ff1c430ca18"));
    assert_true(hash_uuid_valid("90050C4F-539A-5BD9-BFB5-2FF1C430CA18"));
    assert_false(hash_uuid_valid(""));
    assert_false(hash_uuid_valid("90050c4f-539a-5bd9-bfb5-2ff1c430ca1"));
    assert_false(hash_uuid_valid("90050c4f-539a-5bd9-bfb5-2ff1c430ca180"));
    assert_false(hash_uuid_valid("90050c4f0539a-5bd9-bfb5-2ff1c430ca18"));
    assert_false(hash_uuid_valid("g0050c4f-539a-5bd9-bfb5-2ff1c430ca18"));
}

static void uuid4_is_valid_and_new_each_time(void **state)
{
    char first[HASH_UUID_SIZE], second[HASH_UUID_SIZE];

    hash_uuid4(first);
    hash_uuid4(second);

    assert_true(hash_uuid_valid(first));
    assert_int_equal(first[14], '4');
    assert_non_null(strchr("89ab", first[19]));
    assert_string_not_equal(first, second);
}

static void base64_is_decoded(void **state)
{
    static const struct {
        const char *text;
        const char *bytes; /* NULL: refused */
    } cases[] = {
        {"", ""},
        {"Zg==", "f"},
        {"Zm8=", "fo"},
        {"Zm9v", "foo"},
        {"Zm9vYg==", "foob"},
        {"Zm9v\nYmFy", "foobar"},
        {"Zg=\r\n=\n", "f"},
        {"+/+/", "\xfb\xff\xbf"},
        {"Zg", NULL},
        {"Zg=", NULL},
        {"Zg===", NULL},
        {"Z===", NULL},
        {"=", NULL},
        {"Zm9v=", NULL},
        {"Zg==Zg==", NULL},
        {"Zm 9v", NULL},
        {"Zm9-", NULL},
        {"Z", NULL},
        {"Zm9vZ", NULL},
        {"Zg=a", NULL},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buf out = BUF_OWN;
        buf_append_text(&out, "kept:");

        bool good = hash_base64_decode(cases[i].text, strlen(cases[i].text), &out);

        if (good != (cases[i].bytes != NULL))
            fail_msg("'%s' was %s", cases[i].text, good ? "taken" : "refused");
        assert_string_equal(buf_text(&out) + 5, good ? cases[i].bytes : "");
        buf_done(&out);
    }
}

static void base64_stops_at_the_limit_of_its_buffer(void **state)
{
    struct buf out = BUF_INIT(4);

    assert_false(hash_base64_decode("Zm9vYmFy", 8, &out));

    assert_int_equal(out.length, 0);
    buf_done(&out);
}

static void every_byte_survives_base64(void **state)
{
    unsigned char bytes[257];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)(i * 7);

    for (size_t length = 0; length <= sizeof(bytes); length++) {
        struct buf text = BUF_OWN;
        struct buf back = BUF_OWN;

        hash_base64_encode(bytes, length, &text);
        assert_true(hash_base64_decode(buf_text(&text), text.length, &back));

        assert_int_equal(back.length, length);
        assert_memory_equal(buf_text(&back), bytes, length);
        buf_done(&text);
        buf_done(&back);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_gives_the_published_vectors),
        cmocka_unit_test(uuid5_of_known_names_is_as_published),
        cmocka_unit_test(uuid5_refuses_a_namespace_that_is_none),
        cmocka_unit_test(uuids_are_known_by_their_form),
        cmocka_unit_test(uuid4_is_valid_and_new_each_time),
        cmocka_unit_test(base64_is_decoded),
        cmocka_unit_test(base64_stops_at_the_limit_of_its_buffer),
        cmocka_unit_test(every_byte_survives_base64),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
