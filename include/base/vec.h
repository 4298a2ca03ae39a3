/* base/vec.h - a typed growing array: `struct { VEC(struct thing *); } things = {0};`
 * Owns:    the array, not what its elements point to.
 * Thread:  one owner.
 * Errors:  none; only for lists whose length is bounded elsewhere. */
#pragma once

#include "base/alloc.h"

#define VEC(type)                                                                                                      \
    type *items;                                                                                                       \
    size_t count;                                                                                                      \
    size_t room

#define vec_push(vec, item)                                                                                            \
    do {                                                                                                               \
        if ((vec)->count == (vec)->room) {                                                                             \
            (vec)->room = (vec)->room != 0 ? (vec)->room * 2 : 2;                                                      \
            (vec)->items = xrealloc((vec)->items, (vec)->room * sizeof(*(vec)->items));                                \
        }                                                                                                              \
        (vec)->items[(vec)->count++] = (item);                                                                         \
    } while (0)

#define vec_done(vec)                                                                                                  \
    do {                                                                                                               \
        free((vec)->items);                                                                                            \
        (vec)->items = NULL;                                                                                           \
        (vec)->count = (vec)->room = 0;                                                                                \
    } while (0)
