/* tag_filter.h - "?tags=": a,b asks for both, a/b for either; and walks over the entities that pass.
 * Owns:    a filter owns its tags; a walk borrows the filter and the store.
 * Thread:  one owner.
 * Errors:  answers. */
#pragma once

#include "state.h"

#define TAG_FILTER_MAX 64

struct tag_filter {
    char *tags[TAG_FILTER_MAX];
    size_t count; /* 0: everything passes */
    bool any;     /* one of them is enough */
};

bool tag_filter_read(struct tag_filter *filter, struct call *call);
void tag_filter_cleanup(struct tag_filter *filter);

struct tag_walk {
    const struct tag_filter *filter;
    struct {
        const struct entity_index *index;
        size_t at;
    } cursors[TAG_FILTER_MAX];
    size_t cursor_count;
};

/* `nested`: only what `parent` lists (NULL: nothing). */
void tag_walk_start(struct tag_walk *walk, const struct tag_filter *filter, const struct table *table,
                    const struct entity_index *parent, bool nested, const char *after);
/* In the order of ids; NULL at the end. */
const struct entity *tag_walk_next(struct tag_walk *walk);
