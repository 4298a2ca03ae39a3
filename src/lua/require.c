/* Modules are read when the set of rules is loaded: on demand, and then all that are left. */
#include "lua/require.h"

#include <lauxlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"

#define FOLDER "lib"

typedef int nresults;

static const char HOST_KEY, LOADED_KEY; /* their addresses are registry keys */
static const char LOADING;              /* stands for a module that is being run */

RAISES void lua_require_setup(lua_State *L, struct lua_host *host)
{
    lua_newtable(L);
    lua_insert(L, -2);
    lua_setfield(L, -2, "host");
    lua_rawsetp(L, LUA_REGISTRYINDEX, &LOADED_KEY);
    lua_pushlightuserdata(L, host);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &HOST_KEY);
}

static struct lua_host *host_of(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &HOST_KEY);
    struct lua_host *host = lua_touserdata(L, -1);
    lua_pop(L, 1);
    return host;
}

static bool is_module_name(const char *name, size_t length)
{
    return strncmp(name, FOLDER ".", sizeof(FOLDER)) == 0 && strlen(name) == length && name[length - 1] != '.' &&
           name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.")] == '\0' &&
           strstr(name, "..") == NULL;
}

/* "lib.naming" in the folder -> "folder/lib/naming.lua". */
static char *module_path(const char *folder, const char *name)
{
    char *path = xasprintf("%s/%s.lua", folder, name);
    for (char *at = path + strlen(folder); at < path + strlen(path) - 4; at++) {
        if (*at == '.')
            *at = '/';
    }
    return path;
}

/* Its text; the library's own modules come first, so that nobody's file takes their place. */
static int read_module(const struct lua_host *host, const char *name, struct buf *ret_text, struct err *err)
{
    AUTO(text) char *path = module_path(host->library, name);
    if (!file_exists(path) && host->overrides != NULL) {
        free(path);
        path = module_path(host->overrides, name);
    }
    if (!file_exists(path))
        return err_set(err, ERR_NOT_FOUND, "there is no module '%s'", name);
    return lua_host_read_file(path, ret_text, err);
}

/* Leaves the module on the stack. */
static int run_module(struct lua_host *host, const char *name, struct err *err)
{
    AUTO(buf) struct buf text = BUF_INIT(LUA_HOST_FILE_MAX);
    int rc = read_module(host, name, &text, err);
    return rc == 0 ? lua_host_run(host, &text, name, err) : rc;
}

/* Notes the value on top, which stays, as the module at index 1. */
static RAISES void note_module(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &LOADED_KEY);
    lua_pushvalue(L, 1);
    lua_pushvalue(L, -3);
    lua_rawset(L, -3);
    lua_pop(L, 1);
}

/* Pushes the module at index 1, if it was run before; else false. */
static RAISES bool push_loaded(lua_State *L, const char *name)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &LOADED_KEY);
    lua_pushvalue(L, 1);
    if (lua_rawget(L, -2) == LUA_TNIL) {
        lua_pop(L, 2);
        return false;
    }
    if (lua_touserdata(L, -1) == &LOADING)
        luaL_error(L, "the module '%s' requires itself", name);
    return true;
}

RAISES nresults lua_require(lua_State *L)
{
    size_t length;
    luaL_checktype(L, 1, LUA_TSTRING);
    const char *name = lua_tolstring(L, 1, &length);
    if (push_loaded(L, name))
        return 1;
    struct lua_host *host = host_of(L);
    luaL_argcheck(L, is_module_name(name, length), 1, "a module name like 'lib.naming' is expected");
    if (host->loaded)
        return luaL_error(L, "there is no module '%s' (all are read when the rules are loaded)", name);
    lua_pushlightuserdata(L, (void *)(uintptr_t)&LOADING);
    note_module(L);
    struct err *err = lua_newuserdatauv(L, sizeof(*err), 0);
    *err = (struct err)ERR_INIT;
    if (run_module(host, name, err) != 0)
        return luaL_error(L, "%s", err->text);
    note_module(L);
    return 1;
}

struct all {
    struct lua_host *host;
    const char *folder;
    const char *path; /* of the file at hand */
};

/* "folder/lib/a/b.lua" -> "lib/a/b.lua" */
static const char *below(const struct all *all)
{
    const char *rest = all->path + strlen(all->folder);
    return rest + strspn(rest, "/");
}

/* "folder/lib/a/b.lua" -> "lib.a.b", pushed. */
static RAISES const char *push_name(lua_State *L, const struct all *all)
{
    const char *rest = below(all);
    lua_pushlstring(L, rest, strlen(rest) - strlen(".lua"));
    luaL_gsub(L, lua_tostring(L, -1), "/", ".");
    return lua_tostring(L, -1);
}

static RAISES nresults require_file(lua_State *L)
{
    const struct all *all = lua_touserdata(L, 1);
    const char *name = push_name(L, all);
    if (!is_module_name(name, strlen(name)))
        return luaL_error(L, "%s:1: a module's name has letters, digits and _ only", all->path);
    lua_pushcfunction(L, lua_require);
    lua_insert(L, -2);
    lua_call(L, 1, 0);
    return 0;
}

static int visit(void *user, const char *path, struct err *err)
{
    struct all *all = user;
    size_t length = strlen(path);
    if (length < 4 || strcmp(path + length - 4, ".lua") != 0)
        return 0;
    all->path = path;
    AUTO(text) char *bundled = xasprintf("%s/%s", all->host->library, below(all));
    if (all->folder != all->host->library && file_exists(bundled))
        return err_set(err, ERR_RULE, "%s:1: the bundled rules have a module of this name: choose another", path);
    return lua_host_enter(all->host, require_file, all, err);
}

static int require_folder(struct lua_host *host, const char *folder, struct err *err)
{
    AUTO(text) char *path = xasprintf("%s/" FOLDER, folder);
    struct all all = {.host = host, .folder = folder};
    return file_exists(path) ? file_walk(path, visit, &all, err) : 0;
}

int lua_require_all(struct lua_host *host, struct err *err)
{
    int rc = require_folder(host, host->library, err);
    if (rc == 0 && host->overrides != NULL)
        rc = require_folder(host, host->overrides, err);
    host->loaded = rc == 0;
    return rc;
}
