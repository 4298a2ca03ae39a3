/* An object read in one pass is the one that a tree gives, whatever its text looks like. */
#include "base/json.h"
#include "check.h"
#include "store/object.h"

static struct object *parse(const char *text, const char *default_namespace, struct err *err)
{
    struct store_kinds *kinds = store_kinds_new();
    struct object *object = NULL;
    int rc = object_parse(kinds, text, strlen(text), default_namespace, &object, err);
    store_kinds_free(kinds);
    return rc == 0 ? object : NULL;
}

#define HEAD "{\"apiVersion\":\"v1\",\"kind\":\"Service\","

static void identity_and_labels_are_parsed_out(void **state)
{
    struct err err = ERR_INIT;

    AUTO(object)
    struct object *object = parse(
        HEAD
        "\"metadata\":{\"name\":\"a\",\"namespace\":\"n\",\"uid\":\"u\",\"resourceVersion\":\"7\",\"generation\":3,"
        "\"creationTimestamp\":\"2026-01-01T00:00:00Z\",\"labels\":{\"b\":\"2\",\"a\":\"1\"}}}",
        NULL, &err);

    assert_non_null(object);
    assert_string_equal(object->name, "a");
    assert_string_equal(object->namespace, "n");
    assert_string_equal(object->uid, "u");
    assert_string_equal(object->resource_version, "7");
    assert_string_equal(object->creation, "2026-01-01T00:00:00Z");
    assert_int_equal(object->generation, 3);
    assert_int_equal(object->label_count, 2);
    assert_string_equal(object->labels[0].name, "a");
    assert_string_equal(object_label(object, "b"), "2");
}

/* The same object plain, and with an escape that only the tree reads. */
static void escapes_change_nothing_but_the_text(void **state)
{
    struct err err = ERR_INIT;

    AUTO(object)
    struct object *plain = parse(HEAD "\"metadata\":{\"name\":\"ab\",\"labels\":{\"x\":\"y\"}}}", NULL, &err);
    AUTO(object)
    struct object *escaped =
        parse(HEAD "\"metadata\":{\"n\\u0061me\":\"\\u0061b\",\"labels\":{\"x\":\"\\u0079\"}}}", NULL, &err);

    assert_string_equal(plain->name, escaped->name);
    assert_string_equal(object_label(plain, "x"), object_label(escaped, "x"));
}

static void managed_fields_are_left_out_wherever_they_stand(void **state)
{
    static const char *const metadata[] = {
        "\"managedFields\":[{\"f\":{}}],\"name\":\"a\"",
        "\"name\":\"a\",\"managedFields\":[{\"f\":{}}]",
        "\"name\":\"a\" , \"managedFields\" : [ {\"f\":\"],}\"} ] , \"uid\":\"u\"",
        "\"name\":\"a\\u0062\",\"managedFields\":[]",
    };
    for (size_t i = 0; i < COUNT_OF(metadata); i++) {
        AUTO(text) char *text = xasprintf(HEAD "\"metadata\":{%s},\"spec\":{}}", metadata[i]);
        struct err err = ERR_INIT;

        AUTO(object) struct object *object = parse(text, NULL, &err);

        assert_non_null(object);
        assert_null(strstr(object->text, "managedFields"));
        assert_int_equal(strlen(object->text), object->length);
        AUTO(json) struct json *tree = NULL;
        assert_int_equal(json_parse(object->text, object->length, &tree, &err), 0);
        assert_non_null(json_find(tree, "spec"));
        assert_non_null(json_find_path(tree, "metadata.name"));
    }
}

static void a_default_namespace_is_written_into_the_text(void **state)
{
    struct err err = ERR_INIT;

    AUTO(object) struct object *without = parse(HEAD "\"metadata\":{\"name\":\"a\"}}", "default", &err);
    AUTO(object)
    struct object *with = parse(HEAD "\"metadata\":{\"name\":\"a\",\"namespace\":\"n\"}}", "default", &err);

    assert_string_equal(without->namespace, "default");
    assert_non_null(strstr(without->text, "\"namespace\":\"default\""));
    assert_string_equal(with->namespace, "n");
}

static void what_cannot_be_used_is_refused_with_a_reason(void **state)
{
    static const char *const cases[][2] = {
        {"{\"kind\":\"Service\"}", "apiVersion and kind are needed"},
        {"{\"apiVersion\":\"v9\",\"kind\":\"Service\",\"metadata\":{\"name\":\"a\"}}", "no rule reads v9/Service"},
        {HEAD "\"spec\":{}}", "Service without metadata"},
        {HEAD "\"metadata\":{\"name\":\"\"}}", "Service without metadata.name"},
        {HEAD "\"metadata\":{\"name\":7}}", "metadata.name: expected a string"},
        {HEAD "\"metadata\":{\"name\":\"a\",\"namespace\":false}}", "metadata.namespace: expected a string"},
        {HEAD "\"metadata\":{\"name\":\"a\",\"labels\":{\"x\":1}}}", "metadata.labels.x: expected a string"},
        {HEAD "\"metadata\":{\"name\":\"a\",\"annotations\":{\"x\":true}}}",
         "metadata.annotations.x: expected a string"},
        {HEAD "\"metadata\":{\"name\":\"a\",\"annotations\":[]}}", "metadata.annotations: expected a mapping"},
        {HEAD "\"metadata\":{\"name\":\"a\"}} {", "goes on after its end"},
        {HEAD "\"metadata\":{\"name\":\"a\"}", "JSON is broken"},
        {HEAD "\"metadata\":{\"name\":\"a\"},\"x\":[1,]}", "JSON is broken"},
        {HEAD "\"metadata\":{\"name\":\"a\"},\"x\":\"\\q\"}", "JSON is broken"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct err err = ERR_INIT;

        struct object *object = parse(cases[i][0], NULL, &err);

        assert_null(object);
        if (strstr(err.text, cases[i][1]) == NULL)
            fail_msg("%s: %s", cases[i][0], err.text);
    }
}

static void deep_nesting_is_refused(void **state)
{
    struct buf text = BUF_OWN;
    buf_append_text(&text, HEAD "\"metadata\":{\"name\":\"a\"},\"x\":");
    for (int i = 0; i < 300; i++)
        buf_append_char(&text, '[');
    for (int i = 0; i < 300; i++)
        buf_append_char(&text, ']');
    buf_append_char(&text, '}');
    struct err err = ERR_INIT;

    struct object *object = parse(buf_text(&text), NULL, &err);

    assert_null(object);
    assert_non_null(strstr(err.text, "nested deeper"));
    buf_done(&text);
}

static void a_change_is_of_the_object_or_of_its_status_only(void **state)
{
    static const struct {
        const char *before, *after;
        enum object_change change;
    } cases[] = {
        {"\"resourceVersion\":\"1\"},\"spec\":{}", "\"resourceVersion\":\"2\"},\"spec\":{}", OBJECT_SAME},
        {"\"resourceVersion\":\"1\"},\"spec\":{}", "\"resourceVersion\":\"2\"},\"spec\":{},\"status\":{}",
         OBJECT_STATUS_CHANGED},
        {"\"x\":1},\"status\":{\"a\":1}", "\"x\":1},\"status\":{\"a\":2}", OBJECT_STATUS_CHANGED},
        {"\"x\":1},\"status\":{\"a\":1}", "\"x\":2},\"status\":{\"a\":1}", OBJECT_CHANGED},
        {"\"x\":1},\"spec\":{\"a\":1}", "\"x\":1},\"spec\":{\"a\":2},\"status\":{}", OBJECT_CHANGED},
        {"\"x\":1},\"spec\":{}", "\"x\":1},\"data\":{}", OBJECT_CHANGED},
        {"\"x\":\"\\u00e9\"},\"spec\":{}", "\"x\":\"\\u00e9\"},\"spec\":{}", OBJECT_SAME},
        {"\"x\":\"\\u00e9\"},\"spec\":{}", "\"x\":\"\\u00e8\"},\"spec\":{}", OBJECT_CHANGED},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(text) char *left = xasprintf(HEAD "\"metadata\":{\"name\":\"a\",%s}", cases[i].before);
        AUTO(text) char *right = xasprintf(HEAD "\"metadata\":{\"name\":\"a\",%s}", cases[i].after);
        struct err err = ERR_INIT;
        AUTO(object) struct object *old = parse(left, NULL, &err);
        AUTO(object) struct object *object = parse(right, NULL, &err);

        enum object_change change = object_compare(old, object);

        if (change != cases[i].change)
            fail_msg("%s -> %s: %d", cases[i].before, cases[i].after, change);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identity_and_labels_are_parsed_out),
        cmocka_unit_test(escapes_change_nothing_but_the_text),
        cmocka_unit_test(managed_fields_are_left_out_wherever_they_stand),
        cmocka_unit_test(a_default_namespace_is_written_into_the_text),
        cmocka_unit_test(what_cannot_be_used_is_refused_with_a_reason),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(a_change_is_of_the_object_or_of_its_status_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
