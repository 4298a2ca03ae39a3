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
    struct buf bad;     /* "title file:line" a line */
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

static void take_bad(void *user, const char *file, int line, const char *title, const struct err *err)
{
    struct seen *seen = user;
    buf_printf(&seen->bad, "%s %s:%d\n", title, below(seen, file), line);
}

static int setup(void **state)
{
    struct seen *seen = xcalloc(1, sizeof(*seen));
    scratch_make(&seen->scratch);
    seen->kinds = store_kinds_new();
    seen->objects = seen->bad = (struct buf)BUF_OWN;
    seen->reader = (struct files_reader){.kinds = seen->kinds, .object = take_object, .bad = take_bad, .user = seen};
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
    assert_string_equal(buf_text(&seen->bad), "Nothing x m.yaml:5\n m.yaml:8\n");
}

static void what_stands_before_broken_yaml_is_delivered_and_other_files_are_read(void **state)
{
    struct seen *seen = *state;
    scratch_write(&seen->scratch, "a.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n---\nkey: [\n");
    scratch_write(&seen->scratch, "b.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: b}\n");
    struct err err = ERR_INIT;

    int rc = files_read(&seen->reader, seen->scratch.path, &err);

    assert_true(rc < 0);
    assert_non_null(strstr(err.text, "a.yaml: line "));
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
    assert_string_equal(buf_text(&seen->objects), "Service default/a l.yaml:1\nNamespace /b l.yaml:1\n");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_folder_is_read_in_byte_order_of_its_paths, setup, teardown),
        cmocka_unit_test_setup_teardown(string_data_of_a_secret_goes_over_its_data, setup, teardown),
        cmocka_unit_test_setup_teardown(a_bad_document_does_not_hide_the_others, setup, teardown),
        cmocka_unit_test_setup_teardown(what_stands_before_broken_yaml_is_delivered_and_other_files_are_read, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(lists_are_unpacked, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_that_is_not_there_is_an_error_with_its_name, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
