/* Status patches: which are sent, and which would change nothing. */
#include "kube/status.h"
#include "kube_room.h"

static struct kube_status_writer *writer;

static void on_done(void *user, const struct store_kind *kind, const char *namespace, const char *name,
                    const struct kube_answer *answer)
{
    AUTO(text) char *line = xasprintf("%s/%s %s", namespace, name, kube_failure_text(answer->failure));
    room_tell(user, line);
}

static int make(void **state)
{
    room_make(state);
    struct kube_room *room = *state;
    writer = kube_status_new(room->client, room->discovery, on_done, room);
    return 0;
}

static int drop(void **state)
{
    kube_status_free(writer);
    return room_drop(state);
}

static struct json *json_of(const char *text)
{
    struct json *value = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(json_parse(text, strlen(text), &value, &err), 0);
    return value;
}

/* A Service of that version with that status (JSON). */
static struct object *service(const struct kube_room *room, const char *version, const char *status)
{
    AUTO(text)
    char *text = xasprintf("{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"s\",\"namespace\":"
                           "\"n\",\"resourceVersion\":\"%s\"},\"status\":%s}",
                           version, status);
    struct object *object = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(object_parse(room->kinds, text, strlen(text), NULL, &object, &err), 0);
    return object;
}

static void write_status(struct kube_room *room, const char *version, const char *present, const char *wanted,
                         bool exact)
{
    AUTO(object) struct object *object = service(room, version, present);
    AUTO(json) struct json *status = json_of(wanted);
    assert_true(kube_status_write(writer, object, status, exact));
}

static void a_merge_that_changes_nothing_is_known(void **state)
{
    static const struct {
        const char *value, *patch;
        bool differs;
    } cases[] = {
        {"{\"a\":1,\"b\":2}", "{\"a\":1}", false},
        {"{\"a\":1}", "{\"a\":2}", true},
        {"{\"a\":{\"b\":1}}", "{\"a\":{\"b\":1}}", false},
        {"{\"a\":{\"b\":1}}", "{\"a\":{\"c\":1}}", true},
        {"{\"a\":1}", "{\"b\":null}", false},
        {"{\"b\":1}", "{\"b\":null}", true},
        {"{\"a\":[1,2]}", "{\"a\":[1,2]}", false},
        {"{\"a\":[1,2]}", "{\"a\":[2,1]}", true},
        {"{}", "{}", false},
        {"{\"a\":1}", "{\"a\":{}}", true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(json) struct json *value = json_of(cases[i].value);
        AUTO(json) struct json *patch = json_of(cases[i].patch);

        assert_int_equal(kube_status_differs(value, patch), cases[i].differs);
    }
}

static void what_is_so_already_is_not_sent(void **state)
{
    struct kube_room *room = *state;

    write_status(room, "1", "{\"x\":1,\"y\":2}", "{\"x\":1}", false);

    assert_int_equal(kube_status_counts(writer).skipped, 1);
    assert_int_equal(kube_status_counts(writer).waiting, 0);
}

static void a_status_is_sent_once_however_often_it_is_said(void **state)
{
    static const struct step steps[] = {
        ANSWER("PATCH /api/v1/namespaces/n/services/s/status ", 200, "{\"metadata\":{\"resourceVersion\":\"5\"}}"),
        ANSWER("{\"status\":{\"x\":2}}", 200, "{\"metadata\":{\"resourceVersion\":\"6\"}}"),
        END,
    };
    struct kube_room *room = *state;
    room->steps = steps;
    write_status(room, "1", "{}", "{\"x\":1}", false);
    write_status(room, "1", "{}", "{\"x\":1}", false);
    room_expect(room, "n/s ok\n");

    write_status(room, "1", "{}", "{\"x\":1}", false);        /* our copy is older than the write */
    write_status(room, "5", "{\"x\":1}", "{\"x\":1}", false); /* it came back */
    write_status(room, "5", "{\"x\":1}", "{\"x\":2}", false); /* news */

    room_expect(room, "n/s ok\nn/s ok\n");
    assert_int_equal(kube_status_counts(writer).sent, 2);
}

static void a_status_that_another_changed_is_written_again(void **state)
{
    static const struct step steps[] = {
        ANSWER("PATCH ", 200, "{\"metadata\":{\"resourceVersion\":\"5\"}}"),
        ANSWER("{\"status\":{\"x\":1}}", 200, "{\"metadata\":{\"resourceVersion\":\"9\"}}"),
        END,
    };
    struct kube_room *room = *state;
    room->steps = steps;
    write_status(room, "1", "{}", "{\"x\":1}", false);
    room_expect(room, "n/s ok\n");

    write_status(room, "8", "{\"x\":7}", "{\"x\":1}", false);

    room_expect(room, "n/s ok\nn/s ok\n");
}

static void the_newest_of_several_statuses_follows_what_is_under_way(void **state)
{
    static const struct step steps[] = {
        ANSWER("{\"status\":{\"x\":1}}", 200, "{\"metadata\":{\"resourceVersion\":\"5\"}}"),
        ANSWER("{\"status\":{\"x\":4}}", 200, "{\"metadata\":{\"resourceVersion\":\"6\"}}"),
        END,
    };
    struct kube_room *room = *state;
    room->steps = steps;

    write_status(room, "1", "{}", "{\"x\":1}", false);
    write_status(room, "1", "{}", "{\"x\":2}", false);
    write_status(room, "1", "{}", "{\"x\":3}", false);
    write_status(room, "1", "{}", "{\"x\":4}", false);

    room_expect(room, "n/s ok\nn/s ok\n");
    assert_int_equal(kube_status_counts(writer).sent, 2);
}

static void an_exact_status_holds_for_its_version_and_reports_conflicts(void **state)
{
    static const struct step steps[] = {
        ANSWER("{\"metadata\":{\"resourceVersion\":\"1\"},\"status\":{\"x\":1}}", 409, "{\"reason\":\"Conflict\"}"),
        END,
    };
    struct kube_room *room = *state;
    room->steps = steps;

    write_status(room, "1", "{}", "{\"x\":1}", true);

    room_expect(room, "n/s conflict\n");
    assert_int_equal(kube_status_counts(writer).failed, 1);
}

static void trouble_is_tried_again(void **state)
{
    static const struct step steps[] = {
        ANSWER("{\"x\":1}", 503, "{}"),
        ANSWER("{\"x\":1}", 200, "{\"metadata\":{\"resourceVersion\":\"5\"}}"),
        END,
    };
    struct kube_room *room = *state;
    room->steps = steps;

    write_status(room, "1", "{}", "{\"x\":1}", false);

    room_expect(room, "n/s ok\n");
}

static void an_object_that_is_gone_is_forgotten(void **state)
{
    static const struct step steps[] = {
        ANSWER("{\"x\":1}", 404, "{}"),
        ANSWER("{\"x\":1}", 200, "{\"metadata\":{\"resourceVersion\":\"5\"}}"),
        ANSWER("{\"x\":1}", 200, "{\"metadata\":{\"resourceVersion\":\"3\"}}"),
        END,
    };
    struct kube_room *room = *state;
    room->steps = steps;
    write_status(room, "1", "{}", "{\"x\":1}", false);
    room_expect(room, "n/s not found\n");
    write_status(room, "1", "{}", "{\"x\":1}", false);
    room_expect(room, "n/s not found\nn/s ok\n");

    kube_status_forget(writer, store_kinds_find(room->kinds, "v1/Service"), "n", "s");
    write_status(room, "2", "{}", "{\"x\":1}", false);

    room_expect(room, "n/s not found\nn/s ok\nn/s ok\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_merge_that_changes_nothing_is_known),
        TEST(what_is_so_already_is_not_sent),
        TEST(a_status_is_sent_once_however_often_it_is_said),
        TEST(a_status_that_another_changed_is_written_again),
        TEST(the_newest_of_several_statuses_follows_what_is_under_way),
        TEST(an_exact_status_holds_for_its_version_and_reports_conflicts),
        TEST(trouble_is_tried_again),
        TEST(an_object_that_is_gone_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
