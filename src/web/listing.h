/* listing.h - a part of a long list as JSON: {total, offset, rows}.
 * Owns:    the listings that are under way; each has its exchange.
 * Thread:  loop thread.
 * Errors:  what is asked for and is not there gives no rows; too many at once are refused (503).
 *
 * A list is gone through in slices of LISTING_SLICE_US, between which the loop has its turn, so that no list blocks it however long it is. What changes
 * meanwhile may be missed or seen twice: whoever listens to changes asks again. */
#pragma once

#include "net/http_server.h"
#include "net/loop.h"
#include "net/query.h"
#include "show.h"
#include "timing.h"

#define LISTING_SLICE_US 2000
#define LISTING_ROWS     100  /* unless asked for another number */
#define LISTING_ROWS_MAX 1000 /* of one answer */
#define LISTINGS_MAX     32   /* under way */

enum listing_of { LISTING_OBJECTS, LISTING_ENTITIES, LISTING_PROBLEMS, LISTING_PLAN, LISTING_EXPLAIN };

struct listings;

struct listings *listings_new(struct loop *loop, struct sync_controller *controller);
const struct timing *listings_timing(const struct listings *listings); /* of slices */
void listings_free(struct listings *listings);                         /* cuts what is under way */

/* Takes the exchange.  The query may name kind, namespace, state (several, by commas), text, limit and offset. */
void listings_answer(struct listings *listings, struct http_exchange *exchange, enum listing_of what,
                     const struct query *query);
