/* lease_record.h - the text of a Lease: what it says, and what we would make of it.
 * Owns: nothing.   Thread: any.   Errors: none; what is missing counts as empty. */
#pragma once

#include <stdint.h>

#include "base/json.h"

const char *kube_lease_record_holder(const struct json *lease);                 /* "" when nobody */
uint64_t kube_lease_record_ms(const struct json *lease);                        /* its duration; 0 when it says none */
bool kube_lease_record_same(const struct json *left, const struct json *right); /* nobody renewed in between */

/* `present` (NULL: none) as held by `identity` from now on; the caller frees. */
struct json *kube_lease_record_take(const struct json *present, const char *namespace, const char *name,
                                    const char *identity, uint64_t lease_ms);
/* Sets or (null) takes off the annotations that `wanted` names. */
void kube_lease_record_annotate(struct json *lease, const struct json *wanted);
const char *kube_lease_record_annotation(const struct json *lease, const char *name); /* NULL: none */
/* `present` as given up. */
struct json *kube_lease_record_release(const struct json *present);
