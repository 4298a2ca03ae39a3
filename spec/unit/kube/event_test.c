/* Events: what is created, counted and dropped. */
#include "kube/event.h"
#include "kube_room.h"

static struct kube_recorder *recorder;

static int make(void **state)
{
    room_make(state);
    recorder = kube_recorder_new(((struct kube_room *)*state)->client, "kongruent", "pod-1");
    return 0;
}

static int drop(void **state)
{
    kube_recorder_free(recorder);
    return room_drop(state);
}

static struct kube_event news(const char *name, const char *message)
{
    return (struct kube_event){.api_version = "v1",
                               .kind = "Service",
                               .namespace = "shop",
                               .name = name,
                               .uid = "u",
                               .resource_version = "7",
                               .warning = true,
                               .reason = "Refused",
                               .message = message};
}

static void wait_until_written(struct kube_room *room)
{
    while (kube_event_counts(recorder).waiting > 0)
        loop_run_once(room->loop, true);
}

static void the_same_news_again_raises_a_count(void **state)
{
    static const struct step steps[] = {
        ANSWER("POST /api/v1/namespaces/shop/events ", 201, "{\"metadata\":{\"name\":\"s.1\"}}"),
        ANSWER("{\"count\":4,", 200, "{}"),
        ANSWER("POST /api/v1/namespaces/shop/events ", 201, "{\"metadata\":{\"name\":\"s.2\"}}"),
        END,
    };
    struct kube_room *room = *state;
    room->steps = steps;
    struct kube_event event = news("s", "port is unknown");
    kube_event_write(recorder, &event);
    room_expect_steps(room, 1);
    wait_until_written(room);

    for (int i = 0; i < 3; i++)
        kube_event_write(recorder, &event);
    room_expect_steps(room, 2);
    event.message = "another";
    kube_event_write(recorder, &event);
    room_expect_steps(room, 3);
    wait_until_written(room);

    struct kube_event_counts counts = kube_event_counts(recorder);
    assert_int_equal(counts.created, 2);
    assert_int_equal(counts.repeated, 1);
}

static void news_of_cluster_wide_objects_goes_to_default(void **state)
{
    static const struct step steps[] = {
        ANSWER("POST /api/v1/namespaces/default/events ", 201, "{\"metadata\":{\"name\":\"s.1\"}}"),
        END,
    };
    struct kube_room *room = *state;
    room->steps = steps;
    struct kube_event event = news("s", "m");
    event.namespace = "";

    kube_event_write(recorder, &event);

    room_expect_steps(room, 1);
}

static void a_count_whose_event_has_expired_becomes_a_new_event(void **state)
{
    static const struct step steps[] = {
        ANSWER("POST ", 201, "{\"metadata\":{\"name\":\"s.1\"}}"),
        ANSWER("PATCH /api/v1/namespaces/shop/events/s.1 ", 404, "{}"),
        ANSWER("POST ", 201, "{\"metadata\":{\"name\":\"s.2\"}}"),
        END,
    };
    struct kube_room *room = *state;
    room->steps = steps;
    struct kube_event event = news("s", "m");
    kube_event_write(recorder, &event);
    room_expect_steps(room, 1);
    wait_until_written(room);

    kube_event_write(recorder, &event);

    room_expect_steps(room, 3);
}

static void what_the_server_refuses_is_dropped(void **state)
{
    static const struct step steps[] = {
        ANSWER("POST ", 403, "{}"),
        ANSWER("\"message\":\"two\"", 201, "{\"metadata\":{\"name\":\"s.1\"}}"),
        END,
    };
    struct kube_room *room = *state;
    room->steps = steps;
    struct kube_event one = news("s", "one");
    struct kube_event two = news("s", "two");

    kube_event_write(recorder, &one);
    kube_event_write(recorder, &two);
    room_expect_steps(room, 2);
    wait_until_written(room);

    assert_int_equal(kube_event_counts(recorder).refused, 1);
    assert_int_equal(kube_event_counts(recorder).created, 1);
}

static void a_full_queue_drops_what_is_new(void **state)
{
    struct kube_room *room = *state;
    for (int i = 0; i < KUBE_EVENT_QUEUE_MAX + 10; i++) {
        AUTO(text) char *name = xasprintf("s%d", i);
        struct kube_event event = news(name, "m");
        kube_event_write(recorder, &event);
    }

    assert_int_equal(kube_event_counts(recorder).waiting, KUBE_EVENT_QUEUE_MAX);
    assert_int_equal(kube_event_counts(recorder).dropped, 10);
    assert_int_equal(room->server.requests, 0);
}

static void long_messages_are_cut_between_characters(void **state)
{
    struct kube_room *room = *state;
    char message[KUBE_EVENT_MESSAGE_MAX + 10];
    memset(message, 'x', sizeof(message));
    memcpy(message + KUBE_EVENT_MESSAGE_MAX - 1, "\xc3\xa9", 3); /* é, half of which would fit */
    AUTO(text) char *wanted = xasprintf("\"message\":\"%.*s\"", KUBE_EVENT_MESSAGE_MAX - 1, message);
    struct step steps[] = {ANSWER(wanted, 201, "{\"metadata\":{\"name\":\"s.1\"}}"), END};
    room->steps = steps;
    struct kube_event event = news("s", message);

    kube_event_write(recorder, &event);

    room_expect_steps(room, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_same_news_again_raises_a_count),
        TEST(news_of_cluster_wide_objects_goes_to_default),
        TEST(a_count_whose_event_has_expired_becomes_a_new_event),
        TEST(what_the_server_refuses_is_dropped),
        TEST(a_full_queue_drops_what_is_new),
        TEST(long_messages_are_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
