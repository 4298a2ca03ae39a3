/* Natural keys and ids of entity kinds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"
#include "kong/kind.h"
#include "kong/problem_codes.h"

static struct json *parse(const char *text)
{
    struct err err = ERR_INIT;
    struct json *value = NULL;
    assert_int_equal(json_parse(text, strlen(text), &value, &err), 0);
    return value;
}

static void ids_are_those_of_kic(void **state)
{
    static const struct {
        const char *kind, *workspace, *key, *id;
    } cases[] = {
        {"service", "", "bar-namespace.foo-svc.80", "edc1d53e-73b4-5932-9455-0e01f0d53e3f"},
        {"service", "ws1", "bar-namespace.foo-svc.80", "313ba974-cb29-5953-8bfe-6759bc4b794d"},
        {"route", NULL, "httproute.default.httproute-testing.0.0", "073fc413-1c03-50b4-8f44-43367c13daba"},
        {"consumer", "", "consumer-1", "e23d9ef8-1cc4-5b55-abd1-db89aa90346c"},
        {"consumer_group", "", "consumer-group-1", "dc176b3e-97a3-55b5-935a-b6edda29067d"},
        {"vault", "", "env", "b8080057-200b-58c6-93b1-cd71aa3ecf07"},
        {"plugin", "", "correlation-id:route/default.httpbin.httpbin..80", "61a22b86-f859-5c8a-a23c-97b92b14b635"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char id[37];
        kong_kind_make_id(kong_kind_find(cases[i].kind), cases[i].workspace, cases[i].key, id);

        assert_string_equal(id, cases[i].id);
    }
}

static void natural_keys_follow_their_formulas(void **state)
{
    static const struct {
        const char *kind, *fields;
        const char *foreign[KONG_FOREIGN_MAX];
        const char *key;
    } cases[] = {
        {"service", "{\"name\":\"s\"}", {NULL}, "s"},
        {"consumer", "{\"username\":\"u\",\"custom_id\":\"c\"}", {NULL}, "u"},
        {"consumer", "{\"custom_id\":\"c\"}", {NULL}, "custom_id:c"},
        {"plugin", "{\"name\":\"cors\"}", {NULL}, "cors"},
        {"plugin", "{\"name\":\"cors\"}", {"s", "r", "c", "g"}, "cors:service/s:route/r:consumer/c:consumer_group/g"},
        {"target", "{\"target\":\"10.0.0.1:80\"}", {"u"}, "u/10.0.0.1:80"},
        {"target", "{\"target\":\"Host\"}", {"u"}, "u/host:8000"},
        {"target", "{\"target\":\"[::1]:80\"}", {"u"}, "u/[0000:0000:0000:0000:0000:0000:0000:0001]:80"},
        {"acl", "{\"group\":\"g\"}", {"c"}, "c/g"},
        {"acl", "{\"group\":\"b/g\"}", {"a"}, "a/b/g"},
        {"acl", "{\"group\":\"g\"}", {"a/b"}, "a%2Fb/g"},
        {"acl", "{\"group\":\"g\"}", {"a%2Fb"}, "a%252Fb/g"},
        {"mtls_auth", "{\"subject_name\":\"s\"}", {"c", "d"}, "c/s:ca_certificate/d"},
        {"mtls_auth", "{\"subject_name\":\"s:ca_certificate/d\"}", {"c"}, "c/s:ca_certificate%2Fd"},
        {"membership", "{}", {"g", "c"}, "g/c"},
        {"key_auth", "{\"key\":\"k\"}", {"c"}, "8254c329a92850f6d539dd376f4816ee2764517da5e0235514af433164480d7a"},
        {"service", "{}", {NULL}, NULL},
        {"target", "{\"target\":\"h:1\"}", {NULL}, NULL},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct json *fields = parse(cases[i].fields);

        char *key = kong_kind_key(kong_kind_find(cases[i].kind), fields, cases[i].foreign);

        if (cases[i].key == NULL)
            assert_null(key);
        else
            assert_string_equal(key, cases[i].key);
        free(key);
        json_free(fields);
    }
}

static void white_space_around_a_certificate_does_not_matter(void **state)
{
    const char *foreign[KONG_FOREIGN_MAX] = {NULL};
    struct json *plain = parse("{\"cert\":\"C\",\"key\":\"K\"}");
    struct json *spaced = parse("{\"cert\":\"\\nC \",\"key\":\" K\\n\"}");

    char *left = kong_kind_key(kong_kind_get(KONG_CERTIFICATE), plain, foreign);
    char *right = kong_kind_key(kong_kind_get(KONG_CERTIFICATE), spaced, foreign);

    assert_string_equal(left, right);
    assert_int_equal(strlen(left), 64);
    free(left);
    free(right);
    json_free(plain);
    json_free(spaced);
}

static void every_row_of_the_table_is_complete(void **state)
{
    for (int id = 0; id < KONG_KIND_COUNT; id++) {
        const struct kong_kind *kind = kong_kind_get(id);

        assert_int_equal(kind->id, id);
        assert_ptr_equal(kong_kind_find(kind->name), kind);
        assert_non_null(kind->table);
        assert_non_null(kind->deck);
        assert_true(kind->key_of != NULL || kind->key_fields[0] != NULL);
    }
    assert_null(kong_kind_find("nosuch"));
}

static void problem_codes_are_sorted_and_found(void **state)
{
    size_t count;
    const struct problem_code *codes = problem_codes(&count);

    for (size_t i = 0; i < count; i++) {
        assert_true(i == 0 || strcmp(codes[i - 1].code, codes[i].code) < 0);
        assert_ptr_equal(problem_code_find(codes[i].code), &codes[i]);
    }
    assert_null(problem_code_find("NoSuchCode"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_those_of_kic),
        cmocka_unit_test(natural_keys_follow_their_formulas),
        cmocka_unit_test(white_space_around_a_certificate_does_not_matter),
        cmocka_unit_test(every_row_of_the_table_is_complete),
        cmocka_unit_test(problem_codes_are_sorted_and_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
