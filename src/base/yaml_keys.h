/* yaml_keys.h - the keys of one mapping, to find those that stand twice.
 * Owns:    a map once there are many; the keys' texts stay in the document's buffer.
 * Thread:  one owner.
 * Errors:  none. */
#pragma once

#include "base/buf.h"
#include "base/map.h"

#define YAML_KEYS_FEW 16 /* compared one by one; more go to a map */

struct yaml_key {
    size_t start, length; /* in the buffer, as printed JSON */
};

struct yaml_keys {
    size_t count;
    struct yaml_key few[YAML_KEYS_FEW];
    struct map many;
};

/* Adds the key that `out` ends with since `start`; false when it is there already. */
bool yaml_keys_add(struct yaml_keys *keys, const struct buf *out, size_t start);
void yaml_keys_done(struct yaml_keys *keys);
