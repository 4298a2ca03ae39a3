/* When a wanted entity and what a gateway holds are the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kong/canonical.h"
#include "wanted.h"

static const char *const owner[] = {"mine"};
static const struct kong_tags ownership = {owner, 1};

static struct json *parse(const char *text)
{
    struct err err = ERR_INIT;
    struct json *value = NULL;
    assert_int_equal(json_parse(text, strlen(text), &value, &err), 0);
    return value;
}

static void assert_same(enum kong_kind_id kind, const char *fields, const char *foreign, const char *object,
                        const char *parent_id, bool same)
{
    AUTO(kong_entity) struct kong_entity *entity = wanted(kind, fields, foreign);
    AUTO(json) struct json *served = parse(object);
    const char *ids[KONG_FOREIGN_MAX] = {parent_id};

    AUTO(json) struct json *left = kong_canonical_wanted(entity->kind, entity, NULL, &ownership, ids);
    AUTO(json) struct json *right = kong_canonical_actual(kong_kind_get(kind), served, NULL, &ownership);
    kong_canonical_match_hashes(kong_kind_get(kind), left, right);

    AUTO(text) char *left_text = json_print_text(left);
    AUTO(text) char *right_text = json_print_text(right);
    if (same)
        assert_string_equal(left_text, right_text);
    else
        assert_string_not_equal(left_text, right_text);
}

static void what_only_a_gateway_sets_does_not_count(void **state)
{
    assert_same(KONG_SERVICE, "{\"name\":\"s\",\"host\":\"h\",\"tags\":[\"b\",\"a\"]}", NULL,
                "{\"id\":\"x\",\"created_at\":1,\"updated_at\":2,\"name\":\"s\",\"host\":\"h\",\"path\":null,"
                "\"tags\":[\"a\",\"mine\",\"b\"],\"client_certificate\":null}",
                NULL, true);
    assert_same(KONG_SERVICE, "{\"name\":\"s\",\"host\":\"h\"}", NULL,
                "{\"name\":\"s\",\"host\":\"other\",\"tags\":[\"mine\"]}", NULL, false);
}

static void sets_are_compared_without_order_and_lists_with_it(void **state)
{
    assert_same(KONG_ROUTE, "{\"name\":\"r\",\"protocols\":[\"https\",\"http\"]}", NULL,
                "{\"name\":\"r\",\"protocols\":[\"http\",\"https\"]}", NULL, true);
    assert_same(KONG_ROUTE, "{\"name\":\"r\",\"paths\":[\"/b\",\"/a\"]}", NULL,
                "{\"name\":\"r\",\"paths\":[\"/a\",\"/b\"]}", NULL, false);
    assert_same(KONG_ROUTE, "{\"name\":\"r\",\"destinations\":[{\"port\":9000}]}", NULL,
                "{\"name\":\"r\",\"destinations\":[{\"ip\":null,\"port\":9000}]}", NULL, true);
}

static void kong_spells_some_things_in_its_own_way(void **state)
{
    assert_same(KONG_TARGET, "{\"target\":\"[::1]:80\"}", "u",
                "{\"target\":\"[0000:0000:0000:0000:0000:0000:0000:0001]:80\"}", NULL, true);
    assert_same(KONG_ROUTE, "{\"name\":\"r\",\"protocols\":[\"grpc\"]}", NULL,
                "{\"name\":\"r\",\"protocols\":[\"grpc\"],\"strip_path\":false}", NULL, true);
    assert_same(KONG_CERTIFICATE, "{\"cert\":\"C\",\"key\":\"K\"}", NULL,
                "{\"cert\":\"C\\n\",\"key\":\"K\\n\",\"snis\":[\"a.example.com\"]}", NULL, true);
    assert_same(KONG_CA_CERTIFICATE, "{\"cert\":\"C\"}", NULL, "{\"cert\":\"C\",\"cert_digest\":\"ab\"}", NULL, true);
    assert_same(KONG_KEY_AUTH, "{\"key\":\"k\",\"ttl\":3600}", "c", "{\"key\":\"k\",\"ttl\":3599}", NULL, true);
}

/* Both hashes were computed by a Kong 3.9.3. */
static void a_changed_password_is_noticed_behind_its_hash(void **state)
{
    static const char consumer[] = "2f2a3926-1014-4138-92fd-9650afae525f";
    static const char held[] = "{\"username\":\"bu\",\"password\":\"cb0473ab8e7331eabbd9b81c292f6bfa4c186c71\"}";
    static const char secret[] =
        "{\"client_id\":\"cid\",\"hash_secret\":true,\"client_secret\":\"$pbkdf2-sha512$i=10000,"
        "l=32$Cd89pgy7o+r6isKhBgjs6Q$0E8QcRNN3arauboClAlhIMW9bTe0A3Lnr4YqAwPJfvQ\"}";

    assert_same(KONG_BASIC_AUTH, "{\"username\":\"bu\",\"password\":\"pw\"}", "c", held, consumer, true);
    assert_same(KONG_BASIC_AUTH, "{\"username\":\"bu\",\"password\":\"pw2\"}", "c", held, consumer, false);
    assert_same(KONG_OAUTH2, "{\"client_id\":\"cid\",\"hash_secret\":true,\"client_secret\":\"csec\"}", "c", secret,
                NULL, true);
    assert_same(KONG_OAUTH2, "{\"client_id\":\"cid\",\"hash_secret\":true,\"client_secret\":\"other\"}", "c", secret,
                NULL, false);
}

static void changes_name_fields_and_never_show_a_secret(void **state)
{
    AUTO(json) struct json *changes = json_new_array();
    AUTO(json) struct json *actual = parse("{\"username\":\"u\",\"password\":\"hash-of-old\",\"a\":{\"b\":1}}");
    AUTO(json) struct json *now = parse("{\"username\":\"u\",\"password\":\"hash-of-new\",\"a\":{\"b\":2}}");

    kong_canonical_changes(kong_kind_get(KONG_BASIC_AUTH), NULL, actual, now, changes);

    AUTO(text) char *text = json_print_text(changes);
    assert_string_equal(text, "[{\"field\":\"password\",\"from\":\"***\",\"to\":\"***\"},"
                              "{\"field\":\"a.b\",\"from\":1,\"to\":2}]");
}

static void secrets_are_scrubbed_from_messages(void **state)
{
    AUTO(json) struct json *fields = parse("{\"key\":\"open-sesame\"}");
    AUTO(buf) struct buf text = BUF_OWN;
    buf_append_text(&text, "UNIQUE violation detected on '{key=\"open-sesame\"}'");

    kong_secret_scrub(kong_kind_get(KONG_KEY_AUTH), fields, NULL, &text);

    assert_string_equal(text.data, "UNIQUE violation detected on '{key=\"***\"}'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_only_a_gateway_sets_does_not_count),
        cmocka_unit_test(sets_are_compared_without_order_and_lists_with_it),
        cmocka_unit_test(kong_spells_some_things_in_its_own_way),
        cmocka_unit_test(a_changed_password_is_noticed_behind_its_hash),
        cmocka_unit_test(changes_name_fields_and_never_show_a_secret),
        cmocka_unit_test(secrets_are_scrubbed_from_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
