/* Wanted entities as a decK document. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/yaml.h"
#include "kong/declarative.h"
#include "wanted.h"

static struct json *document_of(struct kong_entity **entities, size_t count, struct kong_declarative_options options)
{
    AUTO(buf) struct buf out = BUF_OWN;
    kong_declarative_print(entities, count, &options, &out);
    struct json *value = NULL;
    struct err err = ERR_INIT;
    if (options.json)
        assert_int_equal(json_parse(out.data, out.length, &value, &err), 0);
    else
        assert_int_equal(yaml_parse(out.data, out.length, &value, &err), 0);
    return value;
}

static void free_all(struct kong_entity **entities, size_t count)
{
    for (size_t i = 0; i < count; i++)
        kong_entity_unref(entities[i]);
}

static void assert_path(const struct json *document, const char *path, const char *expected)
{
    AUTO(text) char *copy = xstrdup(path);
    char *state = NULL;
    const struct json *value = document;
    for (char *part = strtok_r(copy, ".", &state); part != NULL; part = strtok_r(NULL, ".", &state))
        value = json_is(value, JSON_ARRAY) ? json_at(value, strtoul(part, NULL, 10)) : json_find(value, part);
    AUTO(text) char *text = json_print_text(value);
    assert_string_equal(text, expected);
}

static void children_stand_in_their_parents(void **state)
{
    struct kong_entity *all[] = {
        wanted(KONG_MEMBERSHIP, "{}", "gold,alice"),
        wanted(KONG_CONSUMER_GROUP, "{\"name\":\"gold\"}", NULL),
        wanted(KONG_KEY_AUTH, "{\"key\":\"k\"}", "alice"),
        wanted(KONG_CONSUMER, "{\"username\":\"alice\"}", NULL),
        wanted(KONG_PLUGIN, "{\"name\":\"cors\"}", "s,r,alice,gold"),
        wanted(KONG_ROUTE, "{\"name\":\"r\",\"paths\":[\"/\"]}", "s"),
        wanted(KONG_SERVICE, "{\"name\":\"s\",\"host\":\"u\"}", NULL),
        wanted(KONG_TARGET, "{\"target\":\"10.0.0.1:80\"}", "u"),
        wanted(KONG_UPSTREAM, "{\"name\":\"u\"}", NULL),
    };

    for (int json = 0; json < 2; json++) {
        AUTO(json)
        struct json *document = document_of(all, COUNT_OF(all), (struct kong_declarative_options){.json = json != 0});

        assert_path(document, "_format_version", "\"3.0\"");
        assert_path(document, "services.0.routes.0.name", "\"r\"");
        assert_path(document, "upstreams.0.targets.0.target", "\"10.0.0.1:80\"");
        assert_path(document, "consumers.0.groups", "[{\"name\":\"gold\"}]");
        assert_path(document, "consumers.0.keyauth_credentials.0.key", "\"k\"");
        assert_path(document, "plugins.0.service", "\"s\"");
        assert_path(document, "plugins.0.consumer_group", "\"gold\"");
        assert_path(document, "services.0.id", "\"b268827a-8f7f-551f-8769-e6bceb2f3ec6\"");
    }
    free_all(all, COUNT_OF(all));
}

static void certificates_are_referred_to_by_id(void **state)
{
    struct kong_entity *all[] = {
        wanted(KONG_CERTIFICATE, "{\"cert\":\"C\",\"key\":\"K\"}", NULL),
        NULL,
        NULL,
    };
    all[1] = wanted(KONG_SERVICE, "{\"name\":\"s\",\"host\":\"h\"}", all[0]->key);
    all[2] = wanted(KONG_SNI, "{\"name\":\"a.example.com\"}", all[0]->key);

    AUTO(json) struct json *document = document_of(all, COUNT_OF(all), (struct kong_declarative_options){0});

    assert_string_equal(json_text(json_find_path(json_at(json_find(document, "services"), 0), "client_certificate.id")),
                        all[0]->id);
    assert_path(document, "certificates.0.snis.0.name", "\"a.example.com\"");
    free_all(all, COUNT_OF(all));
}

static void children_without_a_parent_stand_at_the_top(void **state)
{
    struct kong_entity *all[] = {
        wanted(KONG_ROUTE, "{\"name\":\"lone\",\"paths\":[\"/\"]}", NULL),
        wanted(KONG_ROUTE, "{\"name\":\"orphan\",\"paths\":[\"/\"]}", "gone"),
        wanted(KONG_ACL, "{\"group\":\"g\"}", "nobody"),
    };

    AUTO(json) struct json *document = document_of(all, COUNT_OF(all), (struct kong_declarative_options){0});

    assert_path(document, "routes.0.name", "\"lone\"");
    assert_path(document, "routes.1.service", "\"gone\"");
    assert_path(document, "acls.0.consumer", "\"nobody\"");
    free_all(all, COUNT_OF(all));
}

static void members_without_a_name_are_listed_as_kic_does_when_asked(void **state)
{
    struct kong_entity *all[] = {
        wanted(KONG_CONSUMER, "{\"custom_id\":\"7\"}", NULL),
        wanted(KONG_MEMBERSHIP, "{}", "gold,custom_id:7"),
    };

    AUTO(json) struct json *ours = document_of(all, COUNT_OF(all), (struct kong_declarative_options){0});
    AUTO(json)
    struct json *theirs = document_of(all, COUNT_OF(all), (struct kong_declarative_options){.unnamed_members = true});

    assert_path(ours, "consumers.0.groups", "[{\"name\":\"gold\"}]");
    assert_path(theirs, "consumer_group_consumers", "[{\"consumer\":\"\",\"consumer_group\":\"gold\"}]");
    free_all(all, COUNT_OF(all));
}

static void order_of_the_entities_does_not_change_a_byte(void **state)
{
    struct kong_entity *all[] = {
        wanted(KONG_SERVICE, "{\"name\":\"a\",\"host\":\"h\"}", NULL),
        wanted(KONG_ROUTE, "{\"name\":\"r2\",\"paths\":[\"/\"]}", "a"),
        wanted(KONG_ROUTE, "{\"name\":\"r1\",\"paths\":[\"/\"]}", "a"),
    };
    struct kong_entity *reversed[] = {all[2], all[1], all[0]};
    const char *const tags[] = {"mine"};
    struct kong_declarative_options options = {.select_tags = tags, .select_tag_count = 1};
    AUTO(buf) struct buf left = BUF_OWN;
    AUTO(buf) struct buf right = BUF_OWN;

    kong_declarative_print(all, COUNT_OF(all), &options, &left);
    kong_declarative_print(reversed, COUNT_OF(all), &options, &right);

    assert_string_equal(left.data, right.data);
    assert_non_null(strstr(left.data, "_info:\n  select_tags:\n  - mine\n"));
    free_all(all, COUNT_OF(all));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(children_stand_in_their_parents),
        cmocka_unit_test(certificates_are_referred_to_by_id),
        cmocka_unit_test(children_without_a_parent_stand_at_the_top),
        cmocka_unit_test(members_without_a_name_are_listed_as_kic_does_when_asked),
        cmocka_unit_test(order_of_the_entities_does_not_change_a_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
