/* Places: a message names the file and line of a function that was running when it was raised. */
#include "lua/place.h"

#include <ctype.h>
#include <lauxlib.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define LEVELS_MAX 100 /* of the stack that are looked through for the file that a message names */

void lua_place_find(lua_State *L, char ret_place[LUA_PLACE_MAX])
{
    lua_Debug activation;
    ret_place[0] = '\0';
    for (int level = 0; lua_getstack(L, level, &activation) != 0; level++) {
        lua_getinfo(L, "Sl", &activation);
        if (activation.currentline > 0) {
            snprintf(ret_place, LUA_PLACE_MAX, "%s:%d", activation.short_src, activation.currentline);
            return;
        }
    }
}

/* True when the text begins with a line of a file whose code is running: no other place is believed. */
static bool has_place(lua_State *L, const char *text)
{
    lua_Debug activation;
    for (int level = 0; level < LEVELS_MAX && lua_getstack(L, level, &activation) != 0; level++) {
        lua_getinfo(L, "S", &activation);
        size_t length = strlen(activation.short_src);
        if (activation.what[0] != 'C' && strncmp(text, activation.short_src, length) == 0 && text[length] == ':' &&
            isdigit((unsigned char)text[length + 1]))
            return true;
    }
    return false;
}

RAISES int lua_place_message(lua_State *L)
{
    char place[LUA_PLACE_MAX];
    if (lua_isstring(L, 1) || luaL_getmetafield(L, 1, "__tostring") != LUA_TNIL)
        luaL_tolstring(L, 1, NULL);
    else
        lua_pushfstring(L, lua_isnil(L, 1) ? "%s was raised" : "a %s was raised", luaL_typename(L, 1));
    lua_place_find(L, place);
    if (place[0] != '\0' && !has_place(L, lua_tostring(L, -1)))
        lua_pushfstring(L, "%s: %s", place, lua_tostring(L, -1));
    return 1;
}
