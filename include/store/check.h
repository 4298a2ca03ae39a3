/* store/check.h - objects that did not pass an API server, checked as one would: types, required fields, words, bounds, patterns, names.
 * Owns:    a check owns the patterns that it has compiled.
 * Thread:  one user at a time.
 * Errors:  faults, with the field's path and what is expected there. Expressions of the definitions (CEL), and what an API server knows
 *          by heart beyond its schemas, are not checked. Values of Secrets are never quoted.
 * Limits:  OBJECT_FAULTS_MAX of an object are told. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/json_scan.h"
#include "store/kind.h"

#define OBJECT_FAULTS_MAX 20

enum object_fault_type {
    OBJECT_FAULT,         /* an API server refuses the object */
    OBJECT_UNKNOWN_FIELD, /* it drops the field, and warns */
};

struct object_fault {
    enum object_fault_type type;
    size_t offset;    /* in the text: where the value begins, or what lacks one */
    const char *text; /* "spec.rules: expected an array, got an object" */
};

typedef void object_fault_fn(void *user, const struct object_fault *fault);

struct object_check;

/* `types_only`: only what could not be decoded at all is a fault. */
struct object_check *object_check_new(bool types_only);
void object_check_free(struct object_check *check); /* NULL is fine */
/* Faults come in the order of the text.  False: an API server would refuse the object.  *ret_metadata (may be NULL) is the value of its
 * first member `metadata`, for object_of_checked; no text: that cannot be told. */
bool object_check_run(struct object_check *check, const struct store_kind *kind, struct json_span text,
                      object_fault_fn *fault, void *user, struct json_span *ret_metadata);

/* Whether it may be the name of a namespace. */
bool object_check_namespace(const char *name);
