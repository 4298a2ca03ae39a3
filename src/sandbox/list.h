/* list.h - pages of entities, by tag and by parent.
 * Owns:    nothing.
 * Thread:  one owner.
 * Errors:  answers. */
#pragma once

#include "state.h"

#define LIST_SIZE_DEFAULT 100
#define LIST_SIZE_MAX     1000

/* All entities of a table, or those that refer to `parent` through `field`; `path` is what "next" begins with. */
void list_answer(struct call *call, struct table *table, const char *field, const struct entity *parent,
                 const char *path);
/* Targets of an upstream, youngest first; `all`: in the order of ids. */
void list_answer_targets(struct call *call, struct table *targets, const struct entity *upstream, const char *path,
                         bool all);
/* /tags and /tags/{tag} (NULL: all). */
void list_answer_tags(struct call *call, const char *tag);

/* Page parameters, for other lists: false when the answer says what is wrong. */
struct list_page {
    size_t size;
    bool sized;             /* the request said so */
    char after[64];         /* id, "" from the start */
    int64_t after_position; /* within that entity, for /tags */
};
bool list_read_page(struct call *call, struct list_page *ret_page);
