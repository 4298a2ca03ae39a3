/* missing_kind.h - a kind that the API server does not serve, while the gateway holds what was made from its objects.
 * Absent is not empty: until the kind is back, or the operator says that it was removed on purpose, nothing is deleted.
 * Owns:    nothing.
 * Thread:  loop thread.
 * Errors:  none. */
#pragma once

#include "config/options.h"
#include "gateway/session.h"
#include "kube/source.h"

/* The first such kind, or NULL.  `source` NULL: no cluster, so none. */
const struct store_kind *missing_kind_find(struct kube_source *source, struct kong_session *session,
                                           const struct options *options);

/* The caller unrefs. */
struct problem *missing_kind_problem(const struct store_kind *kind);
