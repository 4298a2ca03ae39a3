/* items.h - the items of a Kubernetes list, one by one, while the answer arrives.
 * Owns:    the item under way and what surrounds the items ("frame").
 * Thread:  one owner.
 * Errors:  -ERR_TOO_BIG for an item or frame over its cap, -ERR_PARSE for what is no list; a function's result
 *          otherwise. */
#pragma once

#include <stdbool.h>

#include "base/buf.h"

struct items_reader {
    /* Called when the items begin, with the frame so far (an object cut open), and for each item's text.  Borrowed
     * until return. */
    int (*begin)(void *user, const char *frame, size_t length);
    int (*item)(void *user, const char *text, size_t length);
    void *user;

    struct buf frame;
    struct buf current;
    size_t depth;
    size_t key_start, key_end; /* of the last string at depth 1, in `frame`, with its quotes */
    bool in_string;
    bool escaped;
    bool in_items; /* between "items":[ and its ] */
    bool begun;    /* the items have been met */
    bool closed;   /* the outermost object has ended */
};

void kube_items_init(struct items_reader *reader, size_t item_limit, size_t frame_limit);
int kube_items_feed(struct items_reader *reader, const char *data, size_t length);
/* The whole frame, with "items":[] emptied, once the list is complete; NULL when it is not. */
const struct buf *kube_items_frame(const struct items_reader *reader);
void kube_items_done(struct items_reader *reader);
