/* Files and folders as objects: what is bad costs itself only, and is named with file and line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/vec.h"
#include "files/source.h"
#include "scratch.h"

struct seen {
    struct scratch scratch;
    struct store_kinds *kinds;
    struct files_reader reader;
    struct buf objects; /* "Kind namespace/name file:line" a line */
    struct buf bad;     /* "type Kind namespace/name file:line: text" a line */
};

/* Without the scratch folder, whose name is random. */
static const char *below(const struct seen *seen, const char *file)
{
    size_t length = strlen(seen->scratch.path);
    return strncmp(file, seen->scratch.path, length) == 0 ? file + length + 1 : file;
}

static void take_object(void *user, struct object *object)
{
    struct seen *seen = user;
    buf_printf(&seen->objects, "%s %s/%s %s:%d\n", object->kind->kind, object->namespace, object->name,
               below(seen, object->file), object->line);
    object_unref(object);
}

static void take_finding(void *user, const struct files_finding *finding)
{
    static const char *const types[] = {"unreadable", "invalid", "old", "foreign", "no object", "twice", "field"};
    struct seen *seen = user;
    const char *slash = strrchr(finding->kind, '/');
    buf_printf(&seen->bad, "%s %s %s/%s %s:%d: %s\n", types[finding->type], slash != NULL ? slash + 1 : finding->kind,
               finding->namespace, below(seen, finding->name), below(seen, finding->file), finding->line,
               below(seen, finding->text));
}

static int setup(void **state)
{
    struct seen *seen = xcalloc(1, sizeof(*seen));
    scratch_make(&seen->scratch);
    seen->kinds = store_kinds_new();
    seen->objects = seen->bad = (struct buf)BUF_OWN;
    seen->reader =
        (struct files_reader){.kinds = seen->kinds, .object = take_object, .finding = take_finding, .user = seen};
    *state = seen;
    return 0;
}

static int teardown(void **state)
{
    struct seen *seen = *state;
    scratch_remove(&seen->scratch);
    store_kinds_free(seen->kinds);
    buf_done(&seen->objects);
    buf_done(&seen->bad);
    free(seen);
    return 0;
}

static void a_folder_is_read_in_byte_order_of_its_paths(void **state)
{
    struct seen *seen = *state;
    scratch_folder(&seen->scratch, "b");
    scratch_write(&seen->scratch, "z.yml", "{apiVersion: v1, kind: Service, metadata: {name: z, namespace: shop}}\n");
    scratch_write(&seen->scratch, "b/c.json",
                  "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"c\"}}");
    scratch_write(&seen->scratch, "a.yaml",
                  "# first\n\napiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: shop}\n");
    scratch_write(&seen->scratch, "notes.txt", "not: read\n");
    struct err err = ERR_INIT;

    int rc = files_read(&seen->reader, seen->scratch.path, &err);

    assert_int_equal(rc, 0);
    assert_string_equal(buf_text(&seen->objects),
                        "Service shop/a a.yaml:3\nNamespace /c b/c.json:1\nService shop/z z.yml:1\n");
    assert_string_equal(buf_text(&seen->bad), "");
}

static void a_bad_document_does_not_hide_the_others(void **state)
{
    struct seen *seen = *state;
    scratch_write(
        &seen->scratch, "m.yaml",
        "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n---\nkind: Nothing\nmetadata: {name: x}\n---\n- list\n"
        "---\napiVersion: v1\nkind: Service\nmetadata: {name: b}\n");
    AUTO(text) char *path = xasprintf("%s/m.yaml", seen->scratch.path);
    struct err err = ERR_INIT;

    int rc = files_read(&seen->reader, path, &err);

    assert_int_equal(rc, 0);
    assert_string_equal(buf_text(&seen->objects), "Service /a m.yaml:1\nService /b m.yaml:10\n");
    assert_string_equal(buf_text(&seen->bad),
                        "invalid Nothing /x m.yaml:5: no Kubernetes object: apiVersion and kind are needed\n"
                        "invalid File /m.yaml m.yaml:8: no Kubernetes object: a mapping is expected\n");
}

static void what_stands_before_broken_yaml_is_delivered_and_other_files_are_read(void **state)
{
    struct seen *seen = *state;
    scratch_write(&seen->scratch, "a.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n---\nkey: [\n");
    scratch_write(&seen->scratch, "b.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: b}\n");
    struct err err = ERR_INIT;

    int rc = files_read(&seen->reader, seen->scratch.path, &err);

    assert_int_equal(rc, 0);
    assert_non_null(strstr(buf_text(&seen->bad), "unreadable File /a.yaml a.yaml:6: line 6, column 1: "));
    assert_string_equal(buf_text(&seen->objects), "Service /a a.yaml:1\nService /b b.yaml:1\n");
}

static void lists_are_unpacked(void **state)
{
    struct seen *seen = *state;
    seen->reader.default_namespace = "default";
    scratch_write(&seen->scratch, "l.yaml",
                  "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Service, metadata: {name: a}}\n"
                  "- {apiVersion: v1, kind: Namespace, metadata: {name: b}}\n");
    AUTO(text) char *path = xasprintf("%s/l.yaml", seen->scratch.path);
    struct err err = ERR_INIT;

    int rc = files_read(&seen->reader, path, &err);

    assert_int_equal(rc, 0);
    assert_string_equal(buf_text(&seen->objects), "Service default/a l.yaml:4\nNamespace /b l.yaml:5\n");
}

static void a_file_that_is_not_there_is_an_error_with_its_name(void **state)
{
    struct seen *seen = *state;
    struct err err = ERR_INIT;

    int rc = files_read(&seen->reader, "/nonexistent/m.yaml", &err);

    assert_true(rc < 0);
    assert_non_null(strstr(err.text, "/nonexistent/m.yaml"));
}

static void take_secret(void *user, struct object *object)
{
    struct seen *seen = user;
    buf_append_text(&seen->objects, object->text);
    object_unref(object);
}

static void string_data_of_a_secret_goes_over_its_data(void **state)
{
    struct seen *seen = *state;
    seen->reader.object = take_secret;
    scratch_write(&seen->scratch, "s.yaml",
                  "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: shop}\n"
                  "data: {a: eA==, b: eA==}\nstringData: {b: 'y', c: \"z\"}\n");
    struct err err = ERR_INIT;

    int rc = files_read(&seen->reader, seen->scratch.path, &err);

    assert_int_equal(rc, 0);
    assert_non_null(strstr(buf_text(&seen->objects), "\"data\":{\"a\":\"eA==\",\"b\":\"eQ==\",\"c\":\"eg==\"}"));
    assert_null(strstr(buf_text(&seen->objects), "stringData"));
}

static void texts_that_are_null_are_empty(void **state)
{
    struct seen *seen = *state;
    seen->reader.object = take_secret;
    scratch_write(
        &seen->scratch, "s.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: s, labels: {a: }, annotations: {b: null}}\n"
        "data: {c: }\nstringData: {d: }\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {e: }\n");
    struct err err = ERR_INIT;

    int rc = files_read(&seen->reader, seen->scratch.path, &err);

    assert_int_equal(rc, 0);
    assert_string_equal(
        buf_text(&seen->objects),
        "{\"apiVersion\":\"v1\",\"data\":{\"c\":\"\",\"d\":\"\"},\"kind\":\"Secret\",\"metadata\":{"
        "\"annotations\":{\"b\":\"\"},\"labels\":{\"a\":\"\"},\"name\":\"s\"}}"
        "{\"apiVersion\":\"v1\",\"data\":{\"e\":\"\"},\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"m\"}}");
}

/* Reads `text` as m.yaml. */
static void read_one(struct seen *seen, const char *text)
{
    scratch_write(&seen->scratch, "m.yaml", text);
    AUTO(text) char *path = xasprintf("%s/m.yaml", seen->scratch.path);
    struct err err = ERR_INIT;
    buf_clear(&seen->objects);
    buf_clear(&seen->bad);
    assert_int_equal(files_read(&seen->reader, path, &err), 0);
}

static void expect(const struct seen *seen, const char *objects, const char *bad)
{
    assert_string_equal(buf_text(&seen->objects), objects);
    assert_string_equal(buf_text(&seen->bad), bad);
}

static void items_get_what_their_list_says_of_all_of_them(void **state)
{
    struct seen *seen = *state;
    read_one(seen, "{\"apiVersion\": \"networking.k8s.io/v1\", \"kind\": \"IngressList\", \"items\": [\n"
                   "{\"metadata\": {\"name\": \"a\", \"namespace\": \"shop\"}},\n"
                   "{\"kind\": \"Ingress\", \"metadata\": {\"name\": \"b\", \"namespace\": \"shop\"}}]}\n");
    expect(seen, "Ingress shop/a m.yaml:2\nIngress shop/b m.yaml:3\n", "");

    read_one(seen, "apiVersion: v1\nkind: List\nitems:\n- metadata: {name: a}\n");
    expect(seen, "", "invalid File /m.yaml m.yaml:4: no Kubernetes object: apiVersion and kind are needed\n");

    read_one(seen, "apiVersion: v1\nkind: ServiceList\nitems: []\n---\napiVersion: v1\nkind: List\n");
    expect(seen, "", "");

    read_one(seen, "apiVersion: v1\nkind: List\nitems:\n  apiVersion: v1\n  kind: Service\n");
    expect(seen, "", "invalid List /? m.yaml:1: items: expected an array\n");
}

static void lists_within_lists_are_opened_and_elements_that_are_nothing_are_told(void **state)
{
    struct seen *seen = *state;
    read_one(seen,
             "apiVersion: v1\nkind: List\nitems:\n- null\n- apiVersion: v1\n  kind: List\n  items:\n"
             "  - {apiVersion: v1, kind: Service, metadata: {name: a}}\n  - apiVersion: v1\n    kind: SecretList\n"
             "    items:\n    - metadata: {name: s}\n- [x]\n");
    expect(seen, "Service /a m.yaml:8\nSecret /s m.yaml:12\n",
           "invalid File /m.yaml m.yaml:4: no Kubernetes object: a mapping is expected\n"
           "invalid File /m.yaml m.yaml:13: no Kubernetes object: a mapping is expected\n");
}

static void an_object_without_a_namespace_is_that_of_the_default_one(void **state)
{
    struct seen *seen = *state;
    seen->reader.object = take_secret; /* the text as the rules get it */
    seen->reader.default_namespace = "default";
    read_one(seen, "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n");
    expect(seen, "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"namespace\":\"default\",\"name\":\"a\"}}",
           "");
    read_one(seen, "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: ''}\n");
    assert_non_null(strstr(buf_text(&seen->objects), "\"namespace\":\"default\""));
    read_one(seen, "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: null, managedFields: []}\n");
    assert_non_null(strstr(buf_text(&seen->objects), "\"namespace\":\"default\""));
    read_one(seen, "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, namespace: shop}\n");
    assert_null(strstr(buf_text(&seen->objects), "\"namespace\""));
    read_one(seen, "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n");
    assert_null(strstr(buf_text(&seen->objects), "\"namespace\""));
}

static void kinds_that_are_not_read_say_what_they_are_near_to(void **state)
{
    struct seen *seen = *state;
    read_one(seen, "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d, namespace: shop}\n---\n"
                   "apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: i}\n---\n"
                   "apiVersion: gateway.networking.k8s.io/v1alpha2\nkind: HTTPRoute\nmetadata: {name: h}\n---\n"
                   "apiVersion: networking.k8s.io/v1\nkind: Ingres\nmetadata: {name: j}\n---\n"
                   "apiVersion: v1\nkind: Ingress\nmetadata: {name: k}\n---\n"
                   "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: s}\n---\n"
                   "apiVersion: configuration.konghq.com/v1\nkind: KongCredential\nmetadata: {name: c}\n");
    expect(
        seen, "",
        "foreign Deployment shop/d m.yaml:1: no rule reads apps/v1/Deployment\n"
        "old Ingress /i m.yaml:5: extensions/v1beta1/Ingress is not read, networking.k8s.io/v1/Ingress is\n"
        "old HTTPRoute /h m.yaml:9: gateway.networking.k8s.io/v1alpha2/HTTPRoute is not read, "
        "gateway.networking.k8s.io/v1/HTTPRoute is\n"
        "old Ingres /j m.yaml:13: networking.k8s.io/v1/Ingres is not read: is networking.k8s.io/v1/Ingress meant?\n"
        "old Ingress /k m.yaml:17: v1/Ingress is not read: is networking.k8s.io/v1/Ingress meant?\n"
        "foreign Service /s m.yaml:21: no rule reads serving.knative.dev/v1/Service\n"
        "foreign KongCredential /c m.yaml:25: no rule reads configuration.konghq.com/v1/KongCredential; a Secret with "
        "the label konghq.com/credential takes its place\n");
}

static void what_does_not_look_like_an_object_is_none(void **state)
{
    struct seen *seen = *state;
    read_one(seen, "replicas: 1\nimage: {tag: x}\n---\napiVersion: v2\nname: chart\n---\nkind: Service\nname: x\n"
                   "---\napiVersion: networking.k8s.io/v1\nname: x\n---\nspec: {rules: []}\n");
    expect(seen, "",
           "no object File /m.yaml m.yaml:1: no Kubernetes object: apiVersion and kind are needed\n"
           "no object File /m.yaml m.yaml:4: no Kubernetes object: apiVersion and kind are needed\n"
           "invalid Service /? m.yaml:7: no Kubernetes object: apiVersion and kind are needed\n"
           "invalid File /m.yaml m.yaml:10: no Kubernetes object: apiVersion and kind are needed\n"
           "invalid File /m.yaml m.yaml:13: no Kubernetes object: apiVersion and kind are needed\n");
}

static void maps_that_are_lists_are_refused(void **state)
{
    struct seen *seen = *state;
    read_one(seen,
             "apiVersion: v1\nkind: Secret\nmetadata: {name: a, labels: [x], annotations: [null]}\ndata: [null]\n");
    expect(seen, "", "invalid Secret /a m.yaml:1: metadata.annotations: expected a mapping\n");
    read_one(seen, "apiVersion: v1\nkind: Secret\nmetadata: {name: a, labels: [x]}\nstringData: [null]\n");
    expect(seen, "", "invalid Secret /a m.yaml:1: metadata.labels: expected a mapping\n");
}

static void faults_have_the_lines_of_their_fields(void **state)
{
    struct seen *seen = *state;
    seen->reader.check = object_check_new(false);
    read_one(seen, "apiVersion: v1\nkind: List\nitems:\n- apiVersion: networking.k8s.io/v1\n  kind: Ingress\n"
                   "  metadata: {name: i, namespace: shop}\n  spec:\n    ingressClass: kong\n    rules:\n"
                   "      host: a\n- apiVersion: v1\n  kind: Service\n  metadata: {name: a, namespace: shop}\n");
    expect(seen, "Service shop/a m.yaml:11\n",
           "field Ingress shop/i m.yaml:8: spec.ingressClass: there is no such field (is ingressClassName meant?)\n"
           "invalid Ingress shop/i m.yaml:9: spec.rules: expected an array, got an object\n");
    object_check_free(seen->reader.check);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_folder_is_read_in_byte_order_of_its_paths, setup, teardown),
        cmocka_unit_test_setup_teardown(string_data_of_a_secret_goes_over_its_data, setup, teardown),
        cmocka_unit_test_setup_teardown(texts_that_are_null_are_empty, setup, teardown),
        cmocka_unit_test_setup_teardown(a_bad_document_does_not_hide_the_others, setup, teardown),
        cmocka_unit_test_setup_teardown(what_stands_before_broken_yaml_is_delivered_and_other_files_are_read, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(lists_are_unpacked, setup, teardown),
        cmocka_unit_test_setup_teardown(items_get_what_their_list_says_of_all_of_them, setup, teardown),
        cmocka_unit_test_setup_teardown(lists_within_lists_are_opened_and_elements_that_are_nothing_are_told, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(an_object_without_a_namespace_is_that_of_the_default_one, setup, teardown),
        cmocka_unit_test_setup_teardown(kinds_that_are_not_read_say_what_they_are_near_to, setup, teardown),
        cmocka_unit_test_setup_teardown(what_does_not_look_like_an_object_is_none, setup, teardown),
        cmocka_unit_test_setup_teardown(maps_that_are_lists_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(faults_have_the_lines_of_their_fields, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_that_is_not_there_is_an_error_with_its_name, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
