/* Decides when pages are told of changes, and which client is too slow. */
#include "stream.h"

#include <string.h>

#include "answer.h"
#include "base/clock.h"
#include "overview.h"

struct stream {
    struct streams *streams;
    struct http_exchange *exchange;
    struct stream *next, *previous;
};

struct streams {
    struct loop *loop;
    struct sync_controller *controller;
    size_t most, count;
    struct stream *first;
    struct loop_timer *window, *beat;
    char *told; /* the overview, as it was told last */
    uint64_t spoke_ms, dropped;
    struct timing timing;
};

static void stream_free(struct stream *stream)
{
    struct streams *streams = stream->streams;
    if (stream->previous != NULL)
        stream->previous->next = stream->next;
    else
        streams->first = stream->next;
    if (stream->next != NULL)
        stream->next->previous = stream->previous;
    streams->count--;
    free(stream);
}

static void client_left(void *user)
{
    struct stream *stream = user;
    http_answer_end(stream->exchange);
    stream_free(stream);
}

static void send(struct stream *stream, const struct buf *text)
{
    if (http_answer_waiting(stream->exchange) + text->length <= STREAM_WAITING_MAX) {
        http_answer_piece(stream->exchange, text->data, text->length);
        return;
    }
    stream->streams->dropped++;
    http_drop(stream->exchange);
    stream_free(stream);
}

static void send_all(struct streams *streams, const struct buf *text)
{
    struct stream *next;
    for (struct stream *stream = streams->first; stream != NULL && text->length != 0; stream = next) {
        next = stream->next;
        send(stream, text);
    }
    if (text->length != 0)
        streams->spoke_ms = clock_monotonic_ms();
}

static void print_event(struct buf *out, const char *name, const char *data)
{
    buf_printf(out, "event: %s\ndata: ", name);
    buf_append_text(out, data);
    buf_append_text(out, "\n\n");
}

static char *overview_text(const struct streams *streams)
{
    struct buf text = BUF_OWN;
    overview_print(streams->controller, &text);
    return buf_take(&text);
}

static void print_changes(struct streams *streams, struct buf *out)
{
    struct show show = show_of(streams->controller);
    struct census_object *changes[CENSUS_CHANGES_MAX];
    bool more;
    size_t count = census_take_changes(sync_controller_census(streams->controller), changes, &more);
    if (count == 0)
        return;
    AUTO(buf) struct buf data = BUF_OWN;
    struct writer writer = {.out = &data};
    writer_open(&writer, NULL, '{');
    writer_bool(&writer, "more", more);
    writer_open(&writer, "rows", '[');
    for (size_t i = 0; i < count; i++)
        show_object_row(&show, changes[i], &writer);
    writer_close(&writer, ']');
    writer_close(&writer, '}');
    print_event(out, "objects", buf_text(&data));
}

static void tell(struct streams *streams)
{
    uint64_t start = clock_thread_us();
    AUTO(buf) struct buf text = BUF_OWN;
    AUTO(text) char *overview = overview_text(streams);
    print_changes(streams, &text);
    if (streams->told == NULL || strcmp(overview, streams->told) != 0) {
        print_event(&text, "overview", overview);
        free(streams->told);
        streams->told = TAKE(overview);
    }
    if (text.length == 0 && clock_monotonic_ms() - streams->spoke_ms >= STREAM_SILENT_MS)
        buf_append_text(&text, ":\n\n");
    send_all(streams, &text);
    timing_add(&streams->timing, start);
}

static void on_window(void *user)
{
    tell(user);
}

static void on_beat(void *user)
{
    struct streams *streams = user;
    if (streams->count == 0)
        return;
    tell(streams);
    loop_timer_start(streams->beat, STREAM_BEAT_MS);
}

static void something_changed(void *user)
{
    struct streams *streams = user;
    if (streams->count != 0 && !loop_timer_running(streams->window))
        loop_timer_start(streams->window, STREAM_WINDOW_MS);
}

struct streams *streams_new(struct loop *loop, struct sync_controller *controller, size_t most)
{
    struct streams *streams = xcalloc(1, sizeof(*streams));
    streams->loop = loop;
    streams->controller = controller;
    streams->most = most < STREAM_MOST ? most : STREAM_MOST;
    streams->window = loop_timer_new(loop, on_window, streams);
    streams->beat = loop_timer_new(loop, on_beat, streams);
    sync_controller_watch(controller, something_changed, streams);
    return streams;
}

void streams_free(struct streams *streams)
{
    if (streams == NULL)
        return;
    sync_controller_watch(streams->controller, NULL, NULL);
    while (streams->first != NULL) {
        http_drop(streams->first->exchange);
        stream_free(streams->first);
    }
    loop_timer_free(streams->window);
    loop_timer_free(streams->beat);
    free(streams->told);
    free(streams);
}

void streams_answer(struct streams *streams, struct http_exchange *exchange)
{
    if (streams->count >= streams->most) {
        answer_line(exchange, 503, "as many pages are kept current as --page-clients permits\n");
        return;
    }
    struct stream *stream = xcalloc(1, sizeof(*stream));
    *stream = (struct stream){streams, exchange, streams->first, NULL};
    if (streams->first != NULL)
        streams->first->previous = stream;
    streams->first = stream;
    if (streams->count++ == 0) { /* what changed while nobody listened is in what the page asks for first */
        struct census_object *changes[CENSUS_CHANGES_MAX];
        bool more;
        census_take_changes(sync_controller_census(streams->controller), changes, &more);
        loop_timer_start(streams->beat, STREAM_BEAT_MS);
    }
    struct http_headers headers = HTTP_HEADERS_INIT;
    answer_headers(&headers, "text/event-stream; charset=utf-8");
    http_headers_add(&headers, "X-Accel-Buffering", "no");
    http_answer_begin(exchange, 200, &headers);
    http_headers_done(&headers);
    AUTO(buf) struct buf text = BUF_OWN;
    AUTO(text) char *overview = overview_text(streams);
    buf_append_text(&text, "retry: 2000\n");
    print_event(&text, "overview", overview);
    http_answer_piece(exchange, text.data, text.length);
    http_answer_stream(exchange, client_left, stream);
}

const struct timing *streams_timing(const struct streams *streams)
{
    return &streams->timing;
}

size_t streams_count(const struct streams *streams)
{
    return streams->count;
}

uint64_t streams_dropped(const struct streams *streams)
{
    return streams->dropped;
}
