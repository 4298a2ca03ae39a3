/* origin.h - where objects come from: a cluster, a watched folder, or files that are read once; all end in the
 * translator.
 * Owns:    the client and reflectors, or the folder.
 * Thread:  loop thread; callbacks must not free it.
 * Errors:  what cannot get better by waiting fails at the start; the rest is a state of a kind, or a problem. */
#pragma once

#include "base/log.h"
#include "kong/source.h"
#include "kube/client.h"
#include "kube/source.h"
#include "sync/controller.h"

struct origin;

struct origin_options {
    const struct options *options;
    const struct log *log;
    const char *source; /* as in sync/controller.h */
    const char *const *inputs;
    struct sync_translator *translator;
    void (*ready)(void *user);                               /* every kind has completed its first list; once */
    void (*problems)(void *user);                            /* origin_problems has changed */
    void (*object)(void *user, const struct object *object); /* the translator has it now; may be NULL, like `gone` */
    void (*gone)(void *user, const struct store_kind *kind, const char *namespace, const char *name);
    void *user;
};

int origin_new(struct loop *loop, const struct origin_options *options, struct origin **ret_origin,
               struct err *err) MUST_USE;
/* A client of the cluster that the options name. */
int origin_connect(struct loop *loop, const struct options *options, const struct log *log,
                   struct kube_client **ret_client, struct err *err) MUST_USE;
void origin_free(struct origin *origin);

bool origin_ready(const struct origin *origin);
bool origin_bad_input(const struct origin *origin);
/* A file could not be read since the start: what it holds may be wanted, though nobody has seen it. */
bool origin_unknown(const struct origin *origin);
struct kube_client *origin_client(struct origin *origin); /* NULL without a cluster */
struct kube_source *origin_source(struct origin *origin); /* NULL without a cluster */

/* Problems of objects that could not be taken; sorted by nothing; borrowed until the next event. */
struct problem *const *origin_problems(const struct origin *origin, size_t *ret_count);
/* Where an object was read, as long as it comes from files. */
struct problem_place origin_place(const struct origin *origin, const struct kong_source *about);
size_t origin_objects(const struct origin *origin);
/* Whether the object is known to have been deleted: not when it is there, or cannot be seen. */
bool origin_lacks(const struct origin *origin, const struct kong_source *object);
