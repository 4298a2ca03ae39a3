/* mirror_parts.h - the inside of a mirror.   Owns: see mirror.h.   Thread: loop.   Errors: none. */
#pragma once

#include "drift.h"
#include "mirror.h"

#define MIRROR_LEVELS 5

struct mirror_list {
    struct mirror *mirror;
    const struct kong_kind *kind;
    struct buf rows; /* JSON texts, each ended by a NUL */
    size_t row_count;
    bool listed;    /* completely */
    size_t schemas; /* under way */
};

struct mirror {
    struct mirror_options options;
    mirror_done_fn *done;
    void (*level_read)(struct mirror *mirror); /* all that the level waits for has come */
    void *user;
    int level;
    size_t waits; /* answers that the level waits for */
    bool wanted_known, waits_for_wanted;
    struct kong_answer failure; /* class KONG_DONE: none so far */
    struct buf failure_text;
    struct {
        VEC(void *);
    } notes; /* what callbacks carry; freed with the mirror, so that a cut request leaks nothing */
    struct mirror_list lists[KONG_KIND_COUNT];
    bool listed[KONG_KIND_COUNT];
    size_t entities;
    struct map asked; /* names of schemas */
    /* targets */
    struct map target_ids; /* id to the number of our tags that it carries */
    size_t tags_read;
    bool tags_failed;
    struct {
        VEC(struct kong_actual *);
    } upstreams;   /* still to be searched, from the end on */
    size_t verify; /* so many of them whether or not a target is unexplained */
    size_t searching;
    size_t unexplained; /* ids of targets that have not been found yet */
    size_t targets_waits;
};

/* mirror_core.c */
void mirror_step(struct mirror *mirror);                                    /* one answer less to wait for */
bool mirror_fails(struct mirror *mirror, const struct kong_answer *answer); /* true: no use to go on */
void *mirror_note(struct mirror *mirror, size_t size);
void mirror_hold(struct mirror *mirror, const struct kong_kind *kind, const struct json *object);
struct drift mirror_drift(const struct mirror *mirror);
char *mirror_tag_query(const struct mirror *mirror); /* "a,b", escaped; the caller frees */
void mirror_fetch_schema(struct mirror *mirror, const char *name);

/* mirror_children.c: what has no list of its own.  They count themselves in mirror->waits. */
void mirror_targets(struct mirror *mirror);
void mirror_memberships(struct mirror *mirror);

/* mirror_types.c: custom entities, type by type.  They count themselves in mirror->waits. */
void mirror_types(struct mirror *mirror);
