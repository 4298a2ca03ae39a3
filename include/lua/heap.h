/* lua/heap.h - memory for a Lua state: small blocks come from pages by size class, large ones from malloc.
 * Owns:    its pages, until lua_heap_done.
 * Thread:  one owner.
 * Errors:  NULL when there is no memory, as Lua wants it. Lua tells the size of what it frees, so small blocks need no
 *          header and go to a list and back in a few instructions. */
#pragma once

#include <stddef.h>

#define LUA_HEAP_STEP  16 /* bytes between size classes */
#define LUA_HEAP_SMALL 512
#define LUA_HEAP_PAGE  (64u << 10)

struct lua_heap_block;
struct lua_heap_page;

struct lua_heap {
    struct lua_heap_block *free[LUA_HEAP_SMALL / LUA_HEAP_STEP];
    struct lua_heap_page *pages;
    char *fresh; /* the rest of the newest page */
    size_t fresh_bytes;
};

/* As a lua_Alloc: `pointer` NULL allocates, `new_size` 0 frees; `old_size` is what the block was asked for with. */
void *lua_heap_move(struct lua_heap *heap, void *pointer, size_t old_size, size_t new_size);
void lua_heap_done(struct lua_heap *heap);
