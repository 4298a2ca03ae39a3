/* store/kind.h - the table of Kubernetes kinds that the bundled rules know.
 * Owns:    static rows; rows for operators' own kinds are owned by the `struct store_kinds` that made them.
 * Thread:  a `struct store_kinds` is filled before threads start and only read afterwards; rows never move. A kind
 *          that is served in several versions is one row: the version that rules use, and those that are converted by
 *          renaming alone. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define STORE_KIND_MAX 128

struct store_kind {
    const char *id;    /* "networking.k8s.io/v1/Ingress", "v1/Service": what rules call it */
    const char *group; /* "" for the core group */
    const char *version;
    const char *kind;   /* "Ingress" */
    const char *plural; /* "ingresses"; NULL for an operator's kind until discovery has told */
    const char *also;   /* other versions with the same shape, comma-separated: "v1beta1"; or "" */
    bool namespaced;
    int index; /* position in its table: 0 … STORE_KIND_MAX-1 */
};

struct store_kinds;

struct store_kinds *store_kinds_new(void); /* with the built-in rows */
void store_kinds_free(struct store_kinds *kinds);

/* By "group/version/Kind"; also finds a row by one of its other versions. */
const struct store_kind *store_kinds_find(const struct store_kinds *kinds, const char *id);
/* By apiVersion ("networking.k8s.io/v1") and kind. */
const struct store_kind *store_kinds_find_object(const struct store_kinds *kinds, const char *api_version,
                                                 const char *kind);
/* What a kind that is not read stands for, most likely: */
enum store_kind_likeness {
    STORE_KIND_FOREIGN,  /* nothing of ours */
    STORE_KIND_OLD,      /* a kind that is read, in a version that is not, or what it was called before */
    STORE_KIND_MISSPELT, /* no API server has it, and it is nearly a kind that is read */
    STORE_KIND_REPLACED, /* another kind does now what it did */
};
/* *ret_instead is what is read instead (static, or owned by `kinds`); "" for STORE_KIND_FOREIGN. */
enum store_kind_likeness store_kinds_find_like(const struct store_kinds *kinds, const char *api_version,
                                               const char *kind, const char **ret_instead);
/* Adds an operator's kind; finds the row when it is there already. */
const struct store_kind *store_kinds_add(struct store_kinds *kinds, const char *id, struct err *err);
const struct store_kind *store_kinds_at(const struct store_kinds *kinds, int index); /* NULL past the end */
/* What discovery found out about an operator's kind. */
void store_kinds_learn(struct store_kinds *kinds, const struct store_kind *kind, const char *plural, bool namespaced);
