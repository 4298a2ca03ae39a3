/* Maps against a list of what was put: many puts and takes in a random order. */
#include "base/map.h"

#include <stdio.h>
#include <string.h>

#include "check.h"

enum { KEYS = 2000, STEPS = 200000 };

static void a_map_holds_what_was_put_and_not_taken(void **state)
{
    static char present[KEYS];
    struct map map;
    map_init(&map, NULL);
    unsigned int random = 12345;
    size_t count = 0;

    for (int step = 0; step < STEPS; step++) {
        random = random * 1664525u + 1013904223u;
        unsigned int key = (random >> 8) % KEYS;
        char name[32];
        snprintf(name, sizeof(name), "key-%u", key);
        if ((random & 3) != 0) {
            map_put(&map, name, &present[key]);
            count += !present[key];
            present[key] = 1;
        } else {
            void *taken = map_take(&map, name);
            assert_ptr_equal(taken, present[key] ? &present[key] : NULL);
            count -= (size_t)present[key];
            present[key] = 0;
        }
        assert_int_equal(map.count, count);
    }

    for (unsigned int key = 0; key < KEYS; key++) {
        char name[32];
        snprintf(name, sizeof(name), "key-%u", key);
        assert_ptr_equal(map_find(&map, name), present[key] ? &present[key] : NULL);
    }
    map_done(&map);
}

static void sorted_entries_come_in_byte_order(void **state)
{
    static const char *const names[] = {"b", "a", "", "ab", "B", "a\xff"};
    struct map map;
    map_init(&map, NULL);
    for (size_t i = 0; i < COUNT_OF(names); i++)
        map_put(&map, names[i], &map);

    struct map_entry **entries = map_sorted(&map);

    static const char *const expected[] = {"", "B", "a", "ab", "a\xff", "b"};
    for (size_t i = 0; i < COUNT_OF(expected); i++)
        assert_string_equal(entries[i]->key, expected[i]);
    assert_null(entries[COUNT_OF(expected)]);
    free(entries);
    map_done(&map);
}

static void entries_keep_their_address_and_keys_may_contain_nul(void **state)
{
    struct map map;
    map_init(&map, NULL);

    struct map_entry *entry = map_put_bytes(&map, "a\0b", 3, &map);
    for (int i = 0; i < 1000; i++) {
        char name[32];
        snprintf(name, sizeof(name), "%d", i);
        map_put(&map, name, &map);
    }

    assert_ptr_equal(map_put_bytes(&map, "a\0b", 3, &entry), entry);
    assert_null(map_find(&map, "a"));
    assert_ptr_equal(map_find_bytes(&map, "a\0b", 3), &entry);
    map_done(&map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_map_holds_what_was_put_and_not_taken),
        cmocka_unit_test(sorted_entries_come_in_byte_order),
        cmocka_unit_test(entries_keep_their_address_and_keys_may_contain_nul),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
