/* Any bytes as JSON for Lua: either refused with a sentence, or (where it is UTF-8) printed back as text that gives the same text again. */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdint.h>
#include <string.h>

#include "lua/convert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
    const char *text;
    size_t length;
    struct buf first, second;
};

static int round_trip(lua_State *L)
{
    struct input *input = lua_touserdata(L, 1);
    static const struct convert_print_options options = {.what = "value"};
    const char *problem = NULL;
    if (!convert_push(L, input->text, input->length, true, &problem)) {
        require_that(problem != NULL);
        return 0;
    }
    convert_print(L, -1, &options, &input->first);
    lua_settop(L, 1);
    require_that(convert_push(L, input->first.data, input->first.length, true, &problem));
    convert_print(L, -1, &options, &input->second);
    require_that(input->first.length == input->second.length &&
                 memcmp(input->first.data, input->second.data, input->first.length) == 0);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lua_State *L = luaL_newstate();
    convert_open(L);
    struct input input = {(const char *)data, size, BUF_OWN, BUF_OWN};
    lua_pushcfunction(L, round_trip);
    lua_pushlightuserdata(L, &input);
    lua_pcall(L, 1, 0, 0);
    buf_done(&input.first);
    buf_done(&input.second);
    lua_close(L);
    return 0;
}
