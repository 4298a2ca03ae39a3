/* Who leads, against a server that keeps one Lease and refuses writes of an older version. */
#include "base/clock.h"
#include "kube/lease.h"
#include "kube_room.h"
#include "lease_record.h"

struct shelf {
    struct json *lease; /* NULL: there is none */
    int version;
    int writes;
    bool refuses; /* every request gets 503 */
    bool silent;  /* no request gets an answer */
    int stalls;   /* so many writes take everybody's time, as if the process had been stopped */
    struct kube_lease *leases[2];
};

static void put_back(struct kube_room *room, struct raw_connection *connection, const char *request, struct json *body)
{
    struct shelf *shelf = room->extra;
    AUTO(text) char *version = xasprintf("%d", ++shelf->version);
    json_set_text(json_find(body, "metadata"), "resourceVersion", version);
    uint64_t began = clock_monotonic_ms();
    while (shelf->stalls > 0 && clock_monotonic_ms() - began < 150)
        continue;
    shelf->stalls -= shelf->stalls > 0;
    json_free(shelf->lease);
    shelf->lease = body;
    shelf->writes++;
    AUTO(text) char *text = json_print_text(shelf->lease);
    room_answer(connection, 200, NULL, text);
}

static bool is_current(const struct shelf *shelf, const struct json *body)
{
    const char *version = json_text(json_find_path(body, "metadata.resourceVersion"));
    const char *present = json_text(json_find_path(shelf->lease, "metadata.resourceVersion"));
    return version != NULL && present != NULL && strcmp(version, present) == 0;
}

static void respond(struct kube_room *room, struct raw_connection *connection, const char *request)
{
    struct shelf *shelf = room->extra;
    if (shelf->silent)
        return;
    if (shelf->refuses) {
        room_answer(connection, 503, NULL, "{}");
        return;
    }
    if (strncmp(request, "GET ", 4) == 0) {
        AUTO(text) char *text = shelf->lease != NULL ? json_print_text(shelf->lease) : xstrdup("{}");
        room_answer(connection, shelf->lease != NULL ? 200 : 404, NULL, text);
        return;
    }
    const char *text = strstr(request, "\r\n\r\n") + 4;
    struct json *body = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(json_parse(text, strlen(text), &body, &err), 0);
    bool good = strncmp(request, "POST ", 5) == 0 ? shelf->lease == NULL : is_current(shelf, body);
    if (good) {
        put_back(room, connection, request, body);
        return;
    }
    json_free(body);
    room_answer(connection, 409, NULL, "{\"reason\":\"Conflict\"}");
}

static int make(void **state)
{
    room_make(state);
    struct kube_room *room = *state;
    room->extra = xcalloc(1, sizeof(struct shelf));
    room->respond = respond;
    return 0;
}

static int drop(void **state)
{
    struct kube_room *room = *state;
    struct shelf *shelf = room->extra;
    kube_lease_free(shelf->leases[0]);
    kube_lease_free(shelf->leases[1]);
    json_free(shelf->lease);
    free(shelf);
    return room_drop(state);
}

static void gained_a(void *user)
{
    room_tell(user, "a leads");
}

static void lost_a(void *user, const char *reason)
{
    AUTO(text) char *line = xasprintf("a lost: %s", reason);
    room_tell(user, line);
}

static void gained_b(void *user)
{
    room_tell(user, "b leads");
}

static void lost_b(void *user, const char *reason)
{
    room_tell(user, "b lost");
}

static struct kube_lease *apply(struct kube_room *room, int who, uint64_t lease_ms, uint64_t renew_ms,
                                uint64_t retry_ms)
{
    struct shelf *shelf = room->extra;
    struct kube_lease_options options = {
        .client = room->client,
        .namespace = "n",
        .name = "l",
        .identity = who == 0 ? "a" : "b",
        .lease_ms = lease_ms,
        .renew_ms = renew_ms,
        .retry_ms = retry_ms,
        .gained = who == 0 ? gained_a : gained_b,
        .lost = who == 0 ? lost_a : lost_b,
        .user = room,
    };
    struct err err = ERR_INIT;
    assert_int_equal(kube_lease_new(&options, &shelf->leases[who], &err), 0);
    return shelf->leases[who];
}

static void the_first_applicant_leads_and_renews(void **state)
{
    struct kube_room *room = *state;
    struct shelf *shelf = room->extra;
    struct kube_lease *lease = apply(room, 0, 60000, 40000, 2);

    room_expect(room, "a leads\n");
    assert_true(kube_lease_held(lease));
    assert_true(wait_until(room->loop, &shelf->writes, 4));

    assert_string_equal(kube_lease_record_holder(shelf->lease), "a");
    assert_int_equal(kube_lease_record_ms(shelf->lease), 60000);
    assert_string_equal(buf_text(&room->story), "a leads\n");
    assert_string_equal(kube_lease_leader(lease), "a");
}

static void a_second_one_waits_until_the_first_gives_up(void **state)
{
    struct kube_room *room = *state;
    struct shelf *shelf = room->extra;
    struct kube_lease *first = apply(room, 0, 60000, 40000, 2);
    room_expect(room, "a leads\n");
    struct kube_lease *second = apply(room, 1, 60000, 40000, 2);
    assert_true(wait_until(room->loop, &room->server.requests, room->server.requests + 10));
    assert_false(kube_lease_held(second));

    kube_lease_release(first, gained_a, room); /* tells "a leads" once more when done */

    room_expect(room, "a leads\na lost: released\na leads\nb leads\n");
    assert_false(kube_lease_held(first));
    assert_true(kube_lease_held(second));
    assert_int_equal(json_integer(json_find_path(shelf->lease, "spec.leaseTransitions"), 0), 1);
}

static void a_holder_that_is_silent_is_replaced_after_its_lease(void **state)
{
    struct kube_room *room = *state;
    struct shelf *shelf = room->extra;
    shelf->lease = kube_lease_record_take(NULL, "n", "l", "dead", 1000);
    json_set_text(json_find(shelf->lease, "metadata"), "resourceVersion", "0");
    uint64_t began = clock_monotonic_ms();

    struct kube_lease *lease = apply(room, 0, 60000, 40000, 5);
    assert_true(wait_until(room->loop, &room->told, 1));

    assert_true(clock_monotonic_ms() - began >= 1000);
    assert_true(kube_lease_held(lease));
    assert_string_equal(kube_lease_record_holder(shelf->lease), "a");
}

static void a_term_ends_at_the_renew_deadline_when_the_server_is_away(void **state)
{
    struct kube_room *room = *state;
    struct shelf *shelf = room->extra;
    struct kube_lease *lease = apply(room, 0, 60000, 300, 5);
    room_expect(room, "a leads\n");

    shelf->refuses = true;
    room_expect(room, "a leads\na lost: it could not be renewed in time\n");
    assert_false(kube_lease_held(lease));
    shelf->refuses = false;

    room_expect(room, "a leads\na lost: it could not be renewed in time\na leads\n");
}

static void a_term_ends_when_nothing_answers_at_all(void **state)
{
    struct kube_room *room = *state;
    struct shelf *shelf = room->extra;
    apply(room, 0, 60000, 300, 5);
    room_expect(room, "a leads\n");

    shelf->silent = true;

    room_expect(room, "a leads\na lost: it could not be renewed in time\n");
}

static void one_that_stood_still_knows_it_before_its_timers_fire(void **state)
{
    struct kube_room *room = *state;
    struct kube_lease *lease = apply(room, 0, 60000, 100, 5);
    room_expect(room, "a leads\n");
    assert_true(kube_lease_held(lease));

    uint64_t stopped = clock_monotonic_ms();
    while (clock_monotonic_ms() - stopped < 100)
        continue; /* nothing of the loop runs, as after SIGSTOP */

    assert_false(kube_lease_held(lease));
}

static void a_term_that_was_over_when_its_answer_came_never_began(void **state)
{
    struct kube_room *room = *state;
    struct shelf *shelf = room->extra;
    shelf->stalls = 1;
    struct kube_lease *lease = apply(room, 0, 60000, 150, 5);

    room_expect(room, "a leads\n");

    assert_true(shelf->writes >= 2);
    assert_true(kube_lease_held(lease));
}

static void one_without_progress_loses_the_lead_and_does_not_apply_until_it_has_some(void **state)
{
    struct kube_room *room = *state;
    struct shelf *shelf = room->extra;
    struct kube_lease *lease = apply(room, 0, 1000, 200, 5);
    room_expect(room, "a leads\n");

    kube_lease_hold_back(lease, true);
    room_expect(room, "a leads\na lost: held back: there was no progress\n");
    int writes = shelf->writes;
    apply(room, 1, 1000, 200, 5);
    assert_true(wait_until(room->loop, &room->told, 3));

    assert_non_null(strstr(buf_text(&room->story), "b leads"));
    assert_true(shelf->writes > writes);
    assert_string_equal(kube_lease_record_holder(shelf->lease), "b");
}

static void a_lost_race_is_no_lead(void **state)
{
    struct kube_room *room = *state;
    struct shelf *shelf = room->extra;
    apply(room, 0, 60000, 40000, 2);
    room_expect(room, "a leads\n");

    json_set_text(json_find(shelf->lease, "spec"), "holderIdentity", "other");
    json_set_text(json_find(shelf->lease, "metadata"), "resourceVersion", "900");

    room_expect(room, "a leads\na lost: another one holds it\n");
}

static void senseless_times_are_refused(void **state)
{
    struct kube_room *room = *state;
    struct kube_lease_options options = {.client = room->client,
                                         .namespace = "n",
                                         .name = "l",
                                         .identity = "a",
                                         .lease_ms = 10,
                                         .renew_ms = 10,
                                         .retry_ms = 1};
    struct kube_lease *lease = NULL;
    struct err err = ERR_INIT;

    assert_int_equal(kube_lease_new(&options, &lease, &err), -ERR_INVALID);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_first_applicant_leads_and_renews),
        TEST(a_second_one_waits_until_the_first_gives_up),
        TEST(a_holder_that_is_silent_is_replaced_after_its_lease),
        TEST(a_term_ends_at_the_renew_deadline_when_the_server_is_away),
        TEST(a_term_ends_when_nothing_answers_at_all),
        TEST(one_that_stood_still_knows_it_before_its_timers_fire),
        TEST(a_term_that_was_over_when_its_answer_came_never_began),
        TEST(one_without_progress_loses_the_lead_and_does_not_apply_until_it_has_some),
        TEST(a_lost_race_is_no_lead),
        TEST(senseless_times_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
