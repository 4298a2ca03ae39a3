/* Open addressing with linear probing; keys live in their entries, whose addresses never change. */
#include "base/map.h"

#include <string.h>
#include <sys/random.h>

#define MAP_TOMB ((struct map_entry *)(uintptr_t)1)

/* The only process-wide value: drawn once, the same for every map, so that hostile names cannot be prepared. */
static uint64_t hash_seed(void)
{
    static _Atomic uint64_t seed;
    uint64_t value = seed;
    if (value == 0) {
        uint64_t drawn = 0;
        uint64_t expected = 0;
        if (getrandom(&drawn, sizeof(drawn), 0) != (ssize_t)sizeof(drawn))
            drawn = (uint64_t)(uintptr_t)&seed;
        drawn |= 1;
        if (!__atomic_compare_exchange_n((uint64_t *)&seed, &expected, drawn, false, __ATOMIC_SEQ_CST,
                                         __ATOMIC_SEQ_CST))
            drawn = expected;
        value = drawn;
    }
    return value;
}

/* Multiply-and-fold over 8-byte words with a secret seed (the idea of wyhash). */
static uint64_t mix(uint64_t left, uint64_t right)
{
    __uint128_t product = (__uint128_t)left * right;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint32_t hash_bytes(const void *key, size_t length)
{
    const unsigned char *bytes = key;
    uint64_t seed = hash_seed();
    uint64_t state = mix(seed ^ 0xa0761d6478bd642fULL, length ^ 0xe7037ed1a0b428dbULL);
    while (length >= 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        state = mix(state ^ word, seed ^ 0x8ebc6af09c88c6e3ULL);
        bytes += 8;
        length -= 8;
    }
    uint64_t last = 0;
    memcpy(&last, bytes, length);
    state = mix(state ^ last, seed ^ 0x589965cc75374cc3ULL);
    return (uint32_t)(state ^ (state >> 32));
}

void map_init(struct map *map, void (*release)(void *value))
{
    *map = (struct map){.release = release};
}

void map_done(struct map *map)
{
    struct map_entry *entry;
    for (size_t i = 0; (entry = map_next(map, &i)) != NULL;) {
        if (map->release != NULL && entry->value != NULL)
            map->release(entry->value);
        free(entry);
    }
    free(map->slots);
    map_init(map, map->release);
}

static struct map_entry **slot_of(const struct map *map, const void *key, size_t length, uint32_t hash)
{
    if (map->capacity == 0)
        return NULL;
    size_t mask = map->capacity - 1;
    for (size_t i = hash & mask; map->slots[i] != NULL; i = (i + 1) & mask) {
        struct map_entry *entry = map->slots[i];
        if (entry != MAP_TOMB && entry->hash == hash && entry->key_length == length &&
            memcmp(entry->key, key, length) == 0)
            return &map->slots[i];
    }
    return NULL;
}

void *map_find_bytes(const struct map *map, const void *key, size_t length)
{
    if (map->count == 0)
        return NULL;
    struct map_entry **slot = slot_of(map, key, length, hash_bytes(key, length));
    return slot != NULL ? (*slot)->value : NULL;
}

void *map_find(const struct map *map, const char *key)
{
    return map_find_bytes(map, key, strlen(key));
}

static void resize(struct map *map, size_t capacity)
{
    struct map_entry **slots = xcalloc(capacity, sizeof(*slots));
    for (size_t i = 0; i < map->capacity; i++) {
        struct map_entry *entry = map->slots[i];
        if (entry == NULL || entry == MAP_TOMB)
            continue;
        size_t at = entry->hash & (capacity - 1);
        while (slots[at] != NULL)
            at = (at + 1) & (capacity - 1);
        slots[at] = entry;
    }
    free(map->slots);
    map->slots = slots;
    map->capacity = capacity;
    map->used = map->count;
}

struct map_entry *map_put_bytes(struct map *map, const void *key, size_t length, void *value)
{
    uint32_t hash = hash_bytes(key, length);
    struct map_entry **slot = slot_of(map, key, length, hash);
    if (slot != NULL) {
        if (map->release != NULL && (*slot)->value != NULL && (*slot)->value != value)
            map->release((*slot)->value);
        (*slot)->value = value;
        return *slot;
    }
    if ((map->used + 1) * 4 > map->capacity * 3)
        resize(map, (map->count + 1) * 2 > 8 ? (size_t)1 << (64 - __builtin_clzl((map->count + 1) * 2)) : 8);

    require_that(length < UINT32_MAX);
    struct map_entry *entry = xmalloc(sizeof(*entry) + length + 1);
    entry->value = value;
    entry->hash = hash;
    entry->key_length = (uint32_t)length;
    memcpy(entry->key, key, length);
    entry->key[length] = '\0';

    size_t at = hash & (map->capacity - 1);
    while (map->slots[at] != NULL && map->slots[at] != MAP_TOMB)
        at = (at + 1) & (map->capacity - 1);
    map->used += map->slots[at] == NULL;
    map->slots[at] = entry;
    map->count++;
    return entry;
}

struct map_entry *map_put(struct map *map, const char *key, void *value)
{
    return map_put_bytes(map, key, strlen(key), value);
}

void *map_take_bytes(struct map *map, const void *key, size_t length)
{
    struct map_entry **slot = slot_of(map, key, length, hash_bytes(key, length));
    if (slot == NULL)
        return NULL;
    struct map_entry *entry = *slot;
    void *value = entry->value;
    *slot = MAP_TOMB;
    map->count--;
    free(entry);
    return value;
}

void *map_take(struct map *map, const char *key)
{
    return map_take_bytes(map, key, strlen(key));
}

bool map_remove(struct map *map, const char *key)
{
    if (slot_of(map, key, strlen(key), hash_bytes(key, strlen(key))) == NULL)
        return false;
    void *value = map_take(map, key);
    if (map->release != NULL && value != NULL)
        map->release(value);
    return true;
}

struct map_entry *map_next(const struct map *map, size_t *position)
{
    while (*position < map->capacity) {
        struct map_entry *entry = map->slots[(*position)++];
        if (entry != NULL && entry != MAP_TOMB)
            return entry;
    }
    return NULL;
}

static int by_key(const void *left, const void *right)
{
    const struct map_entry *a = *(struct map_entry *const *)left;
    const struct map_entry *b = *(struct map_entry *const *)right;
    size_t shared = a->key_length < b->key_length ? a->key_length : b->key_length;
    int order = memcmp(a->key, b->key, shared);
    return order != 0 ? order : (a->key_length > b->key_length) - (a->key_length < b->key_length);
}

struct map_entry **map_sorted(const struct map *map)
{
    struct map_entry **entries = xcalloc(map->count + 1, sizeof(*entries));
    struct map_entry *entry;
    size_t count = 0;
    for (size_t i = 0; (entry = map_next(map, &i)) != NULL;)
        entries[count++] = entry;
    qsort(entries, count, sizeof(*entries), by_key);
    return entries;
}
