/* Server-sent events: what a page is told, how many are told, and what becomes of one that does not read. */
#include "page_room.h"

#include <netinet/in.h>
#include <sys/socket.h>

struct listener {
    struct room *room;
    struct buf heard;
    int pieces, ended, status;
    struct http_request *request;
};

static int hear(void *user, const char *data, size_t length)
{
    struct listener *listener = user;
    buf_append(&listener->heard, data, length);
    listener->pieces++;
    return 0;
}

static void end(void *user, const struct http_result *result)
{
    struct listener *listener = user;
    listener->ended++;
    listener->status = result->status;
    listener->request = NULL;
}

static void listen_to(struct room *room, struct listener *listener)
{
    *listener = (struct listener){.room = room, .heard = BUF_OWN};
    AUTO(text) char *url = xasprintf("http://127.0.0.1:%d/api/events", web_server_metrics_port(room->server));
    struct http_call call = {.method = "GET", .url = url, .chunk = hear, .done = end, .user = listener};
    listener->request = http_send(room->client, &call);
}

static struct listener *waiting; /* for wait_for, which knows of the room only */
static const char *wanted_text;

static bool is_heard(struct room *room)
{
    return strstr(buf_text(&waiting->heard), wanted_text) != NULL;
}

static void wait_heard(struct listener *listener, const char *text)
{
    waiting = listener;
    wanted_text = text;
    wait_for(listener->room, is_heard);
}

static void begin(struct room *room, const char *const *flags)
{
    scratch_write(&room->scratch, "shop.yaml", ROOM_INGRESS("web", "shop", "kong", "web") ROOM_SERVICE("web", "shop"));
    begin_room(room, flags);
    wait_for(room, is_converged);
}

static void a_page_is_told_how_things_stand_and_what_changes(void **state)
{
    struct room *room = *state;
    struct listener listener;
    begin(room, NULL);

    listen_to(room, &listener);
    wait_heard(&listener, "event: overview\ndata: {");
    wait_heard(&listener, "\"state\":\"converged\"");
    assert_null(strstr(buf_text(&listener.heard), "event: objects"));

    scratch_write(&room->scratch, "more.yaml",
                  ROOM_SERVICE("late", "shop") ROOM_INGRESS("late", "shop", "kong", "late"));
    wait_heard(&listener, "event: objects\ndata: {\"more\":false,\"rows\":[");
    wait_heard(&listener, "\"name\":\"late\",\"state\":\"programmed\"");

    http_cancel(listener.request);
    buf_done(&listener.heard);
}

static void what_is_gone_is_told_once_more(void **state)
{
    struct room *room = *state;
    struct listener listener;
    begin(room, NULL);
    scratch_write(&room->scratch, "more.yaml", ROOM_SERVICE("late", "shop"));
    listen_to(room, &listener);
    wait_heard(&listener, "\"name\":\"late\"");
    buf_clear(&listener.heard);

    AUTO(text) char *path = xasprintf("%s/more.yaml", room->scratch.path);
    unlink(path);

    wait_heard(&listener,
               "\"name\":\"late\",\"state\":\"read\",\"code\":\"\",\"reason\":\"rules look at it; nothing is named "
               "after it in the gateway\",\"there\":false");
    http_cancel(listener.request);
    buf_done(&listener.heard);
}

static bool nobody_listens(struct room *room)
{
    return strstr(get(room, "/metrics"), "\nkongruent_page_clients 0\n") != NULL;
}

static void no_more_pages_are_told_than_is_permitted(void **state)
{
    struct room *room = *state;
    static const char *const flags[] = {"--page-clients=2", NULL};
    struct listener first, second, third;
    begin(room, flags);
    listen_to(room, &first);
    listen_to(room, &second);
    wait_heard(&first, "event: overview");
    wait_heard(&second, "event: overview");
    assert_non_null(strstr(get(room, "/metrics"), "\nkongruent_page_clients 2\n"));

    listen_to(room, &third);
    assert_true(wait_until(room->loop, &third.ended, 1));
    assert_int_equal(third.status, 503);

    http_cancel(first.request);
    http_cancel(second.request);
    wait_for(room, nobody_listens);
    listen_to(room, &third);
    wait_heard(&third, "event: overview");
    http_cancel(third.request);
    buf_done(&first.heard);
    buf_done(&second.heard);
    buf_done(&third.heard);
}

#define MANY 200

static void write_many(struct room *room, int version)
{
    AUTO(buf) struct buf text = BUF_OWN;
    for (int i = 0; i < MANY; i++)
        buf_printf(&text,
                   "apiVersion: v1\nkind: Service\nmetadata: {name: s%03d, namespace: shop, labels: {version: v%d}}\n"
                   "spec: {ports: [{port: 80}]}\n---\n",
                   i, version);
    scratch_write(&room->scratch, "many.yaml", buf_text(&text));
}

/* Asks, and never reads. */
static int ask_only(const struct room *room)
{
    static const char request[] = "GET /api/events HTTP/1.1\r\nHost: a\r\n\r\n";
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons((uint16_t)web_server_metrics_port(room->server))};
    int small = 1024, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(write(fd, request, strlen(request)), strlen(request));
    return fd;
}

static void a_page_that_does_not_read_is_cut(void **state)
{
    struct room *room = *state;
    struct listener other;
    begin(room, NULL);
    int fd = ask_only(room);
    listen_to(room, &other);
    wait_heard(&other, "event: overview");
    bool cut = false;

    for (int version = 0; !cut && version < 200; version++) {
        buf_clear(&other.heard);
        write_many(room, version);
        wait_heard(&other, "event: objects");
        cut = strstr(get(room, "/metrics"), "\nkongruent_page_clients_dropped_total 1\n") != NULL;
    }

    assert_true(cut);
    assert_non_null(strstr(get(room, "/metrics"), "\nkongruent_page_clients 1\n"));
    assert_int_equal(other.ended, 0);
    close(fd);
    http_cancel(other.request);
    buf_done(&other.heard);
}

static void a_stream_ends_with_its_server(void **state)
{
    struct room *room = *state;
    struct listener listener;
    begin(room, NULL);
    listen_to(room, &listener);
    wait_heard(&listener, "event: overview");

    web_server_free(room->server);
    room->server = NULL;

    assert_true(wait_until(room->loop, &listener.ended, 1));
    buf_done(&listener.heard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ROOM(a_page_is_told_how_things_stand_and_what_changes),
        WITH_ROOM(what_is_gone_is_told_once_more),
        WITH_ROOM(no_more_pages_are_told_than_is_permitted),
        WITH_ROOM(a_page_that_does_not_read_is_cut),
        WITH_ROOM(a_stream_ends_with_its_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
