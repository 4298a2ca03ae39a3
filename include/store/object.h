/* store/object.h - one Kubernetes object as it was received: immutable, shared by reference count.
 * Owns:    its text (JSON, less managedFields) and the parsed-out identity and labels.
 * Thread:  any (the count is atomic, nothing else changes).
 * Errors:  an object without kind, name, or with fields of a wrong type is refused with a sentence; limit
 *          OBJECT_BYTES_MAX. */
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json_scan.h"
#include "store/kind.h"

#define OBJECT_BYTES_MAX (16u << 20)

struct object_label {
    const char *name; /* into the object's own memory */
    const char *value;
};

struct object {
    atomic_int references;
    const struct store_kind *kind;
    char *namespace; /* "" when cluster-scoped */
    char *name;
    char *uid;              /* "" when there is none (files) */
    char *resource_version; /* "" */
    char *creation;         /* creationTimestamp as written, "" when there is none */
    int64_t generation;
    struct object_label *labels; /* sorted by name */
    size_t label_count;
    char *text;
    size_t length;
    const char *file; /* where it was read from, "" from a cluster */
    int line;
};

/* Parses and copies.  `default_namespace` is for namespaced kinds that name none (NULL: such an object gets ""). */
int object_parse(const struct store_kinds *kinds, const char *text, size_t length, const char *default_namespace,
                 struct object **ret_object, struct err *err) MUST_USE;
/* Without a tree: an object of `kind` whose whole text has been checked, with the value of its `metadata` in it (store/check.h).  NULL when
 * it has to be parsed. */
struct object *object_of_checked(const struct store_kind *kind, struct json_span text, struct json_span metadata,
                                 const char *default_namespace);
/* Where it was read; before anybody else has it.  `file` is a shared text (base/shared_text.h). */
void object_set_place(struct object *object, const char *file, int line);
struct object *object_ref(struct object *object);
void object_unref(struct object *object); /* NULL is fine */
DEFINE_CLEANUP(object, object_unref)
/* What a newer version of an object changes; which version it is does not count. */
enum object_change { OBJECT_SAME, OBJECT_STATUS_CHANGED, OBJECT_CHANGED };
enum object_change object_compare(const struct object *old, const struct object *object);

const char *object_label(const struct object *object, const char *name); /* value or NULL */
