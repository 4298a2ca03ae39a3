/* Objects as received, and the shelf with its label index. */
#include "store/store.h"

#include <string.h>

#include "base/buf.h"
#include "check.h"

struct lab {
    struct store_kinds *kinds;
    struct store *store;
};

static int set_up(void **state)
{
    struct lab *lab = xcalloc(1, sizeof(*lab));
    lab->kinds = store_kinds_new();
    lab->store = store_new(lab->kinds);
    *state = lab;
    return 0;
}

static int tear_down(void **state)
{
    struct lab *lab = *state;
    store_free(lab->store);
    store_kinds_free(lab->kinds);
    free(lab);
    return 0;
}

static struct object *service(const struct lab *lab, const char *namespace, const char *name, const char *labels)
{
    AUTO(text)
    char *text = xasprintf("{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"%s\",\"namespace\":\"%"
                           "s\",\"labels\":{%s}}}",
                           name, namespace, labels);
    struct object *object = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(object_parse(lab->kinds, text, strlen(text), NULL, &object, &err), 0);
    return object;
}

static void names_of(const struct lab *lab, const char *namespace, const char *label, const char *value,
                     struct buf *out)
{
    size_t count;
    struct object **objects =
        store_list(lab->store, store_kinds_find(lab->kinds, "v1/Service"), namespace, label, value, &count);
    for (size_t i = 0; i < count; i++)
        buf_printf(out, "%s/%s ", objects[i]->namespace, objects[i]->name);
    free(objects);
}

static void lists_come_sorted_and_by_label(void **state)
{
    struct lab *lab = *state;
    object_unref(store_put(lab->store, service(lab, "b", "two", "\"app\":\"x\"")));
    object_unref(store_put(lab->store, service(lab, "a", "three", "\"app\":\"y\"")));
    object_unref(store_put(lab->store, service(lab, "b", "one", "\"app\":\"x\",\"tier\":\"front\"")));
    AUTO(buf) struct buf all = BUF_OWN;
    AUTO(buf) struct buf of_b = BUF_OWN;
    AUTO(buf) struct buf with_value = BUF_OWN;
    AUTO(buf) struct buf with_label = BUF_OWN;

    names_of(lab, NULL, NULL, NULL, &all);
    names_of(lab, "b", NULL, NULL, &of_b);
    names_of(lab, "b", "app", "x", &with_value);
    names_of(lab, NULL, "tier", NULL, &with_label);

    assert_string_equal(buf_text(&all), "a/three b/one b/two ");
    assert_string_equal(buf_text(&of_b), "b/one b/two ");
    assert_string_equal(buf_text(&with_value), "b/one b/two ");
    assert_string_equal(buf_text(&with_label), "b/one ");
}

static void a_changed_label_moves_the_object_in_the_index(void **state)
{
    struct lab *lab = *state;
    object_unref(store_put(lab->store, service(lab, "a", "s", "\"app\":\"x\"")));
    AUTO(buf) struct buf old = BUF_OWN;
    AUTO(buf) struct buf new = BUF_OWN;

    object_unref(store_put(lab->store, service(lab, "a", "s", "\"app\":\"y\"")));
    names_of(lab, NULL, "app", "x", &old);
    names_of(lab, NULL, "app", "y", &new);

    assert_string_equal(buf_text(&old), "");
    assert_string_equal(buf_text(&new), "a/s ");
    assert_int_equal(store_count(lab->store, NULL), 1);
}

/* Names from files may hold any character. */
static void names_that_run_into_each_other_stay_apart(void **state)
{
    struct lab *lab = *state;
    object_unref(store_put(lab->store, service(lab, "a", "b/c", "\"l\":\"m=n\"")));
    object_unref(store_put(lab->store, service(lab, "a/b", "c", "\"l=m\":\"n\"")));
    const struct store_kind *kind = store_kinds_find(lab->kinds, "v1/Service");
    AUTO(buf) struct buf names = BUF_OWN;

    names_of(lab, NULL, "l", "m=n", &names);

    assert_int_equal(store_count(lab->store, kind), 2);
    assert_string_equal(buf_text(&names), "a/b/c ");
    assert_string_equal(store_find(lab->store, kind, "a/b", "c")->name, "c");
    buf_clear(&names);
    names_of(lab, NULL, "l=m", "n", &names);
    assert_string_equal(buf_text(&names), "a/b/c ");
    buf_clear(&names);
    names_of(lab, NULL, "l=m=n", NULL, &names);
    assert_string_equal(buf_text(&names), "");
    object_unref(store_take(lab->store, kind, "a", "b/c"));
    assert_non_null(store_find(lab->store, kind, "a/b", "c"));
}

static void what_is_no_object_is_refused_with_the_field(void **state)
{
    static const struct {
        const char *text, *said;
    } cases[] = {
        {"{}", "apiVersion and kind"},
        {"{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"x\"}}", "no rule reads v1/Pod"},
        {"{\"apiVersion\":\"v1\",\"kind\":\"Service\"}", "without metadata"},
        {"{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{}}", "metadata.name"},
        {"{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"x\",\"labels\":{\"a\":1}}}",
         "metadata.labels.a"},
        {"{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"x\",\"annotations\":{\"a\":true}}}",
         "metadata.annotations.a"},
        {"{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"x\",\"annotations\":[]}}",
         "metadata.annotations"},
    };
    struct lab *lab = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct object *object = NULL;
        struct err err = ERR_INIT;

        int rc = object_parse(lab->kinds, cases[i].text, strlen(cases[i].text), NULL, &object, &err);

        assert_true(rc < 0);
        if (strstr(err.text, cases[i].said) == NULL)
            fail_msg("'%s' does not say '%s'", err.text, cases[i].said);
    }
}

static void managed_fields_are_dropped_and_versions_of_one_shape_share_a_row(void **state)
{
    static const char text[] = "{\"apiVersion\":\"gateway.networking.k8s.io/"
                               "v1beta1\",\"kind\":\"HTTPRoute\",\"metadata\":{\"name\":\"r\",\"namespace\":"
                               "\"n\",\"uid\":\"u\",\"generation\":4,\"managedFields\":[{\"manager\":\"x\"}]}}";
    struct lab *lab = *state;
    struct object *object = NULL;
    struct err err = ERR_INIT;

    int rc = object_parse(lab->kinds, text, sizeof(text) - 1, NULL, &object, &err);

    assert_int_equal(rc, 0);
    assert_string_equal(object->kind->id, "gateway.networking.k8s.io/v1/HTTPRoute");
    assert_null(strstr(object->text, "managedFields"));
    assert_int_equal(object->generation, 4);
    object_unref(object);
}

static void an_operators_kind_gets_a_row(void **state)
{
    struct lab *lab = *state;
    struct err err = ERR_INIT;

    const struct store_kind *kind = store_kinds_add(lab->kinds, "example.com/v1/Widget", &err);
    store_kinds_learn(lab->kinds, kind, "widgets", false);

    assert_non_null(kind);
    assert_ptr_equal(store_kinds_find_object(lab->kinds, "example.com/v1", "Widget"), kind);
    assert_string_equal(kind->plural, "widgets");
    assert_false(kind->namespaced);
    assert_null(store_kinds_add(lab->kinds, "Widget", &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lists_come_sorted_and_by_label, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_changed_label_moves_the_object_in_the_index, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_that_run_into_each_other_stay_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_object_is_refused_with_the_field, set_up, tear_down),
        cmocka_unit_test_setup_teardown(managed_fields_are_dropped_and_versions_of_one_shape_share_a_row, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_operators_kind_gets_a_row, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
