/* One kind kept up to date, against a server that says exactly what a script tells it to. */
#include "kube/reflector.h"
#include "kube_room.h"

#define LIST(version, items)                                                                                           \
    "{\"kind\":\"ConfigMapList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"" version                   \
    "\"},\"items\":[" items "]}"
#define PAGE(version, token, items)                                                                                    \
    "{\"kind\":\"ConfigMapList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"" version                   \
    "\",\"continue\":\"" token "\"},\"items\":[" items "]}"
#define ITEM(name, version)                                                                                            \
    "{\"metadata\":{\"name\":\"" name "\",\"namespace\":\"n\",\"resourceVersion\":\"" version "\"}}"
#define WHOLE(name, version)                                                                                           \
    "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"" name                                     \
    "\",\"namespace\":\"n\",\"resourceVersion\":\"" version "\"}}"
#define EVENT(type, object) "{\"type\":\"" type "\",\"object\":" object "}\n"
#define BOOKMARK(version)                                                                                              \
    EVENT("BOOKMARK", "{\"kind\":\"ConfigMap\",\"metadata\":{\"resourceVersion\":\"" version "\"}}")
#define LIST_END(version)                                                                                              \
    EVENT("BOOKMARK", "{\"kind\":\"ConfigMap\",\"metadata\":{\"resourceVersion\":\"" version                           \
                      "\",\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}}}")
#define GONE_STATUS "{\"kind\":\"Status\",\"code\":410,\"reason\":\"Expired\",\"message\":\"too old resource version\"}"
#define DENIED_STATUS                                                                                                  \
    "{\"kind\":\"Status\",\"code\":403,\"reason\":\"Forbidden\",\"message\":\"configmaps is forbidden\"}"
#define FROM(version) "resourceVersion=" version "&timeoutSeconds="

static struct kube_reflector *reflector;
static uint64_t idle_ms;   /* for the next start; 0: the usual */
static uint64_t relist_ms; /* the same */

static void on_object(void *user, struct object *object)
{
    struct kube_room *room = user;
    AUTO(text) char *line = xasprintf("object %s/%s %s", object->namespace, object->name, object->resource_version);
    room_tell(room, line);
    object_unref(object);
}

static void on_gone(void *user, const struct store_kind *kind, const char *namespace, const char *name)
{
    AUTO(text) char *line = xasprintf("gone %s/%s", namespace, name);
    room_tell(user, line);
}

static void on_bad(void *user, const struct store_kind *kind, const char *namespace, const char *name,
                   const struct err *why)
{
    AUTO(text) char *line = xasprintf("bad %s/%s", namespace, name);
    room_tell(user, line);
}

static void on_state(void *user, const struct store_kind *kind, enum kube_state state, const char *reason)
{
    AUTO(text) char *line = xasprintf("%s", kube_state_text(state));
    room_tell(user, line);
}

static void start(struct kube_room *room, const struct step *steps, const char *kind, bool paged)
{
    room->steps = steps;
    struct kube_reflector_options options = {
        .client = room->client,
        .discovery = room->discovery,
        .kinds = room->kinds,
        .kind = store_kinds_find(room->kinds, kind),
        .paged_lists = paged,
        .retry_first_ms = 2,
        .watch_idle_ms = idle_ms,
        .relist_ms = relist_ms,
        .events = {on_object, on_gone, on_bad, on_state, room},
    };
    reflector = kube_reflector_new(&options);
}

static int drop(void **state)
{
    kube_reflector_free(reflector);
    reflector = NULL;
    idle_ms = relist_ms = 0;
    return room_drop(state);
}

static void pages_are_read_to_the_end_before_the_kind_is_synced(void **state)
{
    static const struct step steps[] = {
        ANSWER("GET /api/v1/configmaps?limit=500 ", 200, PAGE("7", "to/ken", ITEM("a", "1") "," ITEM("b", "2"))),
        ANSWER("GET /api/v1/configmaps?limit=500&continue=to%2Fken ", 200, LIST("7", ITEM("c", "3"))),
        STREAM("GET /api/v1/configmaps?watch=1&allowWatchBookmarks=true&" FROM("7"), ""),
        END,
    };
    start(*state, steps, "v1/ConfigMap", true);

    room_expect(*state, "object n/a 1\nobject n/b 2\nobject n/c 3\nsynced\n");
    room_expect_steps(*state, 3);

    struct kube_reflector_status status = kube_reflector_status(reflector);
    assert_int_equal(status.objects, 3);
    assert_int_equal(status.lists, 1);
    assert_true(status.synced_once);
}

static void a_streaming_list_is_synced_at_its_bookmark_and_watches_on(void **state)
{
    static const struct step steps[] = {
        STREAM("sendInitialEvents=true&resourceVersionMatch=NotOlderThan", EVENT("ADDED", WHOLE("a", "1"))),
        END,
    };
    struct kube_room *room = *state;
    start(room, steps, "v1/ConfigMap", false);
    room_expect(room, "object n/a 1\n");
    assert_false(kube_reflector_status(reflector).synced_once);

    room_send(room->stream, LIST_END("9"));
    room_expect(room, "object n/a 1\nsynced\n");
    room_send(room->stream, EVENT("DELETED", WHOLE("a", "10")) EVENT("ADDED", WHOLE("b", "11")));

    room_expect(room, "object n/a 1\nsynced\ngone n/a\nobject n/b 11\n");
}

static void a_server_without_streaming_lists_is_asked_for_pages(void **state)
{
    static const struct step steps[] = {
        ANSWER("sendInitialEvents=true", 422, "{\"kind\":\"Status\",\"reason\":\"Invalid\"}"),
        ANSWER("GET /api/v1/configmaps?limit=500 ", 200, LIST("7", ITEM("a", "1"))),
        STREAM(FROM("7"), ""),
        END,
    };
    start(*state, steps, "v1/ConfigMap", false);

    room_expect(*state, "object n/a 1\nsynced\n");
    room_expect_steps(*state, 3);
}

static void a_streaming_list_that_is_cut_removes_nothing_and_is_done_again_in_pages(void **state)
{
    static const struct step steps[] = {
        STREAM("sendInitialEvents=true", EVENT("ADDED", WHOLE("a", "1")) EVENT("ADDED", WHOLE("b", "2"))),
        ANSWER("GET /api/v1/configmaps?limit=500 ", 200, LIST("7", ITEM("b", "2") "," ITEM("c", "3"))),
        STREAM(FROM("7"), ""),
        END,
    };
    struct kube_room *room = *state;
    start(room, steps, "v1/ConfigMap", false);
    room_expect(room, "object n/a 1\nobject n/b 2\n");

    raw_close(room->stream);

    room_expect(room, "object n/a 1\nobject n/b 2\nobject n/c 3\ngone n/a\nsynced\n");
    room_expect_steps(room, 3);
}

static void events_split_anywhere_arrive_whole(void **state)
{
    static const struct step steps[] = {
        ANSWER("limit=500", 200, LIST("7", "")),
        STREAM(FROM("7"), ""),
        END,
    };
    struct kube_room *room = *state;
    start(room, steps, "v1/ConfigMap", true);
    room_expect_steps(room, 2);

    const char *text = EVENT("ADDED", WHOLE("a", "8"));
    for (const char *at = text; *at != '\0'; at++) {
        AUTO(text) char *letter = xstrndup(at, 1);
        room_send(room->stream, letter);
    }
    room_send(room->stream, EVENT("MODIFIED", WHOLE("a", "9")) "{\"type\":\"DELE");
    room_expect(room, "synced\nobject n/a 8\nobject n/a 9\n");
    room_send(room->stream, "TED\",\"object\":" WHOLE("a", "10") "}\n");

    room_expect(room, "synced\nobject n/a 8\nobject n/a 9\ngone n/a\n");
}

static void a_watch_that_ends_goes_on_at_the_last_version_without_a_list(void **state)
{
    static const struct step steps[] = {
        ANSWER("limit=500", 200, LIST("7", ITEM("a", "1"))),
        STREAM(FROM("7"), EVENT("MODIFIED", WHOLE("a", "8"))),
        STREAM(FROM("8"), BOOKMARK("12")),
        STREAM(FROM("12"), EVENT("ADDED", WHOLE("b", "13"))),
        END,
    };
    struct kube_room *room = *state;
    start(room, steps, "v1/ConfigMap", true);
    room_expect(room, "object n/a 1\nsynced\nobject n/a 8\n");

    room_end(room->stream);
    room_expect_steps(room, 3);
    loop_run_once(room->loop, true); /* takes the bookmark in */
    room_end(room->stream);

    room_expect(room, "object n/a 1\nsynced\nobject n/a 8\nobject n/b 13\n");
}

static void after_410_as_an_event_a_list_tells_what_is_gone_and_what_is_new(void **state)
{
    static const struct step steps[] = {
        ANSWER("limit=500", 200, LIST("7", ITEM("a", "1") "," ITEM("b", "2") "," ITEM("c", "3"))),
        STREAM(FROM("7"), EVENT("ERROR", GONE_STATUS)),
        ANSWER("limit=500", 200, LIST("20", ITEM("a", "1") "," ITEM("c", "15") "," ITEM("d", "16"))),
        STREAM(FROM("20"), ""),
        END,
    };
    start(*state, steps, "v1/ConfigMap", true);

    room_expect(*state, "object n/a 1\nobject n/b 2\nobject n/c 3\nsynced\nobject n/c 15\nobject n/d 16\ngone n/b\n");
    room_expect_steps(*state, 4);

    assert_int_equal(kube_reflector_status(reflector).state, KUBE_SYNCED);
    assert_int_equal(kube_reflector_status(reflector).objects, 3);
}

static void after_410_as_a_status_a_list_follows_too(void **state)
{
    static const struct step steps[] = {
        ANSWER("limit=500", 200, LIST("7", ITEM("a", "1"))),
        ANSWER(FROM("7"), 410, GONE_STATUS),
        ANSWER("limit=500", 200, LIST("20", "")),
        STREAM(FROM("20"), ""),
        END,
    };
    start(*state, steps, "v1/ConfigMap", true);

    room_expect(*state, "object n/a 1\nsynced\ngone n/a\n");
    room_expect_steps(*state, 4);
}

static void an_expired_page_begins_the_list_again_in_one_piece(void **state)
{
    static const struct step steps[] = {
        ANSWER("?limit=500 ", 200, PAGE("7", "t", ITEM("a", "1"))),
        ANSWER("continue=t", 410, GONE_STATUS),
        ANSWER("?limit=0 ", 200, LIST("9", ITEM("a", "1") "," ITEM("b", "2"))),
        STREAM(FROM("9"), ""),
        END,
    };
    start(*state, steps, "v1/ConfigMap", true);

    room_expect(*state, "object n/a 1\nobject n/b 2\nsynced\n");
    room_expect_steps(*state, 4);
}

static void a_list_that_is_not_whole_removes_nothing(void **state)
{
    static const struct step steps[] = {
        ANSWER("limit=500", 200, LIST("7", ITEM("a", "1") "," ITEM("b", "2"))),
        ANSWER(FROM("7"), 410, GONE_STATUS),
        ANSWER("limit=500", 200, "{\"metadata\":{\"resourceVersion\":\"8\"},\"items\":[" ITEM("a", "1") "]"),
        ANSWER("limit=500", 200, "{\"metadata\":{},\"items\":[]}"),
        ANSWER("limit=500", 200, LIST("9", ITEM("a", "1"))),
        STREAM(FROM("9"), ""),
        END,
    };
    start(*state, steps, "v1/ConfigMap", true);

    room_expect_steps(*state, 6);

    assert_string_equal(buf_text(&((struct kube_room *)*state)->story),
                        "object n/a 1\nobject n/b 2\nsynced\ngone n/b\n");
}

static void what_may_not_be_read_is_frozen_until_a_list_succeeds(void **state)
{
    static const struct step steps[] = {
        ANSWER("limit=500", 403, DENIED_STATUS),
        ANSWER("limit=500", 200, LIST("7", ITEM("a", "1"))),
        ANSWER(FROM("7"), 403, DENIED_STATUS),
        ANSWER("limit=500", 403, DENIED_STATUS),
        ANSWER("limit=500", 200, LIST("9", "")),
        STREAM(FROM("9"), ""),
        END,
    };
    start(*state, steps, "v1/ConfigMap", true);

    room_expect_steps(*state, 6);

    assert_string_equal(buf_text(&((struct kube_room *)*state)->story),
                        "frozen\nobject n/a 1\nsynced\nfrozen\ngone n/a\nsynced\n");
    assert_int_equal(kube_reflector_status(reflector).errors, 3);
}

static void trouble_freezes_after_three_failures_in_a_row(void **state)
{
    static const struct step steps[] = {
        ANSWER("limit=500", 200, LIST("7", ITEM("a", "1"))),
        ANSWER(FROM("7"), 503, "{}"),
        ANSWER(FROM("7"), 500, "{}"),
        ANSWER(FROM("7"), 503, "{}"),
        ANSWER("limit=500", 200, LIST("9", ITEM("a", "1"))),
        STREAM(FROM("9"), ""),
        END,
    };
    start(*state, steps, "v1/ConfigMap", true);

    room_expect_steps(*state, 6);

    assert_string_equal(buf_text(&((struct kube_room *)*state)->story), "object n/a 1\nsynced\nfrozen\nsynced\n");
}

static void a_broken_line_ends_the_watch_and_costs_nothing_else(void **state)
{
    static const struct step steps[] = {
        ANSWER("limit=500", 200, LIST("7", ITEM("a", "1"))),
        STREAM(FROM("7"), EVENT("MODIFIED", WHOLE("a", "8")) "{\"type\":\"MODIFIED\",\"object\":{{{\n"),
        STREAM(FROM("8"), EVENT("MODIFIED", WHOLE("a", "9"))),
        END,
    };
    start(*state, steps, "v1/ConfigMap", true);

    room_expect(*state, "object n/a 1\nsynced\nobject n/a 8\nobject n/a 9\n");

    assert_int_equal(kube_reflector_status(reflector).errors, 1);
}

static void a_bad_object_is_reported_and_its_last_good_version_stays(void **state)
{
#define BAD(version)                                                                                                   \
    "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\",\"namespace\":\"n\","                  \
    "\"resourceVersion\":\"" version "\",\"labels\":{\"x\":1}}}"
    static const struct step steps[] = {
        ANSWER("limit=500", 200, LIST("7", ITEM("a", "1") "," ITEM("b", "2"))),
        STREAM(FROM("7"), EVENT("MODIFIED", BAD("8"))),
        ANSWER("limit=500", 200, LIST("20", BAD("8") "," ITEM("b", "2"))),
        STREAM(FROM("20"), EVENT("MODIFIED", WHOLE("a", "21"))),
        END,
    };
    struct kube_room *room = *state;
    start(room, steps, "v1/ConfigMap", true);
    room_expect(room, "object n/a 1\nobject n/b 2\nsynced\nbad n/a\n");

    room_send(room->stream, EVENT("ERROR", GONE_STATUS));

    room_expect(room, "object n/a 1\nobject n/b 2\nsynced\nbad n/a\nobject n/a 21\n");
}

static void an_item_without_a_name_keeps_a_list_from_saying_what_is_gone(void **state)
{
    static const struct step steps[] = {
        ANSWER("limit=500", 200, LIST("7", ITEM("a", "1"))),
        ANSWER(FROM("7"), 410, GONE_STATUS),
        ANSWER("limit=500", 200, LIST("9", "{\"metadata\":{}}")),
        STREAM(FROM("9"), ""),
        END,
    };
    start(*state, steps, "v1/ConfigMap", true);

    room_expect_steps(*state, 4);

    assert_string_equal(buf_text(&((struct kube_room *)*state)->story), "object n/a 1\nsynced\nbad /\n");
    assert_int_equal(kube_reflector_status(reflector).objects, 1);
}

static void older_versions_of_an_object_are_old_news(void **state)
{
    static const struct step steps[] = {
        ANSWER("limit=500", 200, LIST("7", ITEM("a", "6"))),
        STREAM(FROM("7"),
               EVENT("MODIFIED", WHOLE("a", "5")) EVENT("DELETED", WHOLE("a", "5")) EVENT("MODIFIED", WHOLE("a", "8"))),
        END,
    };
    start(*state, steps, "v1/ConfigMap", true);

    room_expect(*state, "object n/a 6\nsynced\nobject n/a 8\n");
}

static void an_object_that_was_removed_does_not_come_back_by_an_old_event(void **state)
{
    static const struct step steps[] = {
        ANSWER("limit=500", 200, LIST("7", ITEM("a", "6"))),
        STREAM(FROM("7"),
               EVENT("DELETED", WHOLE("a", "8")) EVENT("ADDED", WHOLE("a", "6")) EVENT("ADDED", WHOLE("b", "9"))),
        END,
    };
    start(*state, steps, "v1/ConfigMap", true);

    room_expect(*state, "object n/a 6\nsynced\ngone n/a\nobject n/b 9\n");
}

static void a_watch_that_falls_silent_is_begun_again(void **state)
{
    static const struct step steps[] = {
        ANSWER("limit=500", 200, LIST("7", ITEM("a", "6"))),
        STREAM(FROM("7"), BOOKMARK("8")),
        STREAM(FROM("8"), EVENT("ADDED", WHOLE("b", "9"))),
        END,
    };
    idle_ms = 100;
    start(*state, steps, "v1/ConfigMap", true);

    room_expect(*state, "object n/a 6\nsynced\nobject n/b 9\n");
    assert_int_equal(kube_reflector_status(reflector).errors, 0);
}

static void a_server_that_answers_nothing_at_all_is_given_up_three_times_and_frozen(void **state)
{
    static const struct step steps[] = {
        ANSWER("limit=500", 200, LIST("7", ITEM("a", "6"))),
        STREAM(FROM("7"), ""),
        STREAM(FROM("7"), ""),
        STREAM(FROM("7"), ""),
        ANSWER("limit=500", 200, LIST("7", ITEM("a", "6"))),
        STREAM(FROM("7"), ""),
        END,
    };
    idle_ms = 50;
    start(*state, steps, "v1/ConfigMap", true);

    room_expect(*state, "object n/a 6\nsynced\nfrozen\nsynced\n");
}

static void a_list_from_time_to_time_finds_what_a_watch_has_lost(void **state)
{
    static const struct step steps[] = {
        ANSWER("limit=500", 200, LIST("7", ITEM("a", "5") "," ITEM("b", "6"))),
        STREAM(FROM("7"), ""),
        ANSWER("limit=500", 200, LIST("20", ITEM("b", "18"))),
        STREAM(FROM("20"), ""),
        END,
    };
    relist_ms = 300;
    start(*state, steps, "v1/ConfigMap", true);
    relist_ms = 0;

    room_expect(*state, "object n/a 5\nobject n/b 6\nsynced\nobject n/b 18\ngone n/a\n");
}

static void a_list_older_than_what_was_seen_is_refused_and_at_last_believed(void **state)
{
#define STALE ANSWER("limit=500", 200, LIST("5", ITEM("a", "4")))
    static const struct step steps[] = {
        ANSWER("limit=500", 200, LIST("9", ITEM("a", "6") "," ITEM("b", "7"))),
        ANSWER(FROM("9"), 410, GONE_STATUS),
        STALE,
        STALE,
        STALE,
        STALE,
        STALE,
        STALE,
        STREAM(FROM("5"), ""),
        END,
    };
    struct kube_room *room = *state;
    start(room, steps, "v1/ConfigMap", true);

    room_expect_steps(room, 7);
    assert_string_equal(buf_text(&room->story), "object n/a 6\nobject n/b 7\nsynced\nfrozen\n");
    room_expect_steps(room, 9);

    assert_string_equal(buf_text(&room->story),
                        "object n/a 6\nobject n/b 7\nsynced\nfrozen\nobject n/a 4\ngone n/b\nsynced\n");
}

static void a_list_that_says_its_version_last_is_refused_too(void **state)
{
    static const struct step steps[] = {
        ANSWER("limit=500", 200, LIST("9", ITEM("a", "6") "," ITEM("b", "7"))),
        ANSWER(FROM("9"), 410, GONE_STATUS),
        ANSWER("limit=500", 200, "{\"items\":[" ITEM("a", "6") "],\"metadata\":{\"resourceVersion\":\"6\"}}"),
        ANSWER("limit=500", 200, LIST("9", ITEM("a", "6") "," ITEM("b", "7"))),
        STREAM(FROM("9"), ""),
        END,
    };
    struct kube_room *room = *state;
    start(room, steps, "v1/ConfigMap", true);

    room_expect_steps(room, 5);

    assert_string_equal(buf_text(&room->story), "object n/a 6\nobject n/b 7\nsynced\n");
    assert_int_equal(kube_reflector_status(reflector).errors, 1);
}

#define PLUGINS(verbs)                                                                                                 \
    "{\"resources\":[{\"name\":\"kongplugins\",\"kind\":\"KongPlugin\",\"namespaced\":true,\"verbs\":[" verbs "]}]}"
#define PLUGIN(name, version)                                                                                          \
    "{\"apiVersion\":\"configuration.konghq.com/v1\",\"kind\":\"KongPlugin\",\"metadata\":{\"name\":\"" name           \
    "\",\"namespace\":\"n\",\"resourceVersion\":\"" version "\"}}"
#define PLUGIN_KIND "configuration.konghq.com/v1/KongPlugin"

static void a_kind_that_is_not_served_is_waited_for_and_is_not_empty(void **state)
{
    static const struct step steps[] = {
        ANSWER("GET /apis/configuration.konghq.com/v1/kongplugins?limit=500", 200, LIST("7", PLUGIN("a", "1"))),
        STREAM(FROM("7"), ""),
        END,
    };
    struct kube_room *room = *state;
    start(room, steps, PLUGIN_KIND, true);
    room_expect(room, "waiting\n");
    assert_false(kube_reflector_status(reflector).synced_once);

    room->definitions = PLUGINS("\"create\",\"delete\",\"list\"");

    room_expect(room, "waiting\nobject n/a 1\nsynced\n");
}

static void removing_a_definition_freezes_the_kind_and_removes_nothing(void **state)
{
    static const struct step steps[] = {
        ANSWER("limit=500", 200, LIST("7", PLUGIN("a", "1") "," PLUGIN("b", "2"))),
        STREAM(FROM("7"), ""),
        ANSWER("limit=500", 200, LIST("30", PLUGIN("b", "29"))),
        STREAM(FROM("30"), ""),
        END,
    };
    struct kube_room *room = *state;
    room->definitions = PLUGINS("\"create\",\"delete\",\"list\"");
    start(room, steps, PLUGIN_KIND, true);
    room_expect(room, "object n/a 1\nobject n/b 2\nsynced\n");
    room_expect_steps(room, 2);

    room->definitions = PLUGINS("\"delete\",\"list\"");
    room_send(room->stream, EVENT("DELETED", PLUGIN("a", "8")) EVENT("DELETED", PLUGIN("b", "9")));
    room_expect(room, "object n/a 1\nobject n/b 2\nsynced\nfrozen\n");
    assert_int_equal(kube_reflector_status(reflector).objects, 2);
    room->definitions = PLUGINS("\"create\",\"delete\",\"list\"");

    /* What the list after its return leaves out is gone, once discovery has agreed again. */
    room_expect(room, "object n/a 1\nobject n/b 2\nsynced\nfrozen\nobject n/b 29\nsynced\ngone n/a\n");
}

static void a_single_object_of_a_defined_kind_goes_once_discovery_agrees(void **state)
{
    static const struct step steps[] = {
        ANSWER("limit=500", 200, LIST("7", PLUGIN("a", "1") "," PLUGIN("b", "2"))),
        STREAM(FROM("7"),
               EVENT("DELETED", PLUGIN("a", "8")) EVENT("DELETED", PLUGIN("b", "9")) EVENT("ADDED", PLUGIN("b", "10"))),
        END,
    };
    struct kube_room *room = *state;
    room->definitions = PLUGINS("\"create\",\"delete\",\"list\"");
    start(room, steps, PLUGIN_KIND, true);

    room_expect(room, "object n/a 1\nobject n/b 2\nsynced\nobject n/b 10\ngone n/a\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, room_make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pages_are_read_to_the_end_before_the_kind_is_synced),
        TEST(a_streaming_list_is_synced_at_its_bookmark_and_watches_on),
        TEST(a_server_without_streaming_lists_is_asked_for_pages),
        TEST(a_streaming_list_that_is_cut_removes_nothing_and_is_done_again_in_pages),
        TEST(events_split_anywhere_arrive_whole),
        TEST(a_watch_that_ends_goes_on_at_the_last_version_without_a_list),
        TEST(after_410_as_an_event_a_list_tells_what_is_gone_and_what_is_new),
        TEST(after_410_as_a_status_a_list_follows_too),
        TEST(an_expired_page_begins_the_list_again_in_one_piece),
        TEST(a_list_that_is_not_whole_removes_nothing),
        TEST(what_may_not_be_read_is_frozen_until_a_list_succeeds),
        TEST(trouble_freezes_after_three_failures_in_a_row),
        TEST(a_broken_line_ends_the_watch_and_costs_nothing_else),
        TEST(a_bad_object_is_reported_and_its_last_good_version_stays),
        TEST(an_item_without_a_name_keeps_a_list_from_saying_what_is_gone),
        TEST(older_versions_of_an_object_are_old_news),
        TEST(an_object_that_was_removed_does_not_come_back_by_an_old_event),
        TEST(a_watch_that_falls_silent_is_begun_again),
        TEST(a_server_that_answers_nothing_at_all_is_given_up_three_times_and_frozen),
        TEST(a_list_from_time_to_time_finds_what_a_watch_has_lost),
        TEST(a_list_older_than_what_was_seen_is_refused_and_at_last_believed),
        TEST(a_list_that_says_its_version_last_is_refused_too),
        TEST(a_kind_that_is_not_served_is_waited_for_and_is_not_empty),
        TEST(removing_a_definition_freezes_the_kind_and_removes_nothing),
        TEST(a_single_object_of_a_defined_kind_goes_once_discovery_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
