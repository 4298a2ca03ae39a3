/* Objects against their kind's schema: each fault with its path, and no word of a Secret's values. */
#include "store/check.h"

#include <string.h>

#include "base/buf.h"
#include "check.h"

struct faults {
    struct buf text; /* "! path: what" or "? path: what" a line */
    const char *object;
    char first; /* the character that the first fault points at */
};

static void take(void *user, const struct object_fault *fault)
{
    struct faults *faults = user;
    if (faults->text.length == 0)
        faults->first = faults->object[fault->offset];
    buf_printf(&faults->text, "%s %s\n", fault->type == OBJECT_FAULT ? "!" : "?", fault->text);
}

static bool run(const char *id, const char *object, bool types_only, struct faults *faults)
{
    struct store_kinds *kinds = store_kinds_new();
    struct object_check *check = object_check_new(types_only);
    *faults = (struct faults){.text = BUF_OWN, .object = object};
    bool good = object_check_run(check, store_kinds_find(kinds, id), (struct json_span){object, strlen(object)}, take,
                                 faults, NULL);
    object_check_free(check);
    store_kinds_free(kinds);
    return good;
}

static void expect(const char *id, const char *object, const char *expected)
{
    struct faults faults;
    bool good = run(id, object, false, &faults);
    assert_string_equal(buf_text(&faults.text), expected);
    assert_int_equal(good, strchr(expected, '!') == NULL);
    buf_done(&faults.text);
}

#define INGRESS        "networking.k8s.io/v1/Ingress"
#define HEAD           "{\"apiVersion\":\"networking.k8s.io/v1\",\"kind\":\"Ingress\",\"metadata\":{\"name\":\"web\"},\"spec\":"
#define AT             "spec.rules[0].http.paths[0]"
#define ONE_PATH(path) HEAD "{\"rules\":[{\"http\":{\"paths\":[" path "]}}]}}"
#define BACKEND        "\"backend\":{\"service\":{\"name\":\"web\",\"port\":{\"number\":80}}}"

static void what_an_api_server_takes_has_no_fault(void **state)
{
    expect(INGRESS, ONE_PATH("{\"path\":\"/\",\"pathType\":\"Prefix\"," BACKEND "}"), "");
    expect(INGRESS, HEAD "{\"rules\":null,\"tls\":[{\"hosts\":[\"*.example.com\"]}],\"ingressClassName\":null}}", "");
    expect("v1/Secret",
           "{\"metadata\":{\"name\":\"s\",\"creationTimestamp\":null},\"data\":{\"a\":\"eA==\",\"b\":null}}", "");
    expect("configuration.konghq.com/v1/KongPlugin",
           "{\"metadata\":{\"name\":\"p\"},\"plugin\":\"x\",\"config\":{\"any\":[1,{\"thing\":null}]}}", "");
    expect("v1/Service",
           "{\"metadata\":{\"name\":\"s\"},\"spec\":{\"ports\":[{\"port\":80,\"targetPort\":\"http\"},"
           "{\"port\":81,\"targetPort\":8081}]}}",
           "");
}

static void wrong_types_are_named_with_their_place(void **state)
{
    struct faults faults;
    const char *object = ONE_PATH("{\"pathType\":\"Prefix\",\"backend\":{\"service\":{\"name\":\"web\",\"port\":80}}}");

    bool good = run(INGRESS, object, true, &faults);

    assert_false(good);
    assert_string_equal(buf_text(&faults.text), "! " AT ".backend.service.port: expected an object, got a number\n");
    assert_int_equal(faults.first, '8');
    buf_done(&faults.text);
    expect(INGRESS, HEAD "{\"rules\":{\"host\":\"a\"}}}", "! spec.rules: expected an array, got an object\n");
    expect(INGRESS, HEAD "{\"rules\":[null,[]]}}",
           "! spec.rules[0]: expected an object, got null\n! spec.rules[1]: expected an object, got an array\n");
    expect(INGRESS, HEAD "{\"ingressClassName\":7}}",
           "! spec.ingressClassName: expected a string, got a number (quote the value)\n");
    expect(INGRESS,
           ONE_PATH("{\"pathType\":\"Exact\",\"backend\":{\"service\":{\"name\":\"w\",\"port\":{\"number\":\"80\"}}}}"),
           "! " AT ".backend.service.port.number: expected a number, got a string (write it without quotes)\n");
    expect("v1/Service", "{\"metadata\":{\"name\":\"s\"},\"spec\":{\"ports\":[{\"port\":80,\"targetPort\":{}}]}}",
           "! spec.ports[0].targetPort: expected a number or a string, got an object\n");
    expect("v1/Service", "{\"metadata\":[],\"spec\":{}}", "! metadata: expected an object, got an array\n");
    expect("v1/Service", "{\"metadata\":{\"name\":\"s\",\"labels\":{\"a\":5},\"annotations\":[]}}",
           "! metadata.labels.a: expected a string, got a number (quote the value)\n"
           "! metadata.annotations: expected an object, got an array\n");
}

static void required_fields_words_and_bounds_count_in_full_only(void **state)
{
    static const char object[] = ONE_PATH(
        "{\"path\":\"api\",\"pathType\":\"prefix\",\"backend\":{\"service\":{\"port\":{\"number\":70000}}}},{}");
    struct faults faults;

    expect(INGRESS, object,
           "! " AT ".path: expected a text that fits ^(/|$), got \"api\"\n"
           "! " AT ".pathType: expected Exact, Prefix or ImplementationSpecific, got \"prefix\"\n"
           "! " AT ".backend.service.port.number: expected at most 65535, got 70000\n"
           "! " AT ".backend.service.name: a value is required\n"
           "! spec.rules[0].http.paths[1].backend: a value is required\n"
           "! spec.rules[0].http.paths[1].pathType: a value is required: Exact, Prefix or ImplementationSpecific\n");
    assert_true(run(INGRESS, object, true, &faults));
    buf_done(&faults.text);
}

static void definitions_say_more_than_types(void **state)
{
    expect("gateway.networking.k8s.io/v1/HTTPRoute",
           "{\"apiVersion\":\"gateway.networking.k8s.io/"
           "v1\",\"metadata\":{\"name\":\"r\"},\"spec\":{\"hostnames\":[\"A.b\"],"
           "\"rules\":[{\"filters\":[{\"type\":\"RequestRedirect\",\"requestRedirect\":{\"statusCode\":418}}],"
           "\"backendRefs\":[{\"name\":\"a\",\"weight\":-1}]}]}}",
           "! spec.hostnames[0]: expected a text that fits "
           "^(\\*\\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$, got \"A.b\"\n"
           "! spec.rules[0].filters[0].requestRedirect.statusCode: expected 301, 302, 303, 307 or 308, got 418\n"
           "! spec.rules[0].backendRefs[0].weight: expected at least 0, got -1\n");
    expect("configuration.konghq.com/v1/KongPlugin", "{\"metadata\":{\"name\":\"p\"},\"protocols\":[\"ftp\"]}",
           "! protocols[0]: expected http, https, grpc, grpcs, tcp, tls or udp, got \"ftp\"\n! plugin: a value is "
           "required\n");
}

static void names_are_those_that_kubernetes_has(void **state)
{
    expect(
        "v1/Service",
        "{\"metadata\":{\"name\":\"a/b\",\"namespace\":\"A\",\"labels\":{\"a "
        "b\":\"x\",\"c\":\"-\"},\"annotations\":{\"/\":\"\"}}}",
        "! metadata.name: expected at most 63 lower-case letters, digits and '-', with a letter or digit at both ends, "
        "got \"a/b\"\n"
        "! metadata.namespace: expected at most 63 lower-case letters, digits and '-', with a letter or digit at both "
        "ends, got \"A\"\n"
        "! metadata.labels.a b: expected a name such as example.com/some-name\n"
        "! metadata.labels.c: expected at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both "
        "ends, got \"-\"\n"
        "! metadata.annotations./: expected a name such as example.com/some-name\n");
    expect("v1/ConfigMap", "{\"metadata\":{\"name\":\"kube-root-ca.crt\",\"annotations\":{\"Konghq.com/A_b.c\":\"\"}}}",
           "");
}

static void a_field_that_is_not_known_is_told_with_the_nearest(void **state)
{
    expect(INGRESS,
           ONE_PATH("{\"path\":\"/\",\"pathtype\":\"x\",\"pathType\":\"Exact\",\"surprise\":{\"a\":[1]}," BACKEND "}"),
           "? " AT ".pathtype: there is no such field (is pathType meant?)\n"
           "? " AT ".surprise: there is no such field\n");
}

static void values_of_secrets_are_not_quoted(void **state)
{
    expect("v1/Secret", "{\"metadata\":{\"name\":\"s\"},\"data\":{\"key\":\"not base64!\"},\"stringData\":{\"a\":5}}",
           "! data.key: expected base64\n! stringData.a: expected a string, got a number (quote the value)\n");
}

static void a_status_counts_by_its_types(void **state)
{
    expect("gateway.networking.k8s.io/v1/Gateway",
           "{\"metadata\":{\"name\":\"g\"},\"spec\":{\"gatewayClassName\":\"kong\",\"listeners\":[{\"name\":\"a\","
           "\"port\":80,"
           "\"protocol\":\"HTTP\"}]},\"status\":{\"conditions\":[{\"type\":\"x\"},5],\"new\":1}}",
           "! status.conditions[1]: expected an object, got a number\n");
}

static void the_version_of_an_object_decides(void **state)
{
    expect(
        "gateway.networking.k8s.io/v1alpha2/TLSRoute",
        "{\"kind\":\"TLSRoute\",\"apiVersion\":\"gateway.networking.k8s.io/v1\",\"metadata\":{\"name\":\"r\"},\"spec\":"
        "{\"rules\":[{\"backendRefs\":[{\"name\":\"a\"}]}]}}",
        "! spec.hostnames: a value is required\n");
    expect("gateway.networking.k8s.io/v1alpha2/TLSRoute",
           "{\"kind\":\"TLSRoute\",\"apiVersion\":\"gateway.networking.k8s.io/"
           "v1alpha2\",\"metadata\":{\"name\":\"r\"},\"spec\":"
           "{\"rules\":[{\"backendRefs\":[{\"name\":\"a\"}]}]}}",
           "");
}

static void no_more_faults_are_told_than_people_read(void **state)
{
    AUTO(buf) struct buf object = BUF_OWN;
    struct faults faults;
    size_t lines = 0;
    buf_append_text(&object, HEAD "{\"rules\":[0");
    for (int i = 0; i < 1000; i++)
        buf_append_text(&object, ",0");
    buf_append_text(&object, "]}}");

    bool good = run(INGRESS, buf_text(&object), false, &faults);
    for (size_t i = 0; i < faults.text.length; i++)
        lines += faults.text.data[i] == '\n';

    assert_false(good);
    assert_int_equal(lines, OBJECT_FAULTS_MAX);
    buf_done(&faults.text);
}

static void what_is_no_json_is_a_fault(void **state)
{
    struct faults faults;
    assert_false(run(INGRESS, HEAD "{\"rules\":[", false, &faults));
    buf_done(&faults.text);
    assert_false(run(INGRESS, "{} x", false, &faults));
    buf_done(&faults.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_an_api_server_takes_has_no_fault),
        cmocka_unit_test(wrong_types_are_named_with_their_place),
        cmocka_unit_test(required_fields_words_and_bounds_count_in_full_only),
        cmocka_unit_test(definitions_say_more_than_types),
        cmocka_unit_test(names_are_those_that_kubernetes_has),
        cmocka_unit_test(a_field_that_is_not_known_is_told_with_the_nearest),
        cmocka_unit_test(values_of_secrets_are_not_quoted),
        cmocka_unit_test(a_status_counts_by_its_types),
        cmocka_unit_test(the_version_of_an_object_decides),
        cmocka_unit_test(no_more_faults_are_told_than_people_read),
        cmocka_unit_test(what_is_no_json_is_a_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
