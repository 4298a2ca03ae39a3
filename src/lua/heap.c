/* Size classes over pages.  A page is never given back before the state is closed: the heap of rules is small, and what
 * they make in one run is garbage after it. */
#include "lua/heap.h"

#include <stdlib.h>
#include <string.h>

struct lua_heap_block {
    struct lua_heap_block *next;
};

struct lua_heap_page {
    struct lua_heap_page *next;
    max_align_t memory[];
};

static size_t class_of(size_t size)
{
    return (size - 1) / LUA_HEAP_STEP;
}

static void *take_fresh(struct lua_heap *heap, size_t bytes)
{
    if (heap->fresh_bytes < bytes) {
        struct lua_heap_page *page = malloc(LUA_HEAP_PAGE);
        if (page == NULL)
            return NULL;
        page->next = heap->pages;
        heap->pages = page;
        heap->fresh = (char *)page->memory;
        heap->fresh_bytes = LUA_HEAP_PAGE - offsetof(struct lua_heap_page, memory);
    }
    void *block = heap->fresh;
    heap->fresh += bytes;
    heap->fresh_bytes -= bytes;
    return block;
}

static void *take(struct lua_heap *heap, size_t size)
{
    if (size > LUA_HEAP_SMALL)
        return malloc(size);
    size_t class = class_of(size);
    struct lua_heap_block *block = heap->free[class];
    if (block == NULL)
        return take_fresh(heap, (class + 1) * LUA_HEAP_STEP);
    heap->free[class] = block->next;
    return block;
}

static void give_back(struct lua_heap *heap, void *pointer, size_t size)
{
    if (size > LUA_HEAP_SMALL) {
        free(pointer);
        return;
    }
    struct lua_heap_block *block = pointer;
    block->next = heap->free[class_of(size)];
    heap->free[class_of(size)] = block;
}

void *lua_heap_move(struct lua_heap *heap, void *pointer, size_t old_size, size_t new_size)
{
    if (pointer == NULL)
        return new_size != 0 ? take(heap, new_size) : NULL;
    if (new_size == 0) {
        give_back(heap, pointer, old_size);
        return NULL;
    }
    if (old_size > LUA_HEAP_SMALL && new_size > LUA_HEAP_SMALL)
        return realloc(pointer, new_size);
    if (old_size <= LUA_HEAP_SMALL && new_size <= LUA_HEAP_SMALL && class_of(old_size) == class_of(new_size))
        return pointer;
    void *moved = take(heap, new_size);
    if (moved == NULL)
        return new_size <= old_size ? pointer : NULL; /* shrinking must not fail */
    memcpy(moved, pointer, old_size < new_size ? old_size : new_size);
    give_back(heap, pointer, old_size);
    return moved;
}

void lua_heap_done(struct lua_heap *heap)
{
    while (heap->pages != NULL) {
        struct lua_heap_page *next = heap->pages->next;
        free(heap->pages);
        heap->pages = next;
    }
    *heap = (struct lua_heap){0};
}
