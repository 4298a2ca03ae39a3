/* Lua tells of each running function where its description is, and that begins with its place on the stack. */
#include "stack.h"

#include <stdint.h>

#define VALUE_SIZE 16 /* of Lua 5.4 */
#define SLACK      (16u << 10)

static uintptr_t place_of(const lua_Debug *activation)
{
    return *(const uintptr_t *)(const void *)activation->i_ci;
}

static int outermost_level(lua_State *L)
{
    lua_Debug activation;
    int low = 0, high = 1;
    while (lua_getstack(L, high, &activation) != 0) {
        low = high;
        high *= 2;
    }
    while (high - low > 1) {
        int middle = low + (high - low) / 2;
        if (lua_getstack(L, middle, &activation) != 0)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static size_t bytes_in_use(lua_State *L)
{
    lua_Debug inner, outer;
    if (lua_getstack(L, 0, &inner) == 0 || lua_getstack(L, outermost_level(L), &outer) == 0)
        return 0;
    return (size_t)(place_of(&inner) - place_of(&outer)) + (size_t)lua_gettop(L) * VALUE_SIZE;
}

/* The stack is doubled when it is full, or made bigger by as many values as a function returns. */
bool lua_stack_is_growing(lua_State *L, size_t block_size)
{
    if (block_size <= LUA_STACK_MAX)
        return false;
    return bytes_in_use(L) + LUA_RESULTS_MAX * VALUE_SIZE + SLACK >= LUA_STACK_MAX;
}
