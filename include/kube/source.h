/* kube/source.h - all kinds that the rules read, from one API server, as one source of objects.
 * Owns:    its reflectors (one per kind, or per kind and watched namespace) and its discovery.
 * Thread:  loop thread; callbacks must not free the source.
 * Errors:  too many reflectors; everything later is a state of a kind. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "kube/reflector.h"

#define KUBE_REFLECTORS_MAX 2000

struct kube_source;

struct kube_source_options {
    struct kube_client *client;
    struct store_kinds *table;
    const struct store_kind *const *kinds; /* ends with NULL (rules_kinds) */
    const char *const *namespaces;         /* ends with NULL; NULL or empty: all.  Narrows namespaced kinds only */
    /* Kinds of which only metadata is fetched; NULL: none. */
    bool (*metadata_only)(void *user, const struct store_kind *kind);
    const char *(*label_selector)(void *user, const struct store_kind *kind); /* NULL: none */
    uint64_t relist_ms;
    bool paged_lists;
    struct kube_events events; /* `state` is of the whole kind: synced when each of its parts is */
};

/* Copies the options; starts at once. */
int kube_source_new(const struct kube_source_options *options, struct kube_source **ret_source,
                    struct err *err) MUST_USE;
void kube_source_free(struct kube_source *source);
struct kube_discovery *kube_source_discovery(struct kube_source *source);

struct kube_source_status {
    const struct store_kind *kind;
    struct kube_reflector_status total; /* the worst state, sums, the latest times */
    int reflectors;
};

size_t kube_source_count(const struct kube_source *source); /* kinds */
struct kube_source_status kube_source_status(const struct kube_source *source, size_t index);
/* As kube_reflector_lacks. */
bool kube_source_lacks(const struct kube_source *source, const struct store_kind *kind, const char *namespace,
                       const char *name);
/* Each kind has completed its first list, or is not served.  `ret_missing` (may be NULL) receives the first that has
 * not. */
bool kube_source_ready(const struct kube_source *source, const struct store_kind **ret_missing);
