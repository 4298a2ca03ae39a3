/* Most mappings have a handful of keys: comparing them costs less than hashing and copying each. */
#include "yaml_keys.h"

#include <string.h>

static bool is_among_few(const struct yaml_keys *keys, const struct buf *out, struct yaml_key key)
{
    for (size_t i = 0; i < keys->count; i++) {
        if (keys->few[i].length == key.length &&
            memcmp(out->data + keys->few[i].start, out->data + key.start, key.length) == 0)
            return true;
    }
    return false;
}

static void put(struct yaml_keys *keys, const struct buf *out, struct yaml_key key)
{
    map_put_bytes(&keys->many, out->data + key.start, key.length, keys);
}

bool yaml_keys_add(struct yaml_keys *keys, const struct buf *out, size_t start)
{
    struct yaml_key key = {start, out->length - start};
    if (keys->count < YAML_KEYS_FEW) {
        if (is_among_few(keys, out, key))
            return false;
        keys->few[keys->count++] = key;
        return true;
    }
    if (keys->many.count == 0) {
        for (size_t i = 0; i < YAML_KEYS_FEW; i++)
            put(keys, out, keys->few[i]);
    }
    if (map_find_bytes(&keys->many, out->data + key.start, key.length) != NULL)
        return false;
    put(keys, out, key);
    return true;
}

void yaml_keys_done(struct yaml_keys *keys)
{
    map_done(&keys->many);
    keys->count = 0;
}
