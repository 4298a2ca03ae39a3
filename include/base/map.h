/* base/map.h - a hash map from byte strings to pointers.
 * Owns:    copies of its keys; values belong to whoever put them (or to `release`, when one is given).
 * Thread:  one owner.
 * Errors:  none. The hash is seeded per process, so hostile names cannot be made to collide; iteration order is
 *          therefore random: sort before anything is shown or sent. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/alloc.h"

struct map_entry {
    void *value;
    uint32_t hash;
    uint32_t key_length;
    char key[]; /* NUL-terminated, may contain NULs before */
};

struct map {
    struct map_entry **slots; /* NULL: free, MAP_TOMB: was used */
    size_t capacity;          /* power of two, or 0 */
    size_t count;
    size_t used; /* with tombstones */
    void (*release)(void *value);
};

void map_init(struct map *map, void (*release)(void *value));
void map_done(struct map *map);
void *map_find(const struct map *map, const char *key);
void *map_find_bytes(const struct map *map, const void *key, size_t length);
/* Replaces what was there (released); returns the entry, whose address and key stay valid until removed. */
struct map_entry *map_put(struct map *map, const char *key, void *value);
struct map_entry *map_put_bytes(struct map *map, const void *key, size_t length, void *value);
/* Without releasing it: returns the value that was there, or NULL. */
void *map_take(struct map *map, const char *key);
void *map_take_bytes(struct map *map, const void *key, size_t length);
/* Removes and releases; false when it was not there. */
bool map_remove(struct map *map, const char *key);

/* for (size_t i = 0; (entry = map_next(map, &i)) != NULL;) …; removing the current entry is allowed. */
struct map_entry *map_next(const struct map *map, size_t *position);

/* All entries sorted by key; the caller frees the array, not the entries. */
struct map_entry **map_sorted(const struct map *map);
