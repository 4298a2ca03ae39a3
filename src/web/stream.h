/* stream.h - tells pages what changes, as server-sent events: "overview" whenever it is another, "objects" with the rows of those that
 * changed, or that there were too many to name.
 * Owns:    the streams, each with its exchange.
 * Thread:  loop thread.
 * Errors:  one stream too many is refused (503); a client that does not read is dropped, and comes again by itself. */
#pragma once

#include "net/http_server.h"
#include "net/loop.h"
#include "sync/overview.h"
#include "timing.h"

#define STREAM_WINDOW_MS   250          /* changes of so long are told together */
#define STREAM_BEAT_MS     1000         /* how often what changes by itself is looked at */
#define STREAM_SILENT_MS   15000        /* after this a comment shows that the line is open */
#define STREAM_WAITING_MAX (256u << 10) /* bytes that a client has not read when it is dropped */
#define STREAM_MOST        1000         /* clients, whatever is configured */

struct streams;

struct streams *streams_new(struct loop *loop, struct sync_controller *controller, size_t most);
void streams_free(struct streams *streams); /* cuts them */

void streams_answer(struct streams *streams, struct http_exchange *exchange); /* takes it */
const struct timing *streams_timing(const struct streams *streams);           /* of telling */
size_t streams_count(const struct streams *streams);
uint64_t streams_dropped(const struct streams *streams); /* clients that did not read, ever */
